/**
 * An expression for every spelling of a deleted module: `websocket-manager-factory`, `webSocketManagerFactory`,
 * `web_socket_manager_factory`, `WEBSOCKET.MANAGER.FACTORY`.
 */
export function spellingsOf(module: string): string {
  const letters = module.replace(/[^a-z0-9]/gi, '');
  const separated = letters.split('').map((letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
  return separated.join('[-_. ]?');
}
