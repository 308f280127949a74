// What may stand in a label. Each value is one more series for as long as the process lives, and some values come from
// outside: so a label takes the values listed here, and `other` for every other.

/** A label of a metric, beside `service`. */
export interface Label {
  readonly name: string;
  /** All values it can have, but for `other`. */
  readonly values: readonly (string | number)[];
}

/** What stands for every value that a label does not list. */
export const other = 'other';

/** Why newcomers are refused: the codes of PROTOCOL.md, section 2, and those of its close codes. */
export const refusalCode: Label = {
  name: 'code',
  values: [
    'AUTHENTICATOR_DOWN',
    'BAD_REQUEST',
    'CREDENTIALS_DISAGREE',
    'CREDENTIAL_MISSING',
    'CREDENTIAL_REFUSED',
    'DRAINING',
    'FROM_INVALID',
    'METHOD_NOT_ALLOWED',
    'NOT_FOUND',
    'ORIGIN_FORBIDDEN',
    'STARTING',
    'STORE_UNAVAILABLE',
    'THREADS_INVALID',
    'TOO_MANY_HANDSHAKES',
    'TOO_MANY_SESSIONS',
    'VERSION_GONE',
  ],
};

/** How sessions close: PROTOCOL.md, section 9. A client may close with any code from 3000 to 4999. */
export const closeCode: Label = {
  name: 'code',
  values: [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009, 1011, 1012, 1013, 4400, 4401, 4403, 4408, 4409, 4410, 4429],
};

/** Where a session began to read. */
export const openedFrom: Label = { name: 'from', values: ['active', 'position'] };

/** Why a position could not be honoured. */
export const resetCause: Label = {
  name: 'cause',
  values: ['below_floor', 'beyond_head', 'lagged', 'mark_mismatch', 'unknown_epoch'],
};

/** What is done about a reader that stays behind. */
export const slowReaderPolicy: Label = { name: 'policy', values: ['close', 'reset', 'wait'] };

/** What became of a client's message. */
export const messageOutcome: Label = {
  name: 'outcome',
  values: [
    'MESSAGE_INVALID',
    'MESSAGE_TOO_MANY',
    'MESSAGE_UNSUPPORTED',
    'RUN_UNKNOWN',
    'STORE_UNAVAILABLE',
    'TOKEN_EXPIRED',
    'accepted',
    'known',
  ],
};

/** How a handler ended. */
export const handlerOutcome: Label = { name: 'outcome', values: ['failed', 'succeeded'] };

/** How a run ended. */
export const runOutcome: Label = { name: 'outcome', values: ['cancelled', 'failed', 'interrupted', 'succeeded'] };

/** Where something was about to cross to another user. */
export const leakPlace: Label = { name: 'where', values: ['log', 'session', 'window'] };

/** Which part failed. */
export const faultPlace: Label = {
  name: 'where',
  values: ['dialect', 'handler', 'handshake', 'onUndelivered', 'session', 'storage', 'traceparent', 'turn'],
};

/** How well the service works; the index is the value of the gauge. */
export const healthLevel: Label = { name: 'level', values: ['healthy', 'degraded', 'unhealthy'] };
