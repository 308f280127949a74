// The timers of one process or page: they can be counted, and they die with it.
import type { CallOff, Timeline } from './timeline.js';

export interface Timers {
  after(ms: number, run: () => void): CallOff;
  every(ms: number, run: () => void): CallOff;
  turn(run: () => void): CallOff;
  /** Resolves after so many ms; never, should the process be killed before. */
  sleep(ms: number): Promise<void>;
  /** How many wait. */
  readonly waiting: number;
  /** The process is killed: nothing of it runs any more. */
  kill(): void;
}

export function createTimers(timeline: Timeline): Timers {
  const waiting = new Set<CallOff>();
  let killed = false;

  function wait(plan: (run: () => void) => CallOff, run: () => void): CallOff {
    if (killed) return () => {};
    const callOff = plan(() => {
      waiting.delete(cancel);
      run();
    });
    const cancel = () => {
      waiting.delete(cancel);
      callOff();
    };
    waiting.add(cancel);
    return cancel;
  }

  const after = (ms: number, run: () => void) => wait((task) => timeline.after(ms, task), run);
  return {
    after,
    turn: (run) => wait(timeline.turn, run),
    every(ms, run) {
      let cancel = () => {};
      const next = () => {
        cancel = after(ms, () => {
          next();
          run();
        });
      };
      next();
      return () => cancel();
    },
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    get waiting() {
      return waiting.size;
    },
    kill() {
      killed = true;
      for (const cancel of waiting) cancel();
    },
  };
}
