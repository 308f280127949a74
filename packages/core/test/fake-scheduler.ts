// A scheduler whose clock moves only when a test says so. Turns run on the real loop, because sockets do.
import { type Scheduler, systemScheduler } from '../src/scheduler.js';

interface Timer {
  at: number;
  readonly everyMs: number | undefined;
  readonly task: () => void;
}

export interface FakeScheduler extends Scheduler {
  /** Moves the clock; what comes due meanwhile runs in its order, at its time. */
  advance(ms: number): void;
  /** The same, and promises settle in between. */
  pass(ms: number): Promise<void>;
  /** How many timers wait. */
  readonly waiting: number;
}

export function fakeScheduler(start: number = Date.UTC(2026, 10, 20)): FakeScheduler {
  const timers = new Set<Timer>();
  const system = systemScheduler();
  let now = start;
  const add = (ms: number, everyMs: number | undefined, task: () => void) => {
    const timer = { at: now + ms, everyMs, task };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const runNext = (until: number): boolean => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.at <= until && (!next || timer.at < next.at)) next = timer;
    }
    if (!next) {
      now = until;
      return false;
    }
    now = Math.max(now, next.at);
    if (next.everyMs === undefined) timers.delete(next);
    else next.at += next.everyMs;
    next.task();
    return true;
  };
  return {
    ...system,
    now: () => now,
    after: (ms, task) => add(ms, undefined, task),
    every: (ms, task) => add(ms, ms, task),
    advance(ms) {
      const until = now + ms;
      while (runNext(until));
    },
    async pass(ms) {
      const until = now + ms;
      do await new Promise((resolve) => setImmediate(resolve));
      while (runNext(until));
      await new Promise((resolve) => setImmediate(resolve));
    },
    get waiting() {
      return timers.size;
    },
  };
}
