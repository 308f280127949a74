// What a process holds for one user: the opened log, the live sessions, the unfinished runs, the flush of a turn.
import { formatPosition } from '@throughline/events/protocol';
import { throughlineError } from './errors.js';
import { Inbox } from './inbox.js';
import type { Appended, Awaitable, NewEntry, Position, UserKey, UserLog } from './log.js';
import type { WebSocketManager } from './manager.js';
import type { Runtime } from './runtime.js';
import { mintingOf, mintUserContext, type UserContext } from './user-context.js';

/** What the user's part of the service asks of a session: nothing else of it is reachable from here. */
export interface LiveSession {
  /** Reads on, as far as the socket takes it. */
  pump(): void;
  close(code: number, reason: string): void;
}

/** What the user's part of the service asks of a run. */
export interface LiveRun {
  readonly run_id: string;
  /** The user wants it to stop. */
  cancel(): void;
  /** The service goes away: the run ends now. */
  interrupt(): Promise<unknown>;
  /** The service is closed: nothing is tried again. */
  abandon(): void;
}

/** Once so many bytes of a user wait for the end of the turn, they are flushed at once. */
const flushBytes = 65_536;

export class User {
  readonly key: UserKey;
  readonly runtime: Runtime;
  readonly #sessions = new Set<LiveSession>();
  readonly runs: Map<string, LiveRun> = new Map();
  readonly inbox: Inbox;
  /** Rises with each revocation: contexts minted before it are void. */
  generation = 0;
  /** The one manager of this user, once somebody asked for it. */
  manager: WebSocketManager | undefined;
  #opening: Promise<UserLog> | undefined;
  readonly #held: { log?: UserLog } = {};
  #unsubscribe: (() => void) | undefined;
  #turnAsked = false;
  /** Bytes appended since the last flush, and since the last turn. */
  #unflushed = 0;
  #unturned = 0;
  #waiting: (() => void)[] = [];

  constructor(key: UserKey, runtime: Runtime) {
    this.key = key;
    this.runtime = runtime;
    this.inbox = new Inbox(runtime);
  }

  /** Mints a context for this user, after the service's authenticator has spoken. */
  mint(claims: Readonly<Record<string, unknown>> = {}): UserContext {
    return mintUserContext({ user: this, generation: this.generation }, { ...this.key, claims });
  }

  /** Gives the log back, for when nobody holds this record any more: it must not hold the record itself. */
  get release(): () => void {
    const held = this.#held;
    return () => {
      held.log?.release();
      delete held.log;
    };
  }

  /** The user's log, opened once. A failed opening is tried again by the next caller. */
  open(): Promise<UserLog> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw throughlineError('STORE_FAILED', 'The log of the user could not be opened.', error);
    });
    return this.#opening;
  }

  async #open(): Promise<UserLog> {
    const log = await this.runtime.log.open(this.key);
    this.#held.log = log;
    return log;
  }

  /**
   * Whether a producer may send now.
   *
   * @throws PRODUCER_TOO_FAST
   */
  admit(): void {
    const limit = this.runtime.options.maxPendingBytes;
    if (this.#unturned <= limit) return;
    throw throughlineError('PRODUCER_TOO_FAST', `More than ${limit} bytes were sent to one user within one turn.`);
  }

  /**
   * Stores events and sees to it that the sessions read them, at the end of the turn.
   *
   * @throws what the log throws
   */
  append(log: UserLog, batch: readonly NewEntry[]): Awaitable<Position> {
    const appended = log.append(batch);
    this.#askTurn();
    for (const { body } of batch) {
      this.#unturned += body.length;
      this.#unflushed += body.length;
    }
    if (appended instanceof Promise) return appended.then((place) => positionOf(log, place));
    return positionOf(log, appended);
  }

  /**
   * What a verdict must wait for, if anything.
   *
   * A producer that awaits each verdict but never lets a turn end would run its readers out of the log (a healthy
   * reader lost 16,505 of 20,000 events). So once 64 KiB wait they are flushed at once, and the verdict of the event
   * that caused it waits for the turn: the producer yields.
   */
  yielded(): Promise<void> | undefined {
    if (this.#unflushed < flushBytes) return undefined;
    this.flush();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A session opens: from now on the log's growth is its business. */
  join(session: LiveSession, log: UserLog): void {
    this.#sessions.add(session);
    this.#unsubscribe ??= log.subscribe(() => this.#askTurn());
  }

  leave(session: LiveSession): void {
    this.#sessions.delete(session);
    if (this.#sessions.size > 0) return;
    // A subscription would hold this record for ever.
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /** Lets every session read now. */
  flush(): void {
    this.#unflushed = 0;
    for (const session of this.#sessions) session.pump();
  }

  /** Ends everything of this user that has begun under a credential: it is no longer good. */
  revoke(reason: string): number {
    this.generation += 1;
    this.manager = undefined;
    const count = this.#sessions.size;
    for (const session of this.#sessions) session.close(4401, reason);
    return count;
  }

  #askTurn(): void {
    if (this.#turnAsked) return;
    this.#turnAsked = true;
    this.runtime.scheduler.turn(() => {
      this.#turnAsked = false;
      this.#unturned = 0;
      this.flush();
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
    });
  }
}

/**
 * The user behind a context.
 *
 * @throws CONTEXT_FORGED when no service of this copy of the package minted it; CONTEXT_REVOKED when its user was
 *   revoked since; SERVICE_CLOSED when its service is closed
 */
export function userOf(context: UserContext): User {
  const minting = mintingOf(context);
  if (!(minting?.user instanceof User)) {
    throw throughlineError('CONTEXT_FORGED', 'This user context was not minted by a service of this package.');
  }
  const { user, generation } = minting;
  if (user.runtime.closed) throw throughlineError('SERVICE_CLOSED', 'The service of this user context is closed.');
  if (generation !== user.generation) throw throughlineError('CONTEXT_REVOKED', 'This user context was revoked.');
  return user;
}

function positionOf(log: UserLog, place: Appended): Position {
  return formatPosition(log.epoch, place.offset, place.mark);
}
