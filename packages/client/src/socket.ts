// The WebSocket as this client uses it: the browser's own, or a constructor such as that of `ws`.
import { clientError } from './errors.js';

/** The part of a WebSocket that is used. */
export interface SocketPort {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
  send(text: string): void;
  close(code?: number): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => SocketPort;

/**
 * Makes a URL that a WebSocket takes: absolute, `ws:` or `wss:`, without a fragment.
 *
 * @throws `INVALID_OPTION` when that is impossible
 */
export function webSocketUrl(given: string | URL): URL {
  try {
    const url = new URL(given, globalThis.location?.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.hash = '';
    if (/^wss?:/.test(url.href)) return url;
  } catch {}
  throw clientError('INVALID_OPTION', 'url must be http(s) or ws(s), and absolute outside a page');
}
