// `ws` as its README recommends: authentication on upgrade, permessage-deflate off (its default), broken connections found by a
// ping every 30 s. One `JSON.stringify` per event and user. What is missed is lost.
import type { WebSocket } from 'ws';
import { webSocketWire } from '../wires/plain-wire.js';
import { authentication, bearerOf } from './authentication.js';
import { envelope } from './envelope.js';
import { httpServer, listen } from './listening.js';
import type { Peer } from './peer.js';

const pingMs = 30_000;

export const plainWs: Peer = {
  name: 'ws',
  title: 'plain ws',
  packages: ['ws', 'jose'],
  resumes: false,
  wire: webSocketWire,
  async serve(options) {
    const { WebSocketServer } = await import('ws');
    const authenticate = await authentication(options.publicKey);
    const server = httpServer(options);
    const webSocketServer = new WebSocketServer({ noServer: true });
    const users = new Map<string, Set<WebSocket>>();
    const alive = new WeakSet<WebSocket>();
    let handled = 0;

    const socketsOf = (user: string): Set<WebSocket> => {
      const known = users.get(user) ?? new Set();
      users.set(user, known);
      return known;
    };

    function open(webSocket: WebSocket, user: string): void {
      const sockets = socketsOf(user).add(webSocket);
      alive.add(webSocket);
      webSocket.on('error', () => {});
      webSocket.on('pong', () => alive.add(webSocket));
      webSocket.on('close', () => sockets.delete(webSocket));
      webSocket.on('message', (data: Buffer) => {
        const { id } = JSON.parse(data.toString()) as { readonly id: string };
        handled += 1;
        webSocket.send(JSON.stringify({ type: 'accepted', id }));
      });
    }

    setInterval(() => {
      for (const webSocket of webSocketServer.clients) {
        if (!alive.delete(webSocket)) webSocket.terminate();
        else webSocket.ping();
      }
    }, pingMs);
    server.on('upgrade', (request, socket, head) => {
      const onError = () => socket.destroy();
      socket.on('error', onError);
      void authenticate(bearerOf(request.headers.authorization)).then((user) => {
        if (user === undefined) {
          socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
          return;
        }
        socket.removeListener('error', onError);
        webSocketServer.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, user));
      });
    });
    return {
      port: await listen(server),
      get handled() {
        return handled;
      },
      speaker(user) {
        const sockets = socketsOf(user);
        const eventOf = envelope(user);
        return Promise.resolve({
          say(data) {
            const text = JSON.stringify(eventOf(data));
            for (const webSocket of sockets) webSocket.send(text);
            return undefined;
          },
        });
      },
    };
  },
};
