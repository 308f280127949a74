/** A random id of 128 bits. `crypto.randomUUID` exists in secure contexts only; a page on a LAN is none. */
export function newId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
