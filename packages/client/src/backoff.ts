// How long to wait before trying again: section 9 of the protocol.

/** The bound of the first delay, what it grows to, and how long a connection must have lived to begin anew: ms. */
const smallestBound = 250;
const largestBound = 30_000;
const life = 10_000;

export interface Backoff {
  /** A delay in ms: anything from 0 to a bound that doubles each time (full jitter: clients that fell together rise apart). */
  next(): number;
  /** Whether trying at once is allowed: once in a row. */
  atOnce(): boolean;
  /** Begins anew when what just ended had lived long enough. */
  lived(ms: number): void;
}

export function createBackoff(random: () => number): Backoff {
  let failures = 0;
  let spent = false;
  return {
    next: () => random() * Math.min(largestBound, smallestBound * 2 ** failures++),
    atOnce() {
      const allowed = !spent;
      spent = true;
      return allowed;
    },
    lived(ms) {
      if (ms < life) return;
      failures = 0;
      spent = false;
    },
  };
}
