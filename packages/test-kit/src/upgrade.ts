// The HTTP half of a connection: what a client asks for and what a service answers.
import { subprotocol } from '@throughline/events/protocol';
import { createByteQueue } from './byte-queue.js';
import { testKitError } from './errors.js';

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

const emptyLine = '\r\n\r\n';
const mostHeadBytes = 64 * 1_024;
/** A page that says why somebody is refused is smaller. */
const mostBodyBytes = 1_024 * 1_024;

/** A token as an item of the subprotocol header: PROTOCOL.md, section 2. */
function bearerItem(token: string): string {
  if (/^[!#$%&'*+\-.^_`|~\w]+$/.test(token)) return `bearer.${token}`;
  return `bearer64.${Buffer.from(token).toString('base64url')}`;
}

/**
 * The text of an upgrade request.
 *
 * @throws OPTION_INVALID when an option would break a line of it: what is to be malformed is a client's `request`
 */
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
  const all = [`${method} ${url.pathname}${url.search} HTTP/1.1`, ...lines];
  if (all.some(breaksLine)) throw testKitError('OPTION_INVALID', 'A header field of an upgrade holds a line break.');
  return `${all.join('\r\n')}\r\n\r\n`;
}

/** Whether a text, once it is bytes, holds CR or LF: of a character beyond Latin-1 the lower byte is sent. */
function breaksLine(text: string): boolean {
  return /[\r\n]/.test(Buffer.from(text, 'latin1').toString('latin1'));
}

/** What the first bytes of a connection come to: an answer and what is behind it, or what was too long. */
type Answer = { readonly response: UpgradeResponse; readonly rest: Buffer } | { readonly excess: string };

/** The head of an answer, and where its body lies. */
interface ResponseHead extends Pick<UpgradeResponse, 'status' | 'headers'> {
  readonly start: number;
  readonly end: number;
}

/** Feed it the first bytes of a connection as they come. `undefined` while the answer is not whole; a body lasts as long as its `Content-Length` says. */
export function createResponseReader(): (bytes: Buffer) => Answer | undefined {
  const pending = createByteQueue();
  let searched = 0;
  let head: ResponseHead | undefined;
  return (bytes) => {
    pending.push(bytes);
    const { bytes: all } = pending;
    if (!head) {
      const headEnd = all.indexOf(emptyLine, Math.max(0, searched - emptyLine.length));
      searched = all.length;
      if ((headEnd < 0 ? all.length : headEnd) > mostHeadBytes) return { excess: 'an HTTP head of more than 64 KiB' };
      if (headEnd < 0) return undefined;
      head = readHead(all, headEnd);
    }
    const { status, headers, start, end } = head;
    if (end - start > mostBodyBytes) return { excess: 'an HTTP body of more than 1 MiB' };
    if (all.length < end) return undefined;
    return { response: { status, headers, body: all.toString('utf8', start, end) }, rest: all.subarray(end) };
  };
}

function readHead(bytes: Buffer, headEnd: number): ResponseHead {
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const start = headEnd + emptyLine.length;
  const { 'content-length': length = '' } = headers;
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    start,
    end: start + (/^\d+$/.test(length) ? Number(length) : 0),
  };
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
