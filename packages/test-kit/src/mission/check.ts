// What a check is.
import type { Journey } from './journey.js';

/**
 * - `arrival`: nothing else makes sense without it
 * - `stay`: all at once
 * - `departure`: judges what all others have seen
 */
export type Stage = 'arrival' | 'stay' | 'departure';

/** One row of the suite. */
export interface Check {
  readonly name: string;
  /** What it is good for, as a sentence. */
  readonly why: string;
  readonly stage: Stage;
  /** @returns what is worth telling although nothing is wrong. @throws what is wrong, or what `notChecked` gives */
  run(journey: Journey): Promise<string | undefined>;
}
