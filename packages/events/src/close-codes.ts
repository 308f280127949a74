// The close codes and what a client does about each.

/**
 * What a client does after a close.
 *
 * - `never`: stays closed; trying again would meet the same answer.
 * - `now`: connects at once, but only once in a row; then it is `backoff`.
 * - `backoff`: connects after a random delay that grows with each failure.
 * - `refresh`: asks for a fresh token first; a token refused right after a refresh is `never`.
 * - `on_user_act`: waits for a person to come back to the page (focus, click). A timer would start an eviction war.
 */
export type RetryRule = 'never' | 'now' | 'backoff' | 'refresh' | 'on_user_act';

/** The registry of close codes. A code is never reused for another meaning. */
export const closeCodes = {
  done: 1000,
  goingAway: 1001,
  protocolViolation: 1002,
  binary: 1003,
  noCode: 1005,
  abnormal: 1006,
  invalidUtf8: 1007,
  tooBig: 1009,
  internalError: 1011,
  drained: 1012,
  overloaded: 1013,
  illegalFrame: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  tooSlow: 4408,
  replaced: 4409,
  versionGone: 4410,
  tooManyMessages: 4429,
} as const;

/** A close code that the protocol knows. */
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

const rules: Readonly<Record<number, RetryRule>> = {
  1000: 'never',
  1002: 'never',
  1003: 'never',
  1007: 'never',
  1009: 'never',
  1012: 'now',
  4400: 'never',
  4401: 'refresh',
  4403: 'never',
  4409: 'on_user_act',
  4410: 'never',
};

/** What a client does after a close with `code`. Codes without a rule of their own, known or not, are `backoff`. */
export function retryRule(code: number): RetryRule {
  return rules[code] ?? 'backoff';
}
