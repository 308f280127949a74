// A cursor: the reader of one log for one session. Resume, replay and live delivery are this one code path.
import { formatPosition, noMark, type Position } from '@throughline/events/protocol';
import { encodedThreads, lastOffset, selectEntries } from './entries.js';
import { isOf } from './envelope.js';
import type { Slice, UserLog } from './log.js';

/** Where the bytes go. A WebSocket first; anything that takes frames can be one. */
export interface Sink {
  /** Whether it takes more now. When it does not, it says when it does again. */
  readonly writable: boolean;
  write(bytes: Buffer): void;
}

/** Who a cursor reads for. It has stopped when it tells `lost`, `leaked` or `failed`. */
export interface CursorOwner {
  /** What was yet to be read is no longer there: dropped (`lagged`), or the whole log is another (`unknown_epoch`). */
  lost(cause: 'lagged' | 'unknown_epoch'): void;
  /** The log gave what is not its user's. Nothing of it was sent. */
  leaked(): void;
  /** The log gave what is no entry, or nothing that can be read. */
  failed(error: unknown): void;
  /** Everything that was there when reading opened has been sent. Told once. */
  caughtUp(): void;
}

/** What a cursor is made of. */
export interface CursorParts {
  readonly log: UserLog;
  readonly sink: Sink;
  /** Offset of the last entry that is not to be read, and the incarnation of the log that it is an offset of. */
  readonly after: number;
  readonly epoch: string;
  /** The threads to read; `undefined` for all. */
  readonly threads: ReadonlySet<string> | undefined;
  /** How much may be sent and not yet acknowledged, in bytes; `Infinity` for a client that sends no acks. */
  readonly windowBytes: number;
  /** What the entries of the cursor's user begin with, and those of nobody else. */
  readonly envelope: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly owner: CursorOwner;
}

/** How far behind a reader is. */
export interface Lag {
  /** Since when, in ms since the epoch. */
  readonly since: number;
  /** How many offsets. */
  readonly entries: number;
}

/** How much is read from a log at once, in bytes: a few chunks. */
const sliceBytes = 65_536;

/** What of the ack window is noted together: a record per event would live just long enough to be dear. */
const notedTogether = 1 / 64;

/** From this part of the ack window on, neighbours are joined. */
const joinFrom = 1 / 4;

export class Cursor {
  // Each by itself: with thousands of readers, what an event costs is how many objects it touches.
  readonly #log: UserLog;
  readonly #sink: Sink;
  readonly #owner: CursorOwner;
  readonly #envelope: string;
  readonly #now: () => number;
  readonly #windowBytes: number;
  readonly #threads: ReadonlySet<string> | undefined;
  readonly #epoch: string;
  /** Up to here a reader that is caught up is one that is not behind. */
  readonly #goal: number;
  #offset: number;
  /** Offset of the last entry that was sent. */
  #last: number;
  #ackedOffset: number;
  #caughtUp = false;
  #reading = false;
  /** Something woke the cursor while it was reading. */
  #woken = false;
  #stopped = false;
  /** Up to this offset the reader is known to be behind, so neighbours are joined. */
  #joinUntil: number;
  /** Since when there was always something that could not be sent. */
  #behindSince: number | undefined;
  /** In bytes. */
  #sent = 0;
  #acked = 0;
  /** What was sent by the newest record. */
  #noted = 0;
  /** Records of what was sent and not acknowledged, but for the newest of it: up to which offset, and bytes sent by then. */
  readonly #unacked: { readonly offset: number; readonly sent: number }[] = [];

  constructor(parts: CursorParts) {
    this.#log = parts.log;
    this.#sink = parts.sink;
    this.#owner = parts.owner;
    this.#envelope = parts.envelope;
    this.#now = parts.now;
    this.#windowBytes = parts.windowBytes;
    this.#threads = parts.threads && encodedThreads(parts.threads);
    this.#epoch = parts.epoch;
    this.#goal = parts.log.head;
    this.#joinUntil = this.#goal;
    this.#offset = parts.after;
    this.#last = parts.after;
    this.#ackedOffset = parts.after;
  }

  /** Offset of the last entry that was sent, or passed over because it is of a thread that is not read. */
  get offset(): number {
    return this.#offset;
  }

  /** The incarnation of the log that the offsets are of. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Whether it has passed over entries, of threads that are not read, since it sent the last. */
  get passedOver(): boolean {
    return this.#offset > this.#last;
  }

  /** Up to which offset the client has acknowledged. */
  get acked(): number {
    return this.#ackedOffset;
  }

  /** Whether everything in the log was sent. */
  get atHead(): boolean {
    return this.#offset >= this.#log.head;
  }

  /** Whether everything in the log was sent and, where acknowledgements were promised, acknowledged. */
  get settled(): boolean {
    return this.atHead && (this.#windowBytes === Number.POSITIVE_INFINITY || this.#pending === 0);
  }

  /** How far the reader is behind; `undefined` while it takes all there is. */
  get lag(): Lag | undefined {
    if (this.#behindSince === undefined) return undefined;
    return { since: this.#behindSince, entries: this.#log.head - this.#offset };
  }

  /** The position after the last entry that was sent; `undefined` when the log no longer knows its mark. */
  async position(): Promise<Position | undefined> {
    const offset = this.#offset;
    const mark = offset === 0 ? noMark : await this.#log.markAt(offset);
    return mark === undefined || this.#erased ? undefined : formatPosition(this.#epoch, offset, mark);
  }

  /**
   * Reads on until the head, or until the sink or the window is full.
   *
   * It never waits with something to send and nothing to wake it: the log wakes it when it grew, the sink when it is
   * writable again, the client when it acknowledges.
   */
  pump(): void {
    try {
      this.#pump();
    } catch (error) {
      this.#fail(error);
    }
  }

  #pump(): void {
    if (this.#erased && !this.#stopped) {
      this.#stopped = true;
      this.#owner.lost('unknown_epoch');
    }
    // The answer that is under way may be older than what woke us.
    if (this.#reading) this.#woken = true;
    while (!this.#reading && !this.#stopped && !this.atHead && this.#hasRoom) {
      const slice = this.#read();
      if (slice instanceof Promise) this.#await(slice);
      else if (!this.#take(slice)) break;
    }
    this.#look();
  }

  /**
   * Everything up to an offset is processed: there may be room to read on, if the caller lets it.
   *
   * @returns whether that is news; or that the offset was never sent here
   */
  acknowledge(offset: number): 'news' | 'nothing_new' | 'never_sent' {
    if (offset > this.#offset) return 'never_sent';
    if (offset <= this.#ackedOffset) return 'nothing_new';
    this.#ackedOffset = offset;
    let count = 0;
    while (count < this.#unacked.length && (this.#unacked[count]?.offset as number) <= offset) count++;
    if (count > 0) {
      this.#acked = this.#unacked[count - 1]?.sent as number;
      this.#unacked.splice(0, count);
    }
    if (offset >= this.#last) {
      this.#acked = this.#sent;
      this.#noted = this.#sent;
    }
    return 'news';
  }

  /** Reads no more. */
  stop(): void {
    this.#stopped = true;
  }

  #fail(error: unknown): void {
    this.#stopped = true;
    this.#owner.failed(error);
  }

  /** The log is another: its offsets are not those this cursor knows. */
  get #erased(): boolean {
    return this.#log.epoch !== this.#epoch;
  }

  get #pending(): number {
    return this.#sent - this.#acked;
  }

  get #hasRoom(): boolean {
    return this.#sink.writable && this.#pending < this.#windowBytes;
  }

  /** Looks, after each pump, whether the reader keeps up. */
  #look(): void {
    if (this.#stopped) return;
    if (!this.#caughtUp && this.#offset >= this.#goal) {
      this.#caughtUp = true;
      this.#owner.caughtUp();
    }
    if (this.atHead) {
      this.#behindSince = undefined;
    } else if (!this.#hasRoom) {
      this.#behindSince ??= this.#now();
      this.#joinUntil = this.#log.head;
    }
  }

  #take(slice: Slice | 'below_floor' | undefined): boolean {
    if (slice === undefined) return false;
    if (slice === 'below_floor') {
      this.#stopped = true;
      this.#owner.lost('lagged');
      return false;
    }
    if (!isOf(this.#envelope, slice.bytes)) {
      this.#stopped = true;
      this.#owner.leaked();
      return false;
    }
    const join = this.#offset < this.#joinUntil || this.#pending >= this.#windowBytes * joinFrom;
    const bytes = join || this.#threads ? selectEntries(slice.bytes, this.#threads, join) : slice.bytes;
    this.#offset = slice.last;
    if (bytes.length === 0) return true;
    // A client acknowledges what it was sent, not what was left out behind it.
    if (this.#sent > this.#noted && this.#sent + bytes.length - this.#noted > this.#windowBytes * notedTogether) {
      this.#unacked.push({ offset: this.#last, sent: this.#sent });
      this.#noted = this.#sent;
    }
    this.#sent += bytes.length;
    this.#last = this.#threads ? lastOffset(bytes) : slice.last;
    this.#sink.write(bytes);
    return true;
  }

  #read(): ReturnType<UserLog['read']> {
    try {
      return this.#log.read(this.#offset, Math.min(sliceBytes, this.#windowBytes - this.#pending));
    } catch {
      // A log that cannot be read now wakes its subscribers when it can again.
      return undefined;
    }
  }

  #await(reading: Promise<Slice | 'below_floor' | undefined>): void {
    this.#reading = true;
    const done = (slice: Slice | 'below_floor' | undefined) => {
      const woken = this.#woken;
      this.#woken = false;
      this.#reading = false;
      if (this.#stopped) return;
      // What comes after the log was erased may be of the next one. What a full sink cannot take is read again when it can.
      if (this.#erased || (this.#sink.writable && (this.#take(slice) || woken))) this.pump();
      else this.#look();
    };
    reading.then(done, () => done(undefined)).catch((error: unknown) => this.#fail(error));
  }
}
