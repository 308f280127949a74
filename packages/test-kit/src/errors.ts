// What goes wrong in the kit itself, by code. What a history or a budget finds has an error of its own.

/** What to do about each. A code is never reused for another meaning. */
const remedies = {
  OPTION_INVALID: 'Correct the option.',
  WAIT_TIMED_OUT: 'Give a longer `deadlineMs` if it may take so long.',
  CONNECTION_ENDED: 'What was waited for can no longer come.',
  SERVICE_CLOSED: 'Start another test service.',
} as const;

/** What went wrong, for programs. */
export type TestKitErrorCode = keyof typeof remedies;

/** An error of this package. No token is ever in one. */
export interface TestKitError extends Error {
  readonly name: 'TestKitError';
  readonly code: TestKitErrorCode;
}

/**
 * Makes a typed error.
 *
 * @param detail what was wrong, and what was seen instead of what was wanted
 */
export function testKitError(code: TestKitErrorCode, detail: string): TestKitError {
  return Object.assign(new Error(`${detail} ${remedies[code]}`), { name: 'TestKitError' as const, code });
}

/** Whether a value is an error of this package, of one code if one is given. */
export function isTestKitError(value: unknown, code?: TestKitErrorCode): value is TestKitError {
  if (!(value instanceof Error) || value.name !== 'TestKitError') return false;
  return code === undefined || (value as Partial<TestKitError>).code === code;
}
