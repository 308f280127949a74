// The checks of histories as matchers of Vitest. Nothing is registered at import: `expect.extend(throughlineMatchers)`.
import type {} from 'vitest';
import type { GoldenPathOptions } from './golden-path.js';
import { type History, history } from './history.js';
import { isHistoryError } from './history-error.js';
import type { HistorySource } from './history-source.js';
import type { Stranger } from './isolation.js';

/** What a matcher of Vitest (or of Jest) returns. */
export interface MatcherVerdict {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What can be matched: a history, or what one is read from. */
export type Matchable = History | HistorySource;

interface Throughline<Result> {
  /** See {@link History.exactlyOnceInOrder}. */
  toArriveExactlyOnceInOrder(): Result;
  /** See {@link History.followsTheGoldenPath}. */
  toFollowTheGoldenPath(options?: GoldenPathOptions): Result;
  /** See {@link History.isolatedFrom}. */
  toBeIsolatedFrom(others: readonly (Stranger | History | string)[]): Result;
  /** See {@link History.equalsUndisturbed}. */
  toEqualUndisturbed(other: Matchable): Result;
}

declare module 'vitest' {
  // Merged into Vitest's own interface, whose type parameter it must repeat.
  // biome-ignore lint/suspicious/noExplicitAny: Vitest declares it so
  interface Matchers<T = any> extends Throughline<T> {}
}

/** For `expect.extend`. */
export const throughlineMatchers: {
  readonly toArriveExactlyOnceInOrder: (received: Matchable) => MatcherVerdict;
  readonly toFollowTheGoldenPath: (received: Matchable, options?: GoldenPathOptions) => MatcherVerdict;
  readonly toBeIsolatedFrom: (received: Matchable, others: readonly (Stranger | History | string)[]) => MatcherVerdict;
  readonly toEqualUndisturbed: (received: Matchable, other: Matchable) => MatcherVerdict;
} = {
  toArriveExactlyOnceInOrder: (received) => verdict(received, (it) => it.exactlyOnceInOrder()),
  toFollowTheGoldenPath: (received, options) => verdict(received, (it) => it.followsTheGoldenPath(options)),
  toBeIsolatedFrom: (received, others) => verdict(received, (it) => it.isolatedFrom(others)),
  toEqualUndisturbed: (received, other) => verdict(received, (it) => it.equalsUndisturbed(other)),
};

function verdict(received: Matchable, check: (it: History) => History): MatcherVerdict {
  const it = 'exactlyOnceInOrder' in received ? received : history(received);
  try {
    check(it);
    return { pass: true, message: () => 'The history is as it should not be.' };
  } catch (error) {
    if (!isHistoryError(error)) throw error;
    return { pass: false, message: () => error.message };
  }
}
