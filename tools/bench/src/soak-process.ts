// Starts the service of the soak as a process, and asks it things.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Order } from './soak-service.js';
import type { Sample } from './soak-verdict.js';

/**
 * Without the optimising compiler, which keeps finding something to compile for as long as it is let: its code was all
 * that a heap of a soak had more than after the warm-up.
 */
const nodeOptions = ['--expose-gc', '--no-opt', '--conditions=@throughline/source', '--import', 'tsx'];

export interface SoakProcess {
  /** Starts the service; its address. */
  start(): Promise<string>;
  sample(): Promise<Sample>;
  /** Telemetry by kind, close codes apart. */
  telemetry(): Promise<Readonly<Record<string, number>>>;
  /** Writes a heap snapshot. */
  snapshot(file: string): Promise<void>;
  /** Cuts some connection; whether there was one. */
  cut(how: 'fin' | 'reset'): Promise<boolean>;
  /** Closes the service. */
  stop(): Promise<void>;
  /** Ends the process. */
  end(): void;
}

export function startSoakProcess(): SoakProcess {
  const script = fileURLToPath(new URL('soak-service.ts', import.meta.url));
  const child = spawn(process.execPath, nodeOptions.concat(script), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let orders = 0;
  let death: Error | undefined;
  child.on('message', ({ id, result }: { id: number; result: unknown }) => {
    waiting.get(id)?.resolve(result);
    waiting.delete(id);
  });
  child.once('exit', (code, signal) => {
    death = new Error(`The service's process ended: ${code ?? signal}.`);
    for (const { reject } of waiting.values()) reject(death);
  });
  function ask<Result>(order: Order): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (death) {
        reject(death);
        return;
      }
      const id = ++orders;
      waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
      child.send({ id, order });
    });
  }
  return {
    start: async () => `ws://127.0.0.1:${await ask<number>({ order: 'start' })}/ws`,
    sample: () => ask({ order: 'sample' }),
    telemetry: () => ask({ order: 'telemetry' }),
    snapshot: (file) => ask({ order: 'snapshot', file }),
    cut: (how) => ask({ order: 'cut', how }),
    stop: () => ask({ order: 'stop' }),
    end() {
      if (child.connected) child.disconnect();
    },
  };
}
