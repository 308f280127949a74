import { startWebSocketService } from '@throughline/core';
import Fastify from 'fastify';
import { answer } from './agent.js';
import type { Mounted } from './mounted.js';
import { type Credentials, createSignIn } from './sign-in.js';

export async function start(port: number): Promise<Mounted> {
  const { authenticate, tokenFor } = createSignIn();
  const app = Fastify();
  app.post<{ Body: Credentials }>('/sign-in', async (request, reply) => {
    const token = await tokenFor(request.body);
    return reply.code(token ? 200 : 401).send({ token });
  });

  const service = await startWebSocketService({ server: app.server, authenticate, onMessage: answer });
  // Not onClose: Fastify calls it when the server has closed, and the server waits for the sockets.
  app.addHook('preClose', () => service.drain());
  await app.listen({ port, host: '127.0.0.1' });
  return { server: app.server, close: () => app.close() };
}
