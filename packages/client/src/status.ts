// How the connection stands, for programs and for a light on a page.

/**
 * - `idle`: never connected.
 * - `waiting`: `getToken` had no token; call `connect()` when there is one.
 * - `connecting`: asks for a token, opens a socket, awaits the welcome.
 * - `catching_up`: connected; events from before the connection arrive, or other threads were asked for and are not read yet.
 * - `live`: connected; what arrives is new.
 * - `offline`: lost; tries again in `retry_in_ms`, or, without it, when a person focuses or clicks the page.
 * - `signed_out`: the token was refused and so was its successor (or there was none); the user must sign in, then `connect()`.
 * - `closed`: by `close()`, or by a close code after which trying again is pointless.
 */
export interface Status {
  readonly state: 'idle' | 'waiting' | 'connecting' | 'catching_up' | 'live' | 'offline' | 'signed_out' | 'closed';
  /** The close code that led here, if one did. */
  readonly code?: number | undefined;
  /** Only while `offline`: milliseconds until the next attempt, as chosen when this status began. */
  readonly retry_in_ms?: number | undefined;
}
