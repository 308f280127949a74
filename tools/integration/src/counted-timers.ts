// Real time, with the timers counted that wait in it: a test sees what a service leaves behind.
import { randomBytes } from 'node:crypto';
import type { Scheduler } from '@throughline/core';

export interface CountedTimers extends Scheduler {
  /** How many timers wait now. */
  readonly waiting: number;
}

export function createCountedTimers(): CountedTimers {
  const waiting = new Set<NodeJS.Timeout>();
  const cancel = (timer: NodeJS.Timeout) => () => {
    // Either kind is ended by it.
    clearTimeout(timer);
    waiting.delete(timer);
  };
  return {
    now: Date.now,
    turn: (task) => void setImmediate(task),
    after(ms, task) {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        task();
      }, ms);
      waiting.add(timer);
      return cancel(timer);
    },
    every(ms, task) {
      const timer = setInterval(task, ms).unref();
      waiting.add(timer);
      return cancel(timer);
    },
    random: Math.random,
    id: () => randomBytes(12).toString('base64url'),
    get waiting() {
      return waiting.size;
    },
  };
}
