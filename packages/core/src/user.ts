// What a process holds for one user: the opened log, the live sessions, the unfinished runs, the flush of a turn.
import { closeCodes, formatPosition } from '@throughline/events/protocol';
import type { Identity } from './authenticator.js';
import type { ReadingSession } from './delivery.js';
import { envelopeOf } from './envelope.js';
import { isThroughlineError, throughlineError } from './errors.js';
import { Inbox, type ListeningRun } from './inbox.js';
import type { Appended, Awaitable, NewEntry, Position, Subscriber, UserKey, UserLog } from './log.js';
import type { WebSocketManager } from './manager.js';
import { TokenBucket } from './rate.js';
import { Receipts } from './receipts.js';
import type { Runtime } from './runtime.js';
import type { TurnTaker } from './turns.js';
import { forgery, type Grant, mintingOf, mintUserContext, noClaims, type UserContext } from './user-context.js';

/** What the user's part of the service asks of a session: nothing else of it is reachable from here. */
export interface LiveSession extends ReadingSession {
  /** The sign-in it came from. */
  readonly grant: Grant;
  /** Reads on, as far as the socket takes it. */
  pump(): void;
  /** Asks the peer whether it is there. */
  probe(): void;
  /** Whether the peer was heard since it was asked. */
  readonly answered: boolean;
  terminate(code: number, reason: string): void;
  close(code: number, reason: string): void;
}

/** What the user's part of the service asks of a run. */
export interface LiveRun extends ListeningRun {
  readonly run_id: string;
  /** The user wants it to stop. */
  cancel(): void;
  /** The service goes away: the run ends now. */
  interrupt(): Promise<unknown>;
  /** The service is closed: nothing is tried again. */
  abandon(): void;
}

/** How long, in ms, a peer that was asked has to answer before it counts as gone: what a poor mobile network takes. */
const probeMs = 2_000;

/** Once so many bytes of a user wait for the end of the turn, they are flushed at once. */
const flushBytes = 65_536;

/** A log, for as long as a record of its user holds it. */
export interface HeldLog {
  log?: UserLog;
}

/** Most users are idle most of the time: what only work needs is made when the first work comes. */
export class User implements Subscriber, TurnTaker {
  readonly key: UserKey;
  readonly runtime: Runtime;
  /** The part of the envelope that all its events begin with. */
  readonly envelope: string;
  /** Outlives this record, so that its log can be given back: it must not lead to the record itself. */
  readonly held: HeldLog = {};
  /** Whoever comes or goes while all read makes another list. */
  #sessions: readonly LiveSession[] = [];
  /** Sign-ins by id, each until it is revoked. */
  readonly #grants = new Map<string, Grant>();
  #runs: Map<string, LiveRun> | undefined;
  #managers: WeakMap<Grant, WebSocketManager> | undefined;
  #inbox: Inbox | undefined;
  #receipts: Receipts | undefined;
  #changes: TokenBucket | undefined;
  #opening: Promise<UserLog> | undefined;
  #unsubscribe: (() => void) | undefined;
  #endProbe: (() => void) | undefined;
  #turnAsked = false;
  /** The log grew, or may have, and its sessions have not read since. */
  #unread = false;
  /** Bytes appended since the last flush, and since the last turn. */
  #unflushed = 0;
  #unturned = 0;
  #waiting: (() => void)[] | undefined;
  /** Since when it has had no session; none before the first. */
  #emptySince: number | undefined;
  /** Which session came to a user who had none, and for how long. */
  #away: { readonly session_id: string; readonly ms: number } | undefined;

  constructor(key: UserKey, runtime: Runtime) {
    this.key = key;
    this.runtime = runtime;
    this.envelope = envelopeOf(key);
  }

  /** Unfinished runs by id. */
  get runs(): Map<string, LiveRun> {
    this.#runs ??= new Map();
    return this.#runs;
  }

  /** How many runs are unfinished. */
  get runCount(): number {
    return this.#runs?.size ?? 0;
  }

  /** The one manager of each sign-in, once somebody asked for it. A sign-in does not lead to its user: tickets hold some. */
  get managers(): WeakMap<Grant, WebSocketManager> {
    this.#managers ??= new WeakMap();
    return this.#managers;
  }

  get inbox(): Inbox {
    this.#inbox ??= new Inbox(this.runtime, this);
    return this.#inbox;
  }

  get receipts(): Receipts {
    this.#receipts ??= new Receipts(this.runtime, () => this.#sessions);
    return this.#receipts;
  }

  /** How often its sessions may change what they read: each change may look through the whole log. */
  get changes(): TokenBucket {
    const { options, scheduler } = this.runtime;
    this.#changes ??= new TokenBucket(options.messagesPerUser, scheduler.now());
    return this.#changes;
  }

  /** Whether a run is unfinished or a message waits. */
  get busy(): boolean {
    return this.runCount > 0 || (this.#inbox?.pending ?? 0) > 0;
  }

  /** Mints a context for this user, after the service's authenticator has spoken. */
  mint({ claims, expires_at = Number.POSITIVE_INFINITY, grant_id = '' }: Identity): UserContext {
    const grant = this.#grants.get(grant_id) ?? { id: grant_id, revoked: false };
    this.#grants.set(grant_id, grant);
    const service = this.runtime.options.name;
    const endsAt = Number.POSITIVE_INFINITY;
    const minting = { user: this, grant, service, expiresAt: expires_at, endsAt };
    return mintUserContext(minting, { ...this.key, claims: claims ?? noClaims });
  }

  /** The user's log, if it is open. */
  get log(): UserLog | undefined {
    return this.held.log;
  }

  /** The user's log, opened once. A failed opening is tried again by the next caller. */
  open(): Promise<UserLog> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      this.runtime.storage.failed();
      throw throughlineError('STORE_FAILED', 'The log of the user could not be opened.', error);
    });
    return this.#opening;
  }

  async #open(): Promise<UserLog> {
    const log = await this.runtime.log.open(this.key);
    this.held.log = log;
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
    const appended = this.#guarded(log, batch);
    this.wake();
    for (const { body } of batch) {
      this.#unturned += body.length;
      this.#unflushed += body.length;
    }
    if (appended instanceof Promise) return appended.then((place) => positionOf(log, place));
    return positionOf(log, appended);
  }

  /** Appends, and tells the breaker how that went. */
  #guarded(log: UserLog, batch: readonly NewEntry[]): Awaitable<Appended> {
    const { storage } = this.runtime;
    let appended: Awaitable<Appended>;
    try {
      appended = log.append(batch);
    } catch (error) {
      return this.#appendFailed(error);
    }
    if (appended instanceof Promise) {
      return appended.then(
        (place) => {
          storage.worked();
          return place;
        },
        (error: unknown) => this.#appendFailed(error),
      );
    }
    storage.worked();
    return appended;
  }

  #appendFailed(error: unknown): never {
    if (isThroughlineError(error, 'LEAK_STOPPED')) this.runtime.leaked(this.key, 'log');
    else this.runtime.storage.failed();
    throw error;
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
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  /** A session opens: from now on the log's growth is its business. */
  join(session: LiveSession, log: UserLog): void {
    if (this.#emptySince !== undefined && this.#sessions.length === 0) {
      this.#away = { session_id: session.id, ms: Math.max(0, session.openedAt - this.#emptySince) };
    }
    this.#sessions = this.#sessions.concat(session);
    this.#unsubscribe ??= log.subscribe(this);
    this.#limit();
  }

  /** A session has acknowledged something new. */
  acknowledged(session: LiveSession): void {
    // Without receipts nobody waits for one.
    this.#receipts?.acknowledged(session);
  }

  /** A session has closed, with this code. */
  leave(session: LiveSession, code: number): void {
    this.#sessions = this.#sessions.filter((other) => other !== session);
    this.receipts.left(session, code);
    if (this.#sessions.length > 0) return;
    this.#emptySince = this.runtime.scheduler.now();
    // A subscription would hold this record for ever.
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#endProbe?.();
    this.#endProbe = undefined;
  }

  /**
   * How long the user had no session before this one, in ms; `undefined` when there was another, or never one. Told once:
   * what the session does later is no return.
   */
  returned(session_id: string): number | undefined {
    if (this.#away?.session_id !== session_id) return undefined;
    const { ms } = this.#away;
    this.#away = undefined;
    return ms;
  }

  /**
   * Keeps the number of sessions within its limit.
   *
   * A user is never locked out by sessions that are dead but not yet known to be. The limit is soft while they are asked;
   * those that do not answer are cut, and only then the oldest give way, with a code that no timer answers.
   */
  #limit(): void {
    const limit = this.runtime.options.maxSessionsPerUser;
    const live = this.#sessions.filter((session) => !session.closing);
    if (live.length <= limit) return;
    // At twice the limit there is no time to ask.
    if (live.length > limit * 2) replace(live.slice(0, live.length - limit * 2));
    if (this.#endProbe) return;
    for (const session of live) session.probe();
    this.#endProbe = this.runtime.scheduler.after(probeMs, () => {
      this.#endProbe = undefined;
      for (const session of live) {
        if (!session.answered) session.terminate(closeCodes.tooSlow, 'silent');
      }
      const left = this.#sessions.filter((session) => !session.closing);
      replace(left.slice(0, Math.max(0, left.length - limit)));
    });
  }

  /** The service is closed: nobody waits for a receipt any more, and the log goes back. */
  close(): void {
    this.#receipts?.close();
    release(this.held);
  }

  /** Lets every session read now. */
  flush(): void {
    this.#unread = false;
    this.#unflushed = 0;
    for (const session of this.#sessions) session.pump();
  }

  /** Ends what was minted under one sign-in, or under all: sessions close, contexts are void. Runs go on. */
  revoke(grant?: Grant): number {
    for (const [id, known] of this.#grants) {
      if (grant !== undefined && known !== grant) continue;
      known.revoked = true;
      this.#grants.delete(id);
    }
    return this.#close(closeCodes.unauthenticated, 'signed out', grant);
  }

  /** Closes all sessions, and nothing else: a page that was told 1000 does not come back by itself. */
  disconnect(reason: string): number {
    return this.#close(closeCodes.done, reason);
  }

  #close(code: number, reason: string, grant?: Grant): number {
    let count = 0;
    for (const session of this.#sessions) {
      if (session.closing || (grant && session.grant !== grant)) continue;
      session.close(code, reason);
      count += 1;
    }
    return count;
  }

  /** What was sent in a turn is read at its end. */
  endTurn(): void {
    this.#turnAsked = false;
    this.#unturned = 0;
    if (this.#unread) this.flush();
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = undefined;
    for (const resolve of waiting) resolve();
  }

  /** The log grew, or may have. Its sessions read it at the end of the turn, or sooner. */
  wake(): void {
    this.#unread = true;
    if (this.#turnAsked) return;
    this.#turnAsked = true;
    this.runtime.turns.ask(this);
  }
}

/** Gives a log back, once. */
export function release(held: HeldLog): void {
  held.log?.release();
  delete held.log;
}

/**
 * The user behind a context.
 *
 * @throws CONTEXT_FORGED when no service of this copy of the package minted it; CONTEXT_REVOKED when its user was
 *   revoked since; CONTEXT_ENDED when its time is over; SERVICE_CLOSED when its service is closed
 */
export function userOf(context: UserContext): User {
  const minting = mintingOf(context);
  if (!(minting?.user instanceof User)) throw throughlineError('CONTEXT_FORGED', forgery(context));
  const { user, grant, endsAt } = minting;
  if (user.runtime.closed) throw throughlineError('SERVICE_CLOSED', 'The service of this user context is closed.');
  if (grant.revoked) throw throughlineError('CONTEXT_REVOKED', 'This user context was revoked.');
  if (user.runtime.scheduler.now() >= endsAt) throw throughlineError('CONTEXT_ENDED', 'This user context has ended.');
  return user;
}

function replace(sessions: readonly LiveSession[]): void {
  for (const session of sessions) session.close(closeCodes.replaced, 'replaced by a newer session');
}

function positionOf({ epoch }: UserLog, { offset, mark }: Appended): Position {
  return formatPosition(epoch, offset, mark);
}
