// A client without opinions, for tests: it never loses a frame and never sends one by itself.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';

/** A frame as it came. */
export interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** How to knock. */
export interface KnockOptions {
  readonly token?: string;
  readonly from?: string;
  /** The threads to read; an empty list is none, no list is all. */
  readonly threads?: readonly string[];
  readonly acks?: boolean;
  readonly protocols?: string | string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** What else stands in the query. */
  readonly query?: Readonly<Record<string, string>>;
}

/** Why the service did not even upgrade. */
export interface Refused {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RawClient {
  readonly webSocket: WebSocket;
  /** All frames so far. */
  readonly frames: readonly Frame[];
  /** All events so far, as offsets of the log. */
  readonly offsets: readonly number[];
  /** Where it stands: behind the last event it got, else where it was welcomed. */
  readonly position: string;
  /** The close, once it has come. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** The next frame that was not taken yet. Rejects when the socket closes first. */
  next(): Promise<Frame>;
  /** Takes frames up to the first of a type (that has these fields) and returns it. */
  until(type: string, fields?: Readonly<Record<string, unknown>>): Promise<Frame>;
  send(frame: object | string | Buffer): void;
}

function knock(port: number, options: KnockOptions) {
  const { token, from, threads, acks, protocols = 'throughline.v1', headers, path = '/ws', query: more } = options;
  const query = new URLSearchParams({ ...more, ...(from !== undefined && { from }), ...(acks && { acks: '1' }) });
  for (const thread of threads?.length === 0 ? [''] : (threads ?? [])) query.append('threads', thread);
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const how: ClientOptions = { headers: { ...authorization, ...headers }, perMessageDeflate: false };
  return new WebSocket(`ws://127.0.0.1:${port}${path}?${query}`, protocols, how);
}

/** Connects; resolves when the socket is open. */
export async function connect(port: number, options: KnockOptions): Promise<RawClient> {
  const webSocket = knock(port, options);
  const frames: Frame[] = [];
  let taken = 0;
  let wake = () => {};
  let gone = false;
  webSocket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Frame);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    webSocket.on('close', (code, reason) => {
      gone = true;
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  await once(webSocket, 'open');
  webSocket.on('error', () => {});
  const client: RawClient = {
    webSocket,
    frames,
    closed,
    get offsets() {
      return frames.flatMap(({ offset }) => (typeof offset === 'number' ? [offset] : []));
    },
    get position() {
      const openings = ['welcome', 'reset', 'reading'];
      const opened = frames.findLast(({ type }) => openings.includes(type))?.position as string;
      const last = frames.findLast(({ offset }) => typeof offset === 'number');
      if (!last) return opened;
      return `${opened.split('.')[0]}.${last.offset as number}.${last.mark as string}`;
    },
    async next() {
      while (taken === frames.length) {
        if (gone) throw new Error(`The socket closed (${(await closed).code}) and no frame is left.`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return frames[taken++] as Frame;
    },
    async until(type, fields = {}) {
      for (;;) {
        const frame = await client.next();
        if (frame.type === type && Object.entries(fields).every(([name, value]) => frame[name] === value)) return frame;
      }
    },
    send(frame) {
      webSocket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
    },
  };
  return client;
}

/** Connects where the upgrade is refused, and returns how. */
export async function refusedUpgrade(port: number, options: KnockOptions): Promise<Refused> {
  const webSocket = knock(port, options);
  webSocket.on('error', () => {});
  const [, response] = (await once(webSocket, 'unexpected-response')) as [unknown, IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Refused['body'];
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
