// A real log in memory whose storage fails when it is told to, and may answer everything later, like a remote store.
import { memoryLog } from '@throughline/core';
import type { Appended, Awaitable, EventLog, NewEntry, UserLog } from '@throughline/core/log';

/** `throws`: at once. `rejects`: later. `stores_and_rejects`: the worst: the answer was lost. */
export type StorageFault = 'throws' | 'rejects' | 'stores_and_rejects';

export interface FaultyLog extends EventLog {
  /** The next so many appends of entries of this type fail. */
  failNext(type: string, count: number, fault: StorageFault): void;
}

/** What a store answers, as opposed to what its handle knows. */
const answers: readonly (string | symbol)[] = [
  'append',
  'read',
  'markAt',
  'active',
  'claim',
] satisfies (keyof UserLog)[];

/** @param later whether each answer comes in a later turn */
export function faultyLog(later: boolean): FaultyLog {
  const store = memoryLog();
  let failing: { type: string; left: number; fault: StorageFault } | undefined;

  function append(log: UserLog, batch: readonly NewEntry[]): Awaitable<Appended> {
    if (!failing || failing.left === 0 || !batch.some(({ type }) => type === failing?.type)) return log.append(batch);
    failing.left -= 1;
    const error = new Error('disk full');
    if (failing.fault === 'throws') throw error;
    if (failing.fault === 'stores_and_rejects') void log.append(batch);
    return new Promise((_, reject) => setImmediate(() => reject(error)));
  }

  return {
    failNext(type, left, fault) {
      failing = { type, left, fault };
    },
    async open(key) {
      const log = await store.open(key);
      // Its getters and private fields stay its own: only its answers are others.
      return new Proxy(log, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          const call = (...args: unknown[]): unknown =>
            name === 'append' ? append(target, args[0] as readonly NewEntry[]) : Reflect.apply(value, target, args);
          return later && answers.includes(name) ? (...args: unknown[]) => inALaterTurn(() => call(...args)) : call;
        },
      });
    },
    close: () => store.close(),
  };
}

async function inALaterTurn<Answer>(ask: () => Answer): Promise<Awaited<Answer>> {
  await new Promise((resolve) => setImmediate(resolve));
  return await ask();
}
