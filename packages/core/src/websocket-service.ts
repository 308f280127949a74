// The contract of a service: what the code around it may ask of it. Types only.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SessionId, TenantId, UserId } from '@throughline/events/protocol';
import type { DrainOptions } from './drain.js';
import type { EventExplanation, EventReference } from './explanation.js';
import type { Health } from './health.js';
import type { Ticket } from './tickets.js';
import type { UserContext } from './user-context.js';

/** A user, by ids. Only what takes something away accepts one. */
export interface UserReference {
  readonly user_id: UserId;
  /** Left out where there are no tenants. */
  readonly tenant_id?: TenantId;
}

/** A session that is behind. */
export interface LaggingSession {
  readonly session_id: SessionId;
  readonly user_id: UserId;
  /** How many entries of the log it has yet to read. */
  readonly entries: number;
  /** Since when there was always something that it could not take. */
  readonly behind_ms: number;
}

/** Delivers what agents say to the users they say it to. */
export interface WebSocketService {
  /** The path whose upgrades it serves. */
  readonly path: string;

  /**
   * Mints a user context from a token, outside a handshake: in an HTTP route, a webhook, a worker.
   *
   * @throws CREDENTIAL_REFUSED, AUTHENTICATOR_DOWN, SERVICE_CLOSED
   */
  authenticate(credentials: { readonly token: string }): Promise<UserContext>;

  /**
   * Ends what somebody has open: sessions close with 4401, contexts minted so far are void. Runs go on.
   *
   * By a context: what was minted under its sign-in (`grant_id`), all of its user's where sign-ins are not told apart.
   * By ids, for an operator or an identity webhook: all of that user's, or one session.
   *
   * @returns how many sessions were closed
   * @throws CONTEXT_FORGED for a context of another service and for anything that is neither
   */
  revoke(whom: UserContext | UserReference | { readonly session_id: SessionId }): number;

  /**
   * Erases a user's log, for good. Runs end as `interrupted`; pages that are open are told `reset` and start anew.
   *
   * @throws STORE_FAILED when the log could not be erased; try again
   */
  forget(whom: UserReference): Promise<void>;

  /**
   * Issues a one-time ticket for a handshake in the name of this context.
   *
   * @throws CONTEXT_FORGED, CONTEXT_REVOKED, CONTEXT_ENDED, SERVICE_CLOSED; SCOPE_EXCEEDED for a narrowed context
   */
  issueTicket(userContext: UserContext): Ticket;

  /** Whom a ticket stands for, without using it up; `undefined` when it is not, or no longer, good. */
  peekTicket(ticket: string): UserReference | undefined;

  /** An HTTP handler for `POST` that trades a credential (header or cookie) for a ticket, as JSON. */
  readonly ticketHandler: (request: IncomingMessage, response: ServerResponse) => void;

  health(): Health;

  /** The sessions that are behind, the slowest first, at most ten. */
  lag(): readonly LaggingSession[];

  /**
   * What became of an event of a user whom this process serves: whether it is stored, to which sessions it was offered, which have processed it.
   *
   * @throws EVENT_INVALID when `run_id` or `seq` is none; STORE_FAILED when a log cannot be asked
   */
  explain(event: EventReference): Promise<EventExplanation>;

  /**
   * Lets nobody in any more, lets runs end and readers catch up, closes sessions in batches with 1012, then closes.
   *
   * @throws OPTION_INVALID
   */
  drain(options?: DrainOptions): Promise<void>;

  /** Closes now: unfinished runs end as `interrupted`, sessions close with 1001. Leaves nothing behind. */
  close(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}
