// A port for a program that cannot be asked which one it took.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems hand out for port 0 (Linux: from 32,768): nobody else is given one in the meantime. */
const lowest = 20_000;
const count = 12_000;

/** A port of loopback at which nothing listens now. Picked at random, so that tests at the same time seldom meet. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * count);
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    } finally {
      server.close();
    }
  }
}
