// The time that a mission has.

export interface Clock {
  /** Milliseconds since the mission began. */
  elapsed(): number;
  /** What is left of the mission, in milliseconds, and at most so many: at least 1, so that a wait that is late fails instead of lasting. */
  left(mostMs: number): number;
}

/** @param now milliseconds that only grow */
export function startClock(now: () => number, deadlineMs: number): Clock {
  const begun = now();
  const elapsed = () => now() - begun;
  return { elapsed, left: (mostMs) => Math.max(1, Math.min(mostMs, deadlineMs - elapsed())) };
}
