// Where pages of a legacy manager put their tokens, and how such a page is known by it.
import type { Offer, OfferedCredentials } from '@throughline/core';

/** The constants that such pages offer beside their token: a service selects one of them, and never the token. */
export const legacySubprotocols: readonly string[] = ['jwt-auth', 'jwt', 'bearer'];

/** The longest first: `jwt.` would be no mistake for `jwt-auth.`, but nobody should have to think about it. */
const tokenPrefixes: readonly string[] = legacySubprotocols.map((name) => `${name}.`);

/** The names under which a query holds a token, in the order in which they are looked at. */
const queryNames: readonly string[] = ['token', 'jwt', 'access_token'];

/** Three parts in base64url, as RFC 7515 writes a signed token. */
const jwt = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * What a legacy page offers.
 *
 * @returns its credentials; `undefined` for an upgrade that offers other subprotocols only. One that offers none at all is such a
 *   page: it may have a cookie, and `throughline.v1` is always offered
 */
export function findLegacyCredentials({ subprotocols, query }: Offer): readonly OfferedCredentials[] | undefined {
  const isKnown = (item: string) => legacySubprotocols.includes(item) || tokenPart(item) !== undefined;
  if (subprotocols.length > 0 && !subprotocols.some(isKnown)) return undefined;
  const inSubprotocol = subprotocols.map(tokenPart).find(Boolean);
  const inQuery = queryNames.map((name) => query.get(name)).find(Boolean);
  const ticket = query.get('ticket');
  return [
    ...(inSubprotocol ? [{ token: unwrapped(inSubprotocol), carrier: 'subprotocol' as const }] : []),
    ...(inQuery ? [{ token: unwrapped(inQuery), carrier: 'query' as const }] : []),
    ...(ticket ? [{ token: ticket, carrier: 'ticket' as const }] : []),
  ];
}

/** What stands behind the prefix of an item; `undefined` when it has none. */
function tokenPart(item: string): string | undefined {
  const prefix = tokenPrefixes.find((one) => item.startsWith(one));
  return prefix === undefined ? undefined : item.slice(prefix.length);
}

/** A token as the authenticator wants it: pages sent it as it is, in base64url, or with the word in front that a header has. */
function unwrapped(text: string): string {
  const plain = withoutScheme(text);
  if (jwt.test(plain)) return plain;
  const decoded = withoutScheme(Buffer.from(plain, 'base64url').toString());
  return jwt.test(decoded) ? decoded : plain;
}

function withoutScheme(text: string): string {
  return text.replace(/^bearer +/i, '');
}
