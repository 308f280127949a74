// A scheduler whose clock goes many times as fast: what a log keeps for a day is forgotten while a measurement waits.
import { randomBytes } from 'node:crypto';
import type { Scheduler } from '@throughline/core';

/**
 * @param speed so many times as fast as the machine's clock
 * @param leastMs of the machine's clock: what is done again and again is not done more often
 */
export function fastClock(speed: number, leastMs: number): Scheduler {
  const started = Date.now();
  return {
    now: () => started + (Date.now() - started) * speed,
    turn: (task) => void setImmediate(task),
    after(ms, task) {
      const timer = setTimeout(task, ms / speed);
      return () => clearTimeout(timer);
    },
    every(ms, task) {
      const timer = setInterval(task, Math.max(leastMs, ms / speed)).unref();
      return () => clearInterval(timer);
    },
    random: Math.random,
    id: () => randomBytes(12).toString('base64url'),
  };
}
