/** A registry that nobody beyond this machine can see. */
function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * The address of a registry, as npm wants it, if it may be published to.
 *
 * @param publicly the explicit word that what is published may leave this machine
 * @throws when it is no address, or not on loopback and nobody said so
 */
export function checkedRegistry(address: string, publicly: boolean): string {
  if (!URL.canParse(address)) throw new Error(`The registry "${address}" is no address: give --registry with a URL.`);
  const url = new URL(address);
  if (!/^https?:$/.test(url.protocol)) throw new Error(`The registry ${address} speaks neither http nor https.`);
  if (url.username !== '' || url.password !== '')
    throw new Error('The address of the registry holds a password. Let npm keep it: npm login --registry <address>');
  if (!isLoopback(url) && !publicly)
    throw new Error(`${url.origin} is not on loopback. If everybody may see what is published: --public`);
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}
