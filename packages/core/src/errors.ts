// The registry of errors that the service gives to the code that uses it. docs/errors.md has a row for each.

/** Every error code, with what to do about it. A code is never reused for another meaning. */
const remedies = {
  OPTION_INVALID: 'Correct the option.',
  ID_INVALID: 'An id is 1 to 128 printable ASCII characters without spaces.',
  PATH_TAKEN: 'Start one service per path of a server.',
  CLUSTER_MEMORY_LOG: 'A memory log is private to its process: in a cluster, configure a shared log.',
  CONTEXT_FORGED: 'Take the user context from the service: from `onMessage` or from `service.authenticate()`.',
  CONTEXT_REVOKED: 'The user signed out or was revoked: authenticate again.',
  CONTEXT_ENDED: 'The time for which work was delegated is over.',
  SCOPE_EXCEEDED: 'A narrowed user context speaks in its own thread, for its own run.',
  LEAK_STOPPED: 'This is a bug in the service or in its log: report it.',
  SERVICE_CLOSED: 'The service is closed: nothing can be sent through it any more.',
  CREDENTIAL_REFUSED: 'The authenticator does not accept this token.',
  AUTHENTICATOR_DOWN: 'The authenticator failed or did not answer in time: try again later.',
  EVENT_INVALID: 'Correct the event: see the schema of its type.',
  EVENT_TOO_LARGE: 'Store the result elsewhere and send a reference to it.',
  RUN_ENDED: 'The run is over: nothing can follow its agent_completed.',
  RUN_DUPLICATE: 'Give each run an id of its own, or none.',
  RUN_CANCELLED: 'The user stopped the run.',
  RUN_TIMED_OUT: 'The run took longer than `maxRunMs`.',
  RUN_INTERRUPTED: 'The service went away while the run was unfinished.',
  RUN_ABANDONED: 'End each run with `completed()` or `failed()`, or use `manager.run()`.',
  TOOL_CALL_DUPLICATE: 'Give each tool call of a run an id of its own, or none.',
  TOOL_CALL_ENDED: 'A tool call ends once.',
  PRODUCER_TOO_FAST: 'Await the sends of a run, so that its readers get a turn.',
  STORE_FAILED: 'The log could not store the event.',
} as const;

/** What went wrong, for programs. */
export type ErrorCode = keyof typeof remedies;

/** All error codes, for documentation and its tests. */
export const errorCodes: readonly ErrorCode[] = Object.keys(remedies) as ErrorCode[];

/** An error of this package. */
export interface ThroughlineError extends Error {
  readonly code: ErrorCode;
}

class CodedError extends Error implements ThroughlineError {
  override readonly name = 'ThroughlineError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, detail: string, cause: unknown) {
    super(`${detail} ${remedies[code]}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/**
 * Makes a typed error.
 *
 * @param detail one sentence saying what was wrong, naming fields and options but never quoting a secret
 */
export function throughlineError(code: ErrorCode, detail: string, cause?: unknown): ThroughlineError {
  return new CodedError(code, detail, cause);
}

/** Whether `error` comes from this package, optionally with one code. */
export function isThroughlineError(error: unknown, code?: ErrorCode): error is ThroughlineError {
  return error instanceof CodedError && (code === undefined || error.code === code);
}
