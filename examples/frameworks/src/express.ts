import { once } from 'node:events';
import { createServer } from 'node:http';
import { startWebSocketService } from '@throughline/core';
import express from 'express';
import { answer } from './agent.js';
import type { Mounted } from './mounted.js';
import { createSignIn } from './sign-in.js';

export async function start(port: number): Promise<Mounted> {
  const { authenticate, tokenFor } = createSignIn();
  const app = express();
  app.use(express.json());
  app.post('/sign-in', async (request, response) => {
    const token = await tokenFor(request.body);
    response.status(token ? 200 : 401).json({ token });
  });

  // Not app.listen(), which makes a server of its own and hands it out only once it listens.
  const server = createServer(app);
  const service = await startWebSocketService({ server, authenticate, onMessage: answer });
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
