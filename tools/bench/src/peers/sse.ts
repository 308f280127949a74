// Server-Sent Events on `node:http`: one response per session, one `write` per event; messages come as POST requests. What is
// missed is lost: the `id` of an event is sent, but nothing in Node keeps events.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ssePostWire, sseWire } from '../wires/sse-wire.js';
import { authentication, bearerOf } from './authentication.js';
import { envelope } from './envelope.js';
import { httpServer, listen } from './listening.js';
import type { Peer } from './peer.js';

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

export const sse: Peer = {
  name: 'sse',
  title: 'SSE on node:http',
  packages: ['jose'],
  resumes: false,
  wire: sseWire,
  messageWire: ssePostWire,
  async serve(options) {
    const authenticate = await authentication(options.publicKey);
    const users = new Map<string, Set<ServerResponse>>();
    let handled = 0;

    const responsesOf = (user: string): Set<ServerResponse> => {
      const known = users.get(user) ?? new Set();
      users.set(user, known);
      return known;
    };

    async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const user = await authenticate(bearerOf(request.headers.authorization));
      if (user === undefined) {
        response.writeHead(401).end();
        return;
      }
      if (request.method === 'POST') {
        const { id } = JSON.parse(await bodyOf(request)) as { readonly id: string };
        handled += 1;
        const answer = JSON.stringify({ type: 'accepted', id });
        response.writeHead(202, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer);
        return;
      }
      const responses = responsesOf(user).add(response);
      response.on('close', () => responses.delete(response));
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.flushHeaders();
    }

    const server = httpServer(options, (request, response) => {
      request.on('error', () => {});
      void respond(request, response).catch(() => response.destroy());
    });
    return {
      port: await listen(server),
      get handled() {
        return handled;
      },
      speaker(user) {
        const responses = responsesOf(user);
        const eventOf = envelope(user);
        return Promise.resolve({
          say(data) {
            const text = `id: ${data.n}\ndata: ${JSON.stringify(eventOf(data))}\n\n`;
            for (const response of responses) response.write(text);
            return undefined;
          },
        });
      },
    };
  },
};
