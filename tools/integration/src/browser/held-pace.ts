import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Pace } from '@throughline-examples/golden-path';

/**
 * A pace that a test holds back until it has done what it wants to do in the middle of an answer. However slow the
 * machine is, the middle lasts; however fast, nothing is waited for longer than needed.
 */
export interface HeldPace extends Pace {
  /** From now on every run stops after so many words. */
  hold(words: number): void;
  /** Every run goes on, and to its end as fast as it can. */
  release(): void;
}

/** @param wordsPerSecond until `release()`, and again after the next `hold()` */
export function createHeldPace(wordsPerSecond: number): HeldPace {
  /** Words so far, by the signal of a run: the one thing that is a run's own here. */
  const said = new WeakMap<AbortSignal, number>();
  const changes = new EventTarget();
  let most = Infinity;
  let hurries = false;
  return {
    hold(words) {
      most = words;
      hurries = false;
    },
    release() {
      most = Infinity;
      hurries = true;
      changes.dispatchEvent(new Event('release'));
    },
    async *words(text, signal) {
      for (const word of text.match(/\s*\S+\s*/g) ?? [text]) {
        const before = said.get(signal) ?? 0;
        said.set(signal, before + 1);
        if (before >= most) await once(changes, 'release', { signal });
        else if (!hurries) await wait(1_000 / wordsPerSecond, undefined, { signal });
        signal.throwIfAborted();
        yield word;
      }
    },
  };
}
