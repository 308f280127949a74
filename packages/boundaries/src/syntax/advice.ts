/** What to write where a user is to be spoken to. */
export const SPEAK =
  "Speak to a user through getWebSocketManager(userContext): import { getWebSocketManager } from '@throughline/core'.";

/** What to write where sockets are to be accepted. */
export const SERVE =
  "Let the service accept sockets: startWebSocketService({ server, authenticate, onMessage }), import { startWebSocketService } from '@throughline/core'.";

/** What to write where a page or a program listens. */
export const LISTEN =
  "Listen with createClient({ url, getToken }): import { createClient } from '@throughline/client'.";
