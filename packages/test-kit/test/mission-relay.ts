// Something between a service and its clients that does one thing wrong: what a mission has to find.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';

/** A frame, as JSON has it. */
export type Said = Readonly<Record<string, unknown>> & { readonly type: string };

/** A connection that is carried. */
export interface Carried {
  /** What the client asked for. */
  readonly from: string;
  readonly client: WebSocket;
  say(frame: Said): void;
  /** Of the `welcome`. */
  user_id: string | undefined;
  /** Room for what a fault has to remember of this connection. */
  held: Said | undefined;
  count: number;
}

/** What is done wrong. Without any of these, everything is carried as it is. */
export interface RelayFault {
  /** What becomes of a request on its way to the service. */
  upgrade?(request: { readonly headers: IncomingHttpHeaders; readonly url: URL }): void;
  /** What the client is sent instead of a frame; `undefined`: the frame. */
  down?(frame: Said, link: Carried, links: ReadonlySet<Carried>): readonly Said[] | undefined;
  /** What the service is sent instead of a frame; `undefined`: the frame. */
  up?(frame: Said, link: Carried): readonly Said[] | undefined;
  /** The close code instead of this one. */
  close?(code: number): number;
  /** Called when a client is let in. */
  opened?(link: Carried): void;
}

export interface Relay extends AsyncDisposable {
  readonly url: string;
}

export async function startRelay(serviceUrl: string, fault: RelayFault): Promise<Relay> {
  const server = createServer();
  const accepting = new WebSocketServer({ noServer: true, handleProtocols: () => 'throughline.v1' });
  const links = new Set<Carried>();
  const upstreams = new Set<WebSocket>();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '', serviceUrl);
    const { headers } = request;
    fault.upgrade?.({ headers, url });
    const { origin, authorization } = headers;
    const upstream = new WebSocket(url, headers['sec-websocket-protocol']?.split(', ') ?? [], {
      headers: { ...(origin && { origin }), ...(authorization && { authorization }) },
      perMessageDeflate: false,
    });
    upstreams.add(upstream);
    const early: string[] = [];
    upstream.on('message', (data: Buffer) => early.push(data.toString()));
    upstream.on('unexpected-response', (_, response) => {
      socket.end(`HTTP/1.1 ${response.statusCode} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      upstream.terminate();
    });
    upstream.on('error', () => socket.destroy());
    upstream.once('open', () => {
      accepting.handleUpgrade(request, socket, head, (client) => carry(client, upstream, url, early));
    });
  });

  function carry(client: WebSocket, upstream: WebSocket, url: URL, early: readonly string[]): void {
    const link: Carried = {
      from: url.searchParams.get('from') ?? '',
      client,
      say: (frame) => client.send(JSON.stringify(frame)),
      user_id: undefined,
      held: undefined,
      count: 0,
    };
    const down = (text: string) => {
      const frame = JSON.parse(text) as Said;
      if (frame.type === 'welcome') link.user_id = String(frame['user_id']);
      for (const other of fault.down?.(frame, link, links) ?? [frame]) link.say(other);
    };
    links.add(link);
    upstream.removeAllListeners('message');
    for (const text of early) down(text);
    upstream.on('message', (data: Buffer) => down(data.toString()));
    client.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Said;
      for (const other of fault.up?.(frame, link) ?? [frame]) upstream.send(JSON.stringify(other));
    });
    upstream.on('close', (code, reason) => {
      const sent = fault.close?.(code) ?? code;
      if (sent === 1006 || sent === 1005) client.terminate();
      else client.close(sent, reason);
    });
    client.on('error', () => {});
    client.on('close', () => {
      links.delete(link);
      upstream.terminate();
    });
    fault.opened?.(link);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    async [Symbol.asyncDispose]() {
      for (const socket of [...upstreams, ...accepting.clients]) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
