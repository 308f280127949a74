// A clock that a test moves: what would take minutes takes none. Everything but `now` and the ticks is real.
import { randomBytes } from 'node:crypto';
import type { Scheduler } from '@throughline/core';

export interface MovedClock extends Scheduler {
  /** Lets so many milliseconds pass at once, and every tick be heard. */
  advance(ms: number): void;
}

export function createMovedClock(): MovedClock {
  let ahead = 0;
  const ticks = new Set<() => void>();
  return {
    advance(ms) {
      ahead += ms;
      for (const tick of ticks) tick();
    },
    now: () => Date.now() + ahead,
    turn: (task) => void setImmediate(task),
    after(ms, task) {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
    every(ms, task) {
      const timer = setInterval(task, ms).unref();
      ticks.add(task);
      return () => {
        clearInterval(timer);
        ticks.delete(task);
      };
    },
    random: Math.random,
    id: () => randomBytes(12).toString('base64url'),
  };
}
