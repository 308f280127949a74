// Finds the credentials in an upgrade request: pure, and it never judges.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Carrier, Credentials } from './authenticator.js';
import type { Offer, OfferedCredentials } from './dialect.js';

/** Where credentials may be, in this order: what the page chose before what the browser adds by itself. */
const carriers: readonly Carrier[] = ['authorization', 'subprotocol', 'ticket', 'query', 'cookie'];

/** Where a dialect may look for credentials; all others are the service's own. */
export const offeredCarriers: readonly OfferedCredentials['carrier'][] = ['subprotocol', 'ticket', 'query'];

/** The names under which older pages have their token in a query. */
const queryTokens: readonly string[] = ['token', 'jwt', 'access_token'];

/**
 * All credentials of a request of this protocol.
 *
 * @param ticket the query's `ticket`
 */
export function findCredentials(
  headers: IncomingHttpHeaders,
  cookieName: string | undefined,
  ticket: string | null = null,
): readonly Credentials[] {
  return collectCredentials(headers, cookieName, offeredCredentials(subprotocolsOf(headers), ticket));
}

/**
 * All credentials of a request, at most one of each carrier, in the order of the carriers.
 *
 * @param offered what the dialect of the request found in its subprotocols and query
 */
export function collectCredentials(
  headers: IncomingHttpHeaders,
  cookieName: string | undefined,
  offered: readonly OfferedCredentials[],
): readonly Credentials[] {
  const ofDialect = (wanted: Carrier) => offered.find(({ carrier, token }) => carrier === wanted && token)?.token;
  const found: Partial<Record<Carrier, string | undefined>> = {
    authorization: /^bearer +([!-~]+) *$/i.exec(headers.authorization ?? '')?.[1],
    subprotocol: ofDialect('subprotocol'),
    ticket: ofDialect('ticket'),
    query: ofDialect('query'),
    cookie: cookieName === undefined ? undefined : findCookie(headers.cookie ?? '', cookieName),
  };
  return carriers.flatMap((carrier) => {
    const token = found[carrier];
    return token ? [{ token, carrier }] : [];
  });
}

/** What `throughline.v1` finds in an offer. */
export function offeredCredentials(
  subprotocols: readonly string[],
  ticket: string | null,
): readonly OfferedCredentials[] {
  const token = subprotocols.map(tokenOf).find(Boolean);
  return [
    ...(token === undefined ? [] : [{ token, carrier: 'subprotocol' as const }]),
    ...(ticket === null ? [] : [{ token: ticket, carrier: 'ticket' as const }]),
  ];
}

/** Whether an offer brings a token, or announces one, in a way of pages older than this protocol. */
export function looksOlder({ subprotocols, query }: Offer): boolean {
  return subprotocols.some((item) => /^(jwt|jwt-auth|bearer)(\.|$)/.test(item)) || hasQueryToken(query);
}

/** Whether a query brings a token as it is, under one of the names that older pages use. */
function hasQueryToken(query: URLSearchParams): boolean {
  return queryTokens.some((name) => query.has(name));
}

/**
 * Where credentials were looked for in vain, in words for an operator.
 *
 * @param offered the carriers at which the dialect of the request looks
 */
export function lookedAt(
  offered: readonly Carrier[],
  cookieName: string | undefined,
  { query }: Pick<Offer, 'query'>,
): string {
  const looked: readonly Carrier[] = [
    'authorization',
    ...offered,
    ...(cookieName === undefined ? [] : ['cookie' as const]),
  ];
  const places = `looked at ${carriers.filter((carrier) => looked.includes(carrier)).join(', ')}`;
  return hasQueryToken(query) && !looked.includes('query') ? `${places}; tokens in a query are not taken here` : places;
}

/** What an upgrade offers. */
export function offerOf({ url, headers }: Pick<IncomingMessage, 'url' | 'headers'>): Offer {
  const subprotocols = headers['sec-websocket-protocol'] === undefined ? [] : subprotocolsOf(headers);
  return { subprotocols, query: new URLSearchParams(url?.split('?')[1]) };
}

/** What the client offers in `Sec-WebSocket-Protocol`. */
export function subprotocolsOf(headers: IncomingHttpHeaders): readonly string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map((item) => item.trim());
}

/** Whether a subprotocol is this protocol, in whatever version. */
export function isVersion(item: string): boolean {
  return /^throughline\.v\d+$/.test(item);
}

/** What proxies leave behind, the most telling first. */
const traces = ['via', 'cf-ray', 'x-amzn-trace-id', 'x-azure-ref', 'fly-request-id', 'x-vercel-id', 'x-forwarded-by'];

/**
 * Which hop most likely took the credential out of a request that has none, in words for an operator.
 *
 * What it quotes was sent by strangers: at most 100 printable characters of it.
 */
export function likelyHop(headers: IncomingHttpHeaders): string | undefined {
  const name = traces.find((trace) => headers[trace] !== undefined);
  const said = String(headers[name ?? 'x-forwarded-for'] ?? '');
  if (said === '') return undefined;
  return `${name ?? 'x-forwarded-for'}: ${said.replace(/[^ -~]/g, '?').slice(0, 100)}`;
}

function tokenOf(item: string): string | undefined {
  if (item.startsWith('bearer.')) return item.slice('bearer.'.length);
  if (!/^bearer64\.[A-Za-z0-9_-]+$/.test(item)) return undefined;
  return Buffer.from(item.slice('bearer64.'.length), 'base64url').toString();
}

function findCookie(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const [key, ...rest] = pair.split('=');
    if (key?.trim() === name)
      return rest
        .join('=')
        .trim()
        .replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}
