// What all parts of a simulation share: time, chance, the trace, and where a broken promise is told.
import type { Failure } from './failure.js';
import type { Random } from './random.js';
import type { Timeline } from './timeline.js';
import type { Timers } from './timers.js';
import type { Trace } from './trace.js';

export interface World {
  readonly timeline: Timeline;
  /** The timers of whoever belongs to no process: the script, the users. */
  readonly timers: Timers;
  readonly random: Random;
  readonly trace: Trace;
  /** The first broken promise. */
  readonly failure: Failure | undefined;
  /** Told of a broken promise; only the first counts. Never throws: whoever calls may be called by what is tested. */
  fail(invariant: string, who: string, what: string): void;
}

/** How many lines are shown around what was wrong. */
const neighbours = 24;

export function createWorld(parts: Omit<World, 'failure' | 'fail'>): World {
  let failure: Failure | undefined;
  return {
    ...parts,
    get failure() {
      return failure;
    },
    fail(invariant, who, what) {
      if (failure) return;
      const { timeline, trace } = parts;
      failure = { invariant, who, what, at: timeline.elapsed, neighbours: trace.latest(who, neighbours) };
    },
  };
}
