import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { startWebSocketService } from '@throughline/core';
import { answer } from './agent.js';
import type { Mounted } from './mounted.js';
import { type Credentials, createSignIn, type SignIn } from './sign-in.js';

/** Your routes: here a sign-in. They never see the upgrades. */
export async function respond({ tokenFor }: SignIn, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/sign-in') {
    response.writeHead(404).end();
    return;
  }
  const credentials = await json(request).catch(() => null);
  const token = await tokenFor(credentials as Credentials | null);
  response.writeHead(token ? 200 : 401, { 'Content-Type': 'application/json' }).end(JSON.stringify({ token }));
}

export async function start(port: number): Promise<Mounted> {
  const signIn = createSignIn();
  const server = createServer((request, response) => void respond(signIn, request, response));
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
