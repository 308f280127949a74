// What the client needs from where it runs: time, chance and a page. Handed in, so that tests can bring their own.
import { type WatchPage, watchPage } from './page.js';

/** Calls `ring` once, after `ms` milliseconds; the function it returns calls that off. */
export type After = (ms: number, ring: () => void) => () => void;

export interface Surroundings {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly after: After;
  readonly watchPage: WatchPage;
}

/** Longer timers fire at once, in every engine: the delay is a signed number of 32 bits. */
const longestTimer = 2 ** 31 - 1;

/** Browser or Node, as they are. Nothing is touched before it is called. */
export const here: Surroundings = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, ring) {
    const timer = setTimeout(ring, Math.min(ms, longestTimer));
    return () => clearTimeout(timer);
  },
  watchPage,
};
