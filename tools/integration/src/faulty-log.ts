// A real log in memory whose storage fails when it is told to.
import { memoryLog } from '@throughline/core';
import type { Appended, Awaitable, EventLog, NewEntry, UserLog } from '@throughline/core/log';

/** `throws`: at once. `rejects`: later, like a remote store. `stores_and_rejects`: the worst: the answer was lost. */
export type StorageFault = 'throws' | 'rejects' | 'stores_and_rejects';

export interface FaultyLog extends EventLog {
  /** The next so many appends of entries of this type fail. */
  failNext(type: string, count: number, fault: StorageFault): void;
}

export function faultyLog(): FaultyLog {
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
      // Its getters and private fields stay its own: only `append` is another.
      return new Proxy(log, {
        get(target, name) {
          if (name === 'append') return (batch: readonly NewEntry[]) => append(target, batch);
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
    close: () => store.close(),
  };
}
