// Finds the credentials in an upgrade request: pure, and it never judges.
import type { IncomingHttpHeaders } from 'node:http';
import type { Carrier, Credentials } from './authenticator.js';

/** Where credentials are looked for, in this order: what the page chose before what the browser adds by itself. */
export const carriers: readonly Carrier[] = ['authorization', 'subprotocol', 'ticket', 'cookie'];

/**
 * All credentials of a request, at most one of each carrier, in the order of the carriers.
 *
 * @param ticket the query's `ticket`
 */
export function findCredentials(
  headers: IncomingHttpHeaders,
  cookieName: string | undefined,
  ticket: string | null = null,
): readonly Credentials[] {
  const found: Partial<Record<Carrier, string | undefined>> = {
    authorization: /^bearer +([!-~]+) *$/i.exec(headers.authorization ?? '')?.[1],
    subprotocol: subprotocolsOf(headers).map(tokenOf).find(Boolean),
    ticket: ticket ?? undefined,
    cookie: cookieName === undefined ? undefined : findCookie(headers.cookie ?? '', cookieName),
  };
  return carriers.flatMap((carrier) => {
    const token = found[carrier];
    return token ? [{ token, carrier }] : [];
  });
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
