import type { Draft } from './draft.js';
import type { Voice } from './voice.js';

/** What each step of an answer works with. */
export interface Task {
  readonly voice: Voice;
  readonly draft: Draft;
  /** Thinks aloud, in this step's paragraph. */
  think(reasoning: string): Promise<void>;
}
