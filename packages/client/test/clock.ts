// Time, chance and a page in the hands of a test.
import type { Surroundings } from '../src/surroundings.js';

export interface Clock extends Surroundings {
  /** Lets time pass: what falls due rings, in order, also what is set meanwhile. */
  advance(ms: number): void;
  /** What `random` gives; 1 stands for the most it may give. */
  chance: number;
  /** Milliseconds until each timer that is set, soonest first. */
  readonly pending: readonly number[];
  /** A sign of life from the page. */
  sign(byPerson?: boolean): void;
  readonly watched: boolean;
}

export function createClock(): Clock {
  let time = 1_000_000;
  let made = 0;
  const timers = new Map<number, { readonly at: number; readonly ring: () => void }>();
  let report: ((byPerson?: boolean) => void) | undefined;
  const soonest = () => [...timers].sort(([a, { at: x }], [b, { at: y }]) => x - y || a - b);
  const clock: Clock = {
    chance: 1,
    now: () => time,
    random: () => (clock.chance === 1 ? 1 - Number.EPSILON : clock.chance),
    after(ms, ring) {
      const id = ++made;
      timers.set(id, { at: time + ms, ring });
      return () => void timers.delete(id);
    },
    advance(ms) {
      const end = time + ms;
      for (;;) {
        const [next] = soonest();
        if (!next || next[1].at > end) break;
        timers.delete(next[0]);
        time = Math.max(time, next[1].at);
        next[1].ring();
      }
      time = end;
    },
    get pending() {
      return soonest().map(([, { at }]) => at - time);
    },
    watchPage(next) {
      report = next;
      return () => {
        report = undefined;
      };
    },
    sign: (byPerson) => report?.(byPerson),
    get watched() {
      return report !== undefined;
    },
  };
  return clock;
}
