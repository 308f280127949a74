import { setTimeout as wait } from 'node:timers/promises';

/** How fast words come. */
export interface Pace {
  /** The text in pieces of a word and the space after it, each when it is its turn. Rejects with the signal's reason when it aborts. */
  words(text: string, signal: AbortSignal): AsyncIterable<string>;
}

/**
 * The demo's imitation of a model's speed. The researcher knows its answer at once; shown at once, there would be nothing to watch and nothing to
 * lose on the way. Here alone something waits for the sake of waiting; with `Infinity` nothing does.
 * @param tokensPerSecond words a second, above 0; a large model writes about 60.
 */
export function createPace(tokensPerSecond: number): Pace {
  return {
    async *words(text, signal) {
      const pieces = text.match(/\s*\S+\s*/g) ?? [text];
      // Measured from the beginning, not from word to word: late timers do not add up.
      const began = performance.now();
      for (const [index, piece] of pieces.entries()) {
        signal.throwIfAborted();
        const due = began + (index * 1000) / tokensPerSecond - performance.now();
        if (due >= 1) await wait(due, undefined, { signal, ref: true });
        yield piece;
      }
    },
  };
}
