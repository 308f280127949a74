// The HTTP half of a connection: what a client asks for and what a service answers.
import { subprotocol } from '@throughline/events/protocol';

/** What an upgrade asks for. */
export interface UpgradeOptions {
  readonly token?: string;
  /** Where the token goes. Default `subprotocol`, as a browser sends it. */
  readonly carrier?: 'subprotocol' | 'authorization';
  /** A one-time ticket, in the query. */
  readonly ticket?: string;
  /** Where reading is to open: `active`, a position, or both joined by a comma. Default: nothing is said. */
  readonly from?: string;
  /** The threads to read; an empty list is none, no list is all. */
  readonly threads?: readonly string[];
  /** Promises acknowledgements. `automatic` sends them as PROTOCOL.md asks; `manual` leaves them to you. Default: none. */
  readonly acks?: 'automatic' | 'manual';
  /** Offered instead of `throughline.v1` and the token. An empty list: no such header. */
  readonly protocols?: readonly string[];
  /** Header fields to add or replace, by their usual names; `null` takes one away. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Default `GET`. */
  readonly method?: string;
}

/** What a service answered to the upgrade. */
export interface UpgradeResponse {
  /** 101 when the connection is a WebSocket now. */
  readonly status: number;
  /** Header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The key of the RFC's own example, and how it is answered. */
const exampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';
const exampleAccept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** A token as an item of the subprotocol header: PROTOCOL.md, section 2. */
function bearerItem(token: string): string {
  if (/^[!#$%&'*+\-.^_`|~\w]+$/.test(token)) return `bearer.${token}`;
  return `bearer64.${Buffer.from(token).toString('base64url')}`;
}

/** The text of an upgrade request. */
export function upgradeRequest(address: URL, options: UpgradeOptions): string {
  const { method = 'GET', token, carrier = 'subprotocol', ticket, from, threads, acks } = options;
  const url = new URL(address);
  if (from !== undefined) url.searchParams.set('from', from);
  for (const thread of threads?.length === 0 ? [''] : (threads ?? [])) url.searchParams.append('threads', thread);
  if (acks !== undefined) url.searchParams.set('acks', '1');
  if (ticket !== undefined) url.searchParams.set('ticket', ticket);
  const inProtocols = token !== undefined && carrier === 'subprotocol';
  const protocols = options.protocols ?? [subprotocol, ...(inProtocols ? [bearerItem(token)] : [])];
  const headers: Record<string, string | null> = {
    Host: url.host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': exampleKey,
    'Sec-WebSocket-Protocol': protocols.length > 0 ? protocols.join(', ') : null,
    ...(token !== undefined && carrier === 'authorization' ? { Authorization: `Bearer ${token}` } : {}),
    ...options.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return `${[`${method} ${url.pathname}${url.search} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}

/**
 * Reads an answer from the first bytes of a connection.
 *
 * @returns the answer and where it ends; `undefined` while it is not whole. A body lasts as long as its `Content-Length` says.
 */
export function readResponse(bytes: Buffer): { readonly response: UpgradeResponse; readonly end: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const start = headEnd + 4;
  const end = start + Number(headers['content-length'] ?? 0);
  if (bytes.length < end) return undefined;
  const status = Number(statusLine.split(' ')[1]);
  return { response: { status, headers, body: bytes.toString('utf8', start, end) }, end };
}

/** What a service that upgrades must not answer. */
export function upgradeFlaws({ status, headers }: UpgradeResponse, options: UpgradeOptions): string[] {
  if (status !== 101) return [];
  const isOwnKey = options.headers?.['Sec-WebSocket-Key'] === undefined;
  const isAccepted = !isOwnKey || headers['sec-websocket-accept'] === exampleAccept;
  const flaws = isAccepted ? [] : ['a Sec-WebSocket-Accept of another key'];
  if (headers['sec-websocket-extensions'] !== undefined) flaws.push('an extension that was not offered');
  return flaws;
}
