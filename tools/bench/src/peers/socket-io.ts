// Socket.IO as its documentation recommends: authentication in a middleware, a room for each user, the first request discarded
// to save memory, and here the WebSocket transport from the start. What is missed is lost.
import { socketIoWire } from '../wires/socket-io-wire.js';
import { authentication } from './authentication.js';
import { envelope } from './envelope.js';
import { httpServer, listen } from './listening.js';
import type { Peer, PeerServer, ServeOptions } from './peer.js';

/** @param recovery whether packets are kept for those who come back, for two minutes as in the documentation */
export async function serveSocketIo(options: ServeOptions, recovery: boolean): Promise<PeerServer> {
  const { Server } = await import('socket.io');
  const authenticate = await authentication(options.publicKey);
  const server = httpServer(options);
  const io = new Server(server, {
    transports: ['websocket'],
    serveClient: false,
    ...(recovery && { connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: true } }),
  });
  let handled = 0;
  io.engine.on('connection', (rawSocket: { request: unknown }) => {
    rawSocket.request = null;
  });
  io.use((socket, next) => {
    const { token } = socket.handshake.auth as { readonly token?: string };
    void authenticate(token).then((user) => {
      socket.data = { user };
      next(user === undefined ? new Error('unauthorised') : undefined);
    });
  });
  io.on('connection', (socket) => {
    // A recovered socket is in its rooms already.
    if (!socket.recovered) void socket.join((socket.data as { readonly user: string }).user);
    socket.on('message', (_: unknown, accept: (answer: string) => void) => {
      handled += 1;
      accept('accepted');
    });
  });
  return {
    port: await listen(server),
    get handled() {
      return handled;
    },
    speaker(user) {
      const eventOf = envelope(user);
      return Promise.resolve({
        say(data) {
          io.to(user).emit('event', eventOf(data));
          return undefined;
        },
      });
    },
  };
}

export const socketIo: Peer = {
  name: 'socket.io',
  title: 'Socket.IO',
  packages: ['socket.io', 'engine.io', 'jose'],
  resumes: false,
  wire: socketIoWire,
  serve: (options) => serveSocketIo(options, false),
};
