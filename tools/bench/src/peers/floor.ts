// The floor: a bare socket, one `JSON.stringify` and one `write` per event, a line feed between two. Nothing can be less that
// builds an event and sends it at once.
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { lineWire } from '../wires/line-wire.js';
import { authentication } from './authentication.js';
import { envelope } from './envelope.js';
import { listen } from './listening.js';
import type { Peer } from './peer.js';

interface Line {
  readonly token?: string;
  readonly id?: string;
}

export const floor: Peer = {
  name: 'floor',
  title: 'floor: bare socket',
  packages: ['jose'],
  resumes: false,
  wire: lineWire,
  async serve(options) {
    const authenticate = await authentication(options.publicKey);
    const users = new Map<string, Set<Socket>>();
    let handled = 0;

    const socketsOf = (user: string): Set<Socket> => {
      const known = users.get(user) ?? new Set();
      users.set(user, known);
      return known;
    };

    async function open(socket: Socket, token: string | undefined): Promise<void> {
      const user = await authenticate(token);
      if (user === undefined) {
        socket.destroy();
        return;
      }
      const sockets = socketsOf(user).add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.write('{"type":"welcome"}\n');
    }

    function onSocket(socket: Socket): void {
      let rest = '';
      socket.setNoDelay(true);
      socket.setEncoding('utf8');
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const { token, id } = JSON.parse(line) as Line;
          if (id === undefined) {
            void open(socket, token);
          } else {
            handled += 1;
            socket.write(`${JSON.stringify({ type: 'accepted', id })}\n`);
          }
        }
      });
    }

    const server = options.tls ? createTlsServer(options.tls, onSocket) : createServer(onSocket);
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
            const text = `${JSON.stringify(eventOf(data))}\n`;
            for (const socket of sockets) socket.write(text);
            return undefined;
          },
        });
      },
    };
  },
};
