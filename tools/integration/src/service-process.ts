// Starts the troubled service as a process, so that a test can say whether it lives.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TelemetryEvent } from '@throughline/core';
import type { Task } from './agents.js';
import { openRawClient, type RawClient, type RawClientOptions } from './raw-client.js';
import { tokenOf } from './tokens.js';
import type { Order } from './troubled-service.js';

export interface ServiceProcess extends AsyncDisposable {
  readonly url: string;
  /** Everything it wrote to stdout and stderr. */
  output(): string;
  /** Why it is dead; `undefined` while it lives. */
  readonly death: string | undefined;
  readonly exited: Promise<number | null>;
  /** `memory`: bytes in use. `sessions`: how many are open. */
  order(order: { readonly order: 'memory' | 'sessions' }): Promise<number>;
  order(order: { readonly order: 'telemetry' }): Promise<readonly TelemetryEvent[]>;
  order(order: { readonly order: 'authenticate'; readonly token: string }): Promise<string>;
  order(order: Order): Promise<void>;
  connect(user: string, changes?: Partial<RawClientOptions>): Promise<RawClient>;
  open(user: string, changes?: Partial<RawClientOptions>): Promise<RawClient>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Asks an agent for something; its message's id. */
export function ask(client: RawClient, task: Task, id: string, thread_id = 't-1'): string {
  client.send({ type: 'message', id, thread_id, data: task });
  return id;
}

export async function startServiceProcess(
  ...options: ('telemetry-to-stderr' | 'later-log')[]
): Promise<ServiceProcess> {
  const script = fileURLToPath(new URL('./troubled-service.ts', import.meta.url));
  const node = ['--expose-gc', '--conditions=@throughline/source', '--import', 'tsx', script, ...options];
  const child: ChildProcess = spawn(process.execPath, node, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  let death: string | undefined;
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code, signal) => {
      death = `exit ${code ?? signal}: ${output.slice(-2_000)}`;
      for (const { reject } of waiting.values()) reject(new Error(`The service died: ${death}`));
      resolve(code);
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (message: { port?: number; id?: number; answer?: unknown }) => {
      if (message.port !== undefined) resolve(message.port);
      if (message.id === undefined) return;
      waiting.get(message.id)?.resolve(message.answer);
      waiting.delete(message.id);
    });
    void exited.then(() => reject(new Error(`The service did not start: ${death}`)));
  });
  const url = `ws://127.0.0.1:${port}/ws`;
  const clients: RawClient[] = [];
  let orders = 0;

  async function connect(user: string, changes: Partial<RawClientOptions> = {}): Promise<RawClient> {
    const client = openRawClient({ url, token: await tokenOf(user), ...changes });
    clients.push(client);
    return client;
  }

  return {
    url,
    output: () => output,
    get death() {
      return death;
    },
    exited,
    order(order: Order): Promise<never> {
      return new Promise((resolve, reject) => {
        if (death) throw new Error(`The service is dead: ${death}`);
        const id = ++orders;
        waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
        child.send({ id, order });
      });
    },
    connect,
    async open(user, changes) {
      const client = await connect(user, changes);
      await client.welcome;
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.reset();
      if (death) return;
      child.kill('SIGKILL');
      await exited;
    },
  };
}
