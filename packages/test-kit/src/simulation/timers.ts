// The timers of one process or page: they can be counted, and they die with it.
import type { CallOff, Owner, Timeline } from './timeline.js';

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
  const owner: Owner = { waiting: 0, killed: false };
  const after = (ms: number, run: () => void) => timeline.after(ms, run, owner);
  return {
    after,
    turn: (run) => timeline.turn(run, owner),
    every(ms, run) {
      let cancel: CallOff;
      const beat = () => {
        cancel = after(ms, beat);
        run();
      };
      cancel = after(ms, beat);
      return () => cancel();
    },
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    get waiting() {
      return owner.killed ? 0 : owner.waiting;
    },
    kill() {
      owner.killed = true;
    },
  };
}
