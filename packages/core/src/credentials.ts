// Finds the credential in an upgrade request: pure, and it never judges.
import type { IncomingHttpHeaders } from 'node:http';
import type { Credentials } from './authenticator.js';

/** Where credentials are looked for, in this order: what the page chose before what the browser adds by itself. */
export function findCredentials(headers: IncomingHttpHeaders, cookieName: string | undefined): Credentials | undefined {
  const authorization = /^bearer +([!-~]+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (authorization !== undefined) return { token: authorization, carrier: 'authorization' };
  for (const item of subprotocolsOf(headers)) {
    const token = tokenOf(item);
    if (token) return { token, carrier: 'subprotocol' };
  }
  const cookie = cookieName === undefined ? undefined : findCookie(headers.cookie ?? '', cookieName);
  return cookie ? { token: cookie, carrier: 'cookie' } : undefined;
}

/** What the client offers in `Sec-WebSocket-Protocol`. */
export function subprotocolsOf(headers: IncomingHttpHeaders): readonly string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map((item) => item.trim());
}

/** Whether a subprotocol is this protocol, in whatever version. */
export function isVersion(item: string): boolean {
  return /^throughline\.v\d+$/.test(item);
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
