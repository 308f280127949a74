// What one session reads: it opens readings, says `reset`, and remembers what was offered and acknowledged.
import {
  closeCodes,
  type From,
  parsePosition,
  type ResetCause,
  type ServerFrame,
  type SessionId,
  type ThreadId,
} from '@throughline/events/protocol';
import { Cursor, type CursorOwner, type Lag, type Sink } from './cursor.js';
import type { Reading } from './delivery.js';
import { sameUser } from './envelope.js';
import type { Position, UserLog } from './log.js';
import { findOpening, type Opening, type Threads } from './opening.js';
import { elapsedSince } from './scheduler.js';
import { reportFault } from './telemetry.js';
import type { User } from './user.js';

/** The session a reader reads for. */
export interface ReaderOwner {
  readonly id: SessionId;
  /** Whether the client promised acknowledgements. */
  readonly acks: boolean;
  /** Sends a frame that is not an event. */
  say(frame: ServerFrame): void;
  /** Ends the session. */
  close(code: number, reason: string): void;
}

/** What a reader is handed. */
export interface ReaderParts {
  readonly owner: ReaderOwner;
  /** Whose session it is. */
  readonly user: User;
  readonly log: UserLog;
  readonly sink: Sink;
}

/** How many ended readings of a session are remembered: those before them are as good as forgotten by everybody. */
const mostReadings = 20;

export class Reader implements CursorOwner {
  readonly #owner: ReaderOwner;
  readonly #user: User;
  readonly #log: UserLog;
  readonly #sink: Sink;
  /** Made when the first reading ends. */
  #ended: Reading[] | undefined;
  #threads: Threads;
  #after: number;
  #cursor: Cursor;
  /** The highest offset that was ever sent: acks up to it are no lies, though they may be of an ended reading. */
  #highest = 0;
  #openedAt: number;
  /** How many offsets it had to read when it opened. */
  #behind = 0;
  /** That it is slow was told, and dealt with. */
  #slow = false;
  #stopped = false;

  constructor(parts: ReaderParts, opening: Opening, threads: Threads) {
    this.#owner = parts.owner;
    this.#user = parts.user;
    this.#log = parts.log;
    this.#sink = parts.sink;
    this.#threads = threads;
    this.#after = opening.after;
    this.#openedAt = parts.user.runtime.scheduler.now();
    this.#cursor = this.#openCursor(opening);
  }

  /** Begins: until now nothing was read. */
  start({ reset, position }: Opening): void {
    if (reset) this.#sayReset(reset, position);
    if (sameUser(this.#log.key, this.#user.key)) this.pump();
    else this.#stopLeak('session');
  }

  /** Reads on as far as it can. */
  pump(): void {
    this.#cursor.pump();
    // Whoever has caught up, if only between two looks, and falls behind again is told again.
    if (this.#slow && this.atHead) this.#slow = false;
  }

  stop(): void {
    this.#stopped = true;
    this.#cursor.stop();
  }

  get atHead(): boolean {
    return this.#cursor.atHead;
  }

  /** Whether everything was sent and, where acknowledgements were promised, acknowledged. */
  get settled(): boolean {
    return this.#cursor.settled;
  }

  get lag(): Lag | undefined {
    return this.#cursor.lag;
  }

  /** All readings, oldest first, the present one last. */
  get readings(): readonly Reading[] {
    return this.#ended ? [...this.#ended, this.#reading] : [this.#reading];
  }

  /**
   * The client has processed everything up to a position.
   *
   * @returns whether that is news; or that it was never sent
   */
  acknowledge(text: string): 'news' | 'nothing_new' | 'never_sent' | 'malformed' {
    const position = parsePosition(text);
    if (!position) return 'malformed';
    // Of another incarnation, or of a reading that has ended meanwhile: it says nothing about this one.
    if (position.epoch !== this.#log.epoch) return 'nothing_new';
    const verdict = this.#cursor.acknowledge(position.offset);
    return verdict === 'never_sent' && position.offset <= this.#highest ? 'nothing_new' : verdict;
  }

  /** Looks, from time to time, after a reader that stays behind. What it has yet to read is in the log and nowhere else. */
  judge(): void {
    const { scheduler, options, report } = this.#user.runtime;
    const { lag } = this;
    if (this.atHead) this.#slow = false;
    const behind_ms = lag ? scheduler.now() - lag.since : 0;
    if (!lag || this.#slow || behind_ms < options.slowReaderMs) return;
    this.#slow = true;
    const policy = options.slowReaders;
    const { user_id } = this.#user.key;
    report({ kind: 'slow_reader', session_id: this.#owner.id, user_id, policy, entries: lag.entries, behind_ms });
    if (policy === 'close') this.#owner.close(closeCodes.tooSlow, 'reader too slow');
    else if (policy === 'reset') this.lost('lagged');
  }

  /** Ends this reading and opens another. */
  async read(threads: readonly ThreadId[] | null, from: From): Promise<void> {
    const wanted = threads === null ? undefined : new Set(threads);
    const opening = await this.#find(from, wanted);
    if (!opening) return;
    this.#begin(opening, wanted);
    const { position, head } = opening;
    this.#owner.say({ type: 'reading', threads, position, head });
    if (opening.reset) this.#sayReset(opening.reset, position);
    this.pump();
  }

  /** What this reader had yet to read is gone, or is passed over: says so, and reads on where a page without state would. */
  lost(cause: 'lagged' | 'unknown_epoch'): void {
    this.#do(this.#reset(cause));
  }

  async #reset(cause: 'lagged' | 'unknown_epoch'): Promise<void> {
    const cursor = this.#cursor;
    const opening = await this.#find({ active: true }, this.#threads);
    // A change of threads that came meanwhile has opened its own.
    if (!opening || cursor !== this.#cursor) return;
    this.#begin(opening, this.#threads);
    this.#sayReset(cause, opening.position);
    this.pump();
  }

  leaked(): void {
    this.#stopLeak('window');
  }

  /** It ends this session, and is nobody else's affair. */
  failed(error: unknown): void {
    this.#end('storage', error);
  }

  caughtUp(): void {
    const { scheduler, report } = this.#user.runtime;
    const { user_id } = this.#user.key;
    const { id: session_id } = this.#owner;
    const entries = this.#behind;
    const away_ms = this.#user.returned(session_id);
    const duration_ms = elapsedSince(scheduler, this.#openedAt);
    const caughtUp = { kind: 'session_caught_up', session_id, user_id, entries, duration_ms } as const;
    report(away_ms === undefined ? caughtUp : { ...caughtUp, away_ms });
    // What it passed over says nothing of itself: only so does the client know that there is no more to come.
    if (this.#cursor.passedOver) this.sayStanding();
  }

  /** Says, as a heartbeat, where it stands. Nothing when that is not known, or when something was sent meanwhile. */
  sayStanding(): void {
    this.#do(this.#sayStanding());
  }

  async #sayStanding(): Promise<void> {
    const cursor = this.#cursor;
    const { offset } = cursor;
    // A store that cannot answer now is no reason to end anything: the next heartbeat asks again.
    const position = await cursor.position().catch(() => undefined);
    // Judged and said in one go: the client would take it for the place of a reading that begins between the two.
    if (this.#stopped || cursor !== this.#cursor || cursor.offset !== offset || position === undefined) return;
    this.#owner.say({ type: 'heartbeat', position });
  }

  /** Work that nobody waits for. Unhandled, its failure would end the process. */
  #do(work: Promise<void>): void {
    work.catch((error: unknown) => this.#end('session', error));
  }

  #end(where: 'storage' | 'session', error: unknown): void {
    reportFault(this.#user.runtime.report, where, error);
    this.#owner.close(closeCodes.internalError, 'failed');
  }

  get #reading(): Reading {
    const { epoch, offset: sent, acked } = this.#cursor;
    return { epoch, threads: this.#threads, after: this.#after, sent, acked };
  }

  /** Where a reading opens; `undefined` when there is nobody to open it for any more. */
  async #find(from: From, threads: Threads): Promise<Opening | undefined> {
    try {
      const opening = await findOpening(this.#log, from, threads);
      return this.#stopped ? undefined : opening;
    } catch (error) {
      if (this.#stopped) return undefined;
      reportFault(this.#user.runtime.report, 'storage', error);
      this.#owner.close(closeCodes.overloaded, 'the log cannot be read');
      return undefined;
    }
  }

  #begin(opening: Opening, threads: Threads): void {
    this.#cursor.stop();
    this.#highest = Math.max(this.#highest, this.#cursor.offset);
    this.#ended ??= [];
    this.#ended.push(this.#reading);
    if (this.#ended.length > mostReadings) this.#ended.shift();
    this.#threads = threads;
    this.#after = opening.after;
    this.#openedAt = this.#user.runtime.scheduler.now();
    this.#cursor = this.#openCursor(opening);
  }

  #openCursor({ after, epoch }: Opening): Cursor {
    const { options, scheduler } = this.#user.runtime;
    this.#behind = this.#log.head - after;
    return new Cursor({
      log: this.#log,
      sink: this.#sink,
      after,
      // Of the opening, not of the log: it may have been erased between the two.
      epoch,
      threads: this.#threads,
      windowBytes: this.#owner.acks ? options.ackWindowBytes : Number.POSITIVE_INFINITY,
      envelope: this.#user.envelope,
      now: scheduler.now,
      owner: this,
    });
  }

  #sayReset(cause: ResetCause, position: Position): void {
    const { runtime, key } = this.#user;
    runtime.report({ kind: 'reset', session_id: this.#owner.id, user_id: key.user_id, cause });
    this.#owner.say({ type: 'reset', cause, position });
  }

  #stopLeak(where: 'window' | 'session'): void {
    this.#user.runtime.leaked(this.#user.key, where);
    this.#owner.close(closeCodes.internalError, 'stopped');
  }
}
