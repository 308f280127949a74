// Everything that can go wrong, by code. No message ever holds a token or what the user said.

/** The codes this package gives; the README says what to do about each. A service's own codes arrive beside them. */
export type ClientErrorCode =
  | 'INVALID_OPTION'
  | 'NO_WEBSOCKET'
  | 'INVALID_MESSAGE'
  | 'TOO_MANY_UNSENT'
  | 'MESSAGE_TOO_LARGE'
  | 'MESSAGE_TOO_OLD'
  | 'FATE_UNKNOWN'
  | 'CLOSED'
  | 'SIGNED_OUT'
  | 'LOOP_TOO_SLOW'
  | 'TOKEN_FAILED'
  | 'CONNECT_FAILED'
  | 'HANDLER_THREW'
  | 'INVALID_FRAME'
  | 'FOREIGN_USER'
  | 'GAP';

/** What this client throws, rejects with, and reports as a fault. */
export interface ClientError extends Error {
  readonly name: 'ClientError';
  /** For programs; `message` is for people. */
  readonly code: ClientErrorCode | (string & {});
  /** The message or cancel that a service's `error` frame was about. */
  readonly id?: string;
}

interface More {
  readonly id?: string;
  readonly cause?: unknown;
  /** In place of the words of the code. */
  readonly message?: string;
}

/**
 * Makes an error. Its message is the code in words, since a page pays for each letter, and what is not in the code.
 *
 * @param code of this package or a service's
 * @param detail what is known beyond the code
 */
export function clientError(code: ClientErrorCode, detail?: string | number, more?: More): ClientError;
export function clientError(code: string, detail: undefined, more: Required<Pick<More, 'id' | 'message'>>): ClientError;
export function clientError(code: string, detail?: string | number, more?: More): ClientError {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return Object.assign(new Error(detail ? `${words}: ${detail}` : words), { name: 'ClientError' as const, code }, more);
}
