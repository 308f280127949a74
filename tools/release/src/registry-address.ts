/** A registry that nobody beyond this machine can see. */
function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * The address of a registry, as npm wants it, if it may be published to. No error repeats more of an address than where it leads to.
 *
 * @param publicly the explicit word that what is published may leave this machine
 * @throws when it is no address, holds a password, is not on loopback and nobody said so, or would be sent the token unencrypted
 */
export function checkedRegistry(address: string, publicly: boolean): string {
  if (!URL.canParse(address)) throw new Error('The registry is no address: give --registry with a URL.');
  const url = new URL(address);
  if (url.username !== '' || url.password !== '')
    throw new Error('The address of the registry holds a password. Let npm keep it: npm login --registry <address>');
  if (!/^https?:$/.test(url.protocol))
    throw new Error(`The registry speaks neither http nor https: its address begins with ${url.protocol}`);
  if (!isLoopback(url)) {
    if (!publicly)
      throw new Error(`${url.origin} is not on loopback. If everybody may see what is published: --public`);
    if (url.protocol !== 'https:')
      throw new Error(`${url.origin} would be sent the token unencrypted: give the registry's https: address.`);
  }
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}
