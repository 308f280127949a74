// A real Redis on loopback, for whoever depends on one: started, stopped and made to hang by tests.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './proxies/free-port.js';
import { type ProxyProcess, startProxyProcess } from './proxies/proxy-process.js';

export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Takes connections and answers nothing, until `wake`. */
  hang(): void;
  wake(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A place for a Redis, where none runs yet. @param signal ends it, should the test not come to its end */
export async function createRedisServer(signal: AbortSignal): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-redis-'));
  const port = await freePort();
  let running: ProxyProcess | undefined;
  async function stop(): Promise<void> {
    running?.signal('SIGCONT');
    await running?.end();
    running = undefined;
  }
  return {
    port,
    async start() {
      const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
      running = await startProxyProcess('redis-server', args, { folder, listensAt: [port], signal });
    },
    stop,
    hang: () => running?.signal('SIGSTOP'),
    wake: () => running?.signal('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks Redis whether it is there. @throws when nobody listens, or what answers is no Redis */
export async function pingRedis(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (answer.toString() !== '+PONG\r\n') throw new Error(`Redis answers ${answer.toString()}`);
  } finally {
    socket.destroy();
  }
}
