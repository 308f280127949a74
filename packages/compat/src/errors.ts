// The registry of errors of this package. README.md has a row for each.

/** Every error code, with what to do about it. A code is never reused for another meaning. */
const remedies = {
  CONTEXT_REQUIRED: 'Use getWebSocketManager(userContext) of @throughline/core.',
  ISOLATION: 'A manager speaks to and about the user of its own context alone.',
  BROADCAST_REMOVED: 'No untargeted sends exist: use the manager of each user.',
  REGISTRATION_REMOVED: 'A socket registers itself at the handshake: delete the call.',
  FACTORY_REMOVED: 'Use getWebSocketManager(userContext) of @throughline/core; the codemod manager-factory will do it.',
  THREAD_UNKNOWN: 'Name it: data.thread_id.',
  RUN_AMBIGUOUS: 'Name it: data.run_id. Better, use manager.run() of @throughline/core.',
  MESSAGE_INVALID: 'Correct the message.',
  OPTION_INVALID: 'Correct the option.',
} as const;

/** What went wrong, for programs. */
export type CompatErrorCode = keyof typeof remedies;

/** All error codes, for documentation and its tests. */
export const compatErrorCodes: readonly CompatErrorCode[] = Object.keys(remedies) as CompatErrorCode[];

/** An error of this package. Its `name` is `IsolationError` for what was about to cross to another user, else `CompatError`. */
export interface CompatError extends Error {
  readonly code: CompatErrorCode;
}

class CodedError extends Error implements CompatError {
  override readonly name: string;
  readonly code: CompatErrorCode;

  constructor(code: CompatErrorCode, detail: string) {
    super(`${detail} ${remedies[code]}`);
    this.name = code === 'ISOLATION' ? 'IsolationError' : 'CompatError';
    this.code = code;
  }
}

/**
 * Makes a typed error.
 *
 * @param detail one sentence saying what was wrong; never a payload, never a foreign id
 */
export function compatError(code: CompatErrorCode, detail: string): CompatError {
  return new CodedError(code, detail);
}

/** Whether `error` comes from this package, optionally with one code. */
export function isCompatError(error: unknown, code?: CompatErrorCode): error is CompatError {
  return error instanceof CodedError && (code === undefined || error.code === code);
}
