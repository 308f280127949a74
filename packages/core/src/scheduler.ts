// Time, randomness and the turn, handed in at the start so that a simulation can bring its own.
import { randomBytes } from 'node:crypto';
import { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from 'node:timers';

/** Ends what it was given for. */
export type Cancel = () => void;

/** Everything that would make two executions of the same program differ. */
export interface Scheduler {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once, when the code that runs now has finished and before the next input is read. */
  turn(task: () => void): void;
  /** Runs `task` once, after `ms` milliseconds (at most {@link longestTimerMs}). Keeps the process alive until then. */
  after(ms: number, task: () => void): Cancel;
  /** Runs `task` every `ms` milliseconds. Does not keep the process alive. */
  every(ms: number, task: () => void): Cancel;
  /** A number in [0, 1). */
  random(): number;
  /** 16 characters of base64url: 96 bits nobody can guess. */
  id(): string;
}

/** The longest time, in ms, that a timer of Node keeps: beyond it they fire at once. */
export const longestTimerMs = 2_147_483_647;

/** How long ago a time was, in ms. A clock may be set back: never less than 0. */
export function elapsedSince({ now }: Pick<Scheduler, 'now'>, time: number): number {
  return Math.max(0, now() - time);
}

const idBytes = 12;
/** Randomness is asked for once for so many ids: a call costs as much as a hundred of them. */
const idsAtOnce = 128;

/** The scheduler of a real process. */
export function systemScheduler(): Scheduler {
  let pool = Buffer.alloc(0);
  let used = 0;
  return {
    now: Date.now,
    turn: (task) => void setImmediate(task),
    after: (ms, task) => {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
    every: (ms, task) => {
      const timer = setInterval(task, ms).unref();
      return () => clearInterval(timer);
    },
    random: Math.random,
    id: () => {
      if (used === pool.length) {
        pool = randomBytes(idBytes * idsAtOnce);
        used = 0;
      }
      used += idBytes;
      return pool.toString('base64url', used - idBytes, used);
    },
  };
}
