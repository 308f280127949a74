import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import { startWebSocketService } from '@throughline/core';
import { answer } from './agent.js';
import type { Mounted } from './mounted.js';
import { respond } from './node-http.js';
import { createSignIn } from './sign-in.js';

/** As `node-http.ts`, with TLS: pages connect to `wss:`. */
export async function start(port: number, { key, cert }: Pick<ServerOptions, 'key' | 'cert'> = {}): Promise<Mounted> {
  const signIn = createSignIn();
  const server = createServer({ key, cert }, (request, response) => void respond(signIn, request, response));
  const service = await startWebSocketService({ server, authenticate: signIn.authenticate, onMessage: answer });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    async close() {
      await service.drain();
      await new Promise((closed) => server.close(closed));
    },
  };
}
