// What a session is made of, as the handshake hands it over. Types only.
import type { UserLog } from './log.js';
import type { Opening, Threads } from './opening.js';
import type { AcceptedSocket } from './socket.js';
import type { Tongue } from './tongue.js';
import type { User } from './user.js';
import type { Grant, UserContext } from './user-context.js';

export interface SessionParts {
  /** What is spoken with the client. */
  readonly tongue: Tongue;
  readonly user: User;
  readonly userContext: UserContext;
  /** When its credential ends, in ms since the epoch; `undefined` when it does not end by itself. */
  readonly expiresAt: number | undefined;
  /** The sign-in it came from. */
  readonly grant: Grant;
  readonly log: UserLog;
  /** Where reading opens. */
  readonly opening: Opening;
  readonly threads: Threads;
  /** Whether the client promised acknowledgements. */
  readonly acks: boolean;
  readonly socket: AcceptedSocket;
}
