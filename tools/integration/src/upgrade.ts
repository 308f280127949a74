// The HTTP half of a connection: what a client asks for and what a service answers.
import { subprotocol } from '@throughline/events/protocol';

/** What an upgrade asks for. */
export interface UpgradeRequest {
  /** Of the service: `ws://127.0.0.1:1234/ws`. */
  readonly url: string;
  /** Offered as the subprotocol item `bearer.<token>`. */
  readonly token?: string;
  /** The query's `from`; not sent when absent. */
  readonly from?: string;
  /** Whether acknowledgements are promised. */
  readonly acks?: boolean;
  /** Offered instead of `throughline.v1` and the token. An empty list: no such header. */
  readonly protocols?: readonly string[];
  /** Header fields to add or replace, by their usual names; `null` takes one away. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly method?: string;
}

/** What a service answered. */
export interface UpgradeResponse {
  readonly status: number;
  /** Header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The text of an upgrade request. */
export function upgradeText(request: UpgradeRequest): string {
  const { method = 'GET', token, from, acks } = request;
  const url = new URL(request.url);
  if (from !== undefined) url.searchParams.set('from', from);
  if (acks) url.searchParams.set('acks', '1');
  const protocols = request.protocols ?? [subprotocol, ...(token === undefined ? [] : [`bearer.${token}`])];
  const headers: Record<string, string | null> = {
    Host: url.host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': protocols.length > 0 ? protocols.join(', ') : null,
    ...request.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return `${[`${method} ${url.pathname}${url.search} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}

/**
 * Reads an answer from the first bytes of a connection.
 *
 * @returns the answer and where it ends; `undefined` when it is not whole yet. A body lasts as long as its
 *   `Content-Length` says.
 */
export function parseResponse(bytes: Buffer): { readonly response: UpgradeResponse; readonly end: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const start = headEnd + 4;
  const end = start + Number(headers['content-length'] ?? 0);
  if (bytes.length < end) return undefined;
  return {
    response: { status: Number(statusLine.split(' ')[1]), headers, body: bytes.toString('utf8', start, end) },
    end,
  };
}
