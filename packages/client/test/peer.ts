// The other end of a real WebSocket, which does exactly what a test tells it: also what no service should.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WelcomeFrame } from '@throughline/events/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { at } from './script.js';

type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

export interface Visit {
  /** The query's `from`. */
  readonly from: string | null;
  readonly acks: string | null;
  readonly url: string;
  readonly protocols: readonly string[];
  /** Every frame so far. */
  readonly frames: readonly Frame[];
  readonly socket: WebSocket;
  /** The next frame of a type that was not yet asked for. */
  next(type: string): Promise<Frame>;
  /** Sends frames; text and binary as they are. */
  send(...frames: readonly unknown[]): void;
  welcome(changes?: Partial<Record<keyof WelcomeFrame, unknown>>): void;
  /** Resolves with the code when the client's close has come. */
  readonly closed: Promise<number>;
  /** Stops reading: the client's frames, its close among them, go unanswered. */
  freeze(): void;
}

export interface Peer extends AsyncDisposable {
  readonly url: string;
  readonly visits: readonly Visit[];
  /** The n-th connection, counted from 0. */
  visit(number: number): Promise<Visit>;
}

export async function openPeer(onRequest: (request: IncomingMessage) => void = () => {}): Promise<Peer> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: (offered) => (offered.has('throughline.v1') ? 'throughline.v1' : false),
  });
  await once(server, 'listening');
  const visits: Visit[] = [];
  const awaited: (() => void)[] = [];
  server.on('connection', (socket, request) => {
    onRequest(request);
    visits.push(receive(socket, request));
    for (const look of awaited.splice(0)) look();
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    visits,
    async visit(number) {
      for (;;) {
        const visit = visits[number];
        if (visit) return visit;
        await new Promise<void>((look) => awaited.push(look));
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

function receive(socket: WebSocket, request: IncomingMessage): Visit {
  const frames: Frame[] = [];
  const awaited: (() => void)[] = [];
  const taken = new Set<Frame>();
  const url = new URL(request.url ?? '', 'ws://peer');
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Frame);
    for (const look of awaited.splice(0)) look();
  });
  const visit: Visit = {
    from: url.searchParams.get('from'),
    acks: url.searchParams.get('acks'),
    url: request.url ?? '',
    protocols: (request.headers['sec-websocket-protocol'] ?? '').split(',').map((item) => item.trim()),
    frames,
    socket,
    async next(type) {
      for (;;) {
        const frame = frames.find((one) => one.type === type && !taken.has(one));
        if (frame) {
          taken.add(frame);
          return frame;
        }
        await new Promise<void>((look) => awaited.push(look));
      }
    },
    send(...says) {
      for (const one of says) {
        socket.send(typeof one === 'string' || Buffer.isBuffer(one) ? one : JSON.stringify(one));
      }
    },
    welcome(changes) {
      visit.send({
        type: 'welcome',
        session_id: 's-1',
        user_id: 'ada',
        position: url.searchParams.get('from') === 'active' ? at(0) : url.searchParams.get('from'),
        head: 0,
        heartbeat_ms: 25_000,
        expires_in_ms: null,
        max_frame_bytes: 262_144,
        ...changes,
      });
    },
    closed: once(socket, 'close').then(([code]) => code as number),
    freeze() {
      socket.pause();
    },
  };
  return visit;
}
