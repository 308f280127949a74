// A cursor: the reader of one log for one session. Resume, replay and live delivery are this one code path.
import { formatPosition, noMark, type Position, parsePosition, type ResetCause } from '@throughline/events/protocol';
import type { Canary } from './envelope.js';
import type { Slice, UserLog } from './log.js';

/** Where the bytes go. A WebSocket first; anything that takes frames can be one. */
export interface Sink {
  /** Whether it takes more now. When it does not, it says when it does again. */
  readonly writable: boolean;
  write(bytes: Buffer): void;
}

/** Where reading opens, and why it is not where the client asked. */
export interface Opening {
  readonly asked: 'active' | 'position';
  readonly after: number;
  readonly reset?: ResetCause;
}

/** Who a cursor reads for. It has stopped when it tells. */
export interface CursorOwner {
  /** What was yet to be read is no longer there: dropped (`lagged`), or the whole log is another (`unknown_epoch`). */
  lost(cause: 'lagged' | 'unknown_epoch'): void;
  /** The log gave what is not its user's. Nothing of it was sent. */
  leaked(): void;
}

/** How much is read from a log at once, in bytes: a few chunks. */
const sliceBytes = 65_536;

/**
 * Finds where reading opens.
 *
 * @param from `active` or a position. A position that cannot be honoured is answered by the cause and by where
 *   `active` opens: never by silence, never by a guess.
 */
export async function findOpening(log: UserLog, from: string): Promise<Opening> {
  if (from === 'active') return { asked: 'active', after: await log.active() };
  const cause = await findFault(log, from);
  if (cause) return { asked: 'position', after: await log.active(), reset: cause };
  return { asked: 'position', after: parsePosition(from)?.offset as number };
}

async function findFault(log: UserLog, from: string): Promise<ResetCause | undefined> {
  const position = parsePosition(from);
  if (position?.epoch !== log.epoch) return 'unknown_epoch';
  if (position.offset > log.head) return 'beyond_head';
  if (position.offset < log.floor) return 'below_floor';
  return (await log.markAt(position.offset)) === position.mark ? undefined : 'mark_mismatch';
}

export class Cursor {
  readonly #log: UserLog;
  readonly #sink: Sink;
  readonly #window: number;
  readonly #owner: CursorOwner;
  readonly #canary: Canary;
  readonly #epoch: string;
  #offset: number;
  #reading = false;
  /** Something woke the cursor while it was reading. */
  #woken = false;
  #stopped = false;
  #sent = 0;
  #acked = 0;
  /** What was sent and not acknowledged, a record per write: up to which offset, and bytes sent by then. */
  #unacked: { readonly offset: number; readonly sent: number }[] = [];

  /**
   * @param windowBytes how much may be sent and not yet acknowledged; `Infinity` for a client that sends no acks
   * @param canary tells the entries of the cursor's user from those of anybody else
   */
  constructor(log: UserLog, sink: Sink, after: number, windowBytes: number, canary: Canary, owner: CursorOwner) {
    this.#log = log;
    this.#epoch = log.epoch;
    this.#sink = sink;
    this.#offset = after;
    this.#window = windowBytes;
    this.#canary = canary;
    this.#owner = owner;
  }

  /** Offset of the last entry that was sent. */
  get offset(): number {
    return this.#offset;
  }

  /** Whether everything in the log was sent. */
  get atHead(): boolean {
    return this.#offset >= this.#log.head;
  }

  /** The position after the last entry that was sent; `undefined` when the log no longer knows its mark. */
  async position(): Promise<Position | undefined> {
    const offset = this.#offset;
    const mark = offset === 0 ? noMark : await this.#log.markAt(offset);
    return mark === undefined ? undefined : formatPosition(this.#log.epoch, offset, mark);
  }

  /**
   * Reads on until the head, or until the sink or the window is full.
   *
   * It never waits with something to send and nothing to wake it: the log wakes it when it grew, the sink when it is
   * writable again, the client when it acknowledges.
   */
  pump(): void {
    if (this.#log.epoch !== this.#epoch && !this.#stopped) {
      this.#stopped = true;
      this.#owner.lost('unknown_epoch');
    }
    // The answer that is under way may be older than what woke us.
    if (this.#reading) this.#woken = true;
    while (!this.#reading && !this.#stopped && this.#sink.writable && this.#sent - this.#acked < this.#window) {
      const slice = this.#read();
      if (slice instanceof Promise) this.#await(slice);
      else if (!this.#take(slice)) return;
    }
  }

  /**
   * Everything up to an offset is processed: there may be room to read on, if the caller lets it.
   *
   * @returns whether that is news; or that the offset was never sent here
   */
  acknowledge(offset: number): 'news' | 'nothing_new' | 'never_sent' {
    if (offset > this.#offset) return 'never_sent';
    let count = 0;
    while (count < this.#unacked.length && (this.#unacked[count]?.offset as number) <= offset) count++;
    if (count === 0) return 'nothing_new';
    this.#acked = this.#unacked[count - 1]?.sent as number;
    this.#unacked.splice(0, count);
    return 'news';
  }

  /** Reads no more. */
  stop(): void {
    this.#stopped = true;
  }

  #take(slice: Slice | 'below_floor' | undefined): boolean {
    if (slice === undefined) return false;
    if (slice === 'below_floor') {
      this.#stopped = true;
      this.#owner.lost('lagged');
      return false;
    }
    if (!this.#canary(slice.bytes, this.#offset + 1)) {
      this.#stopped = true;
      this.#owner.leaked();
      return false;
    }
    this.#offset = slice.last;
    this.#sent += slice.bytes.length;
    if (this.#window !== Number.POSITIVE_INFINITY) this.#unacked.push({ offset: slice.last, sent: this.#sent });
    this.#sink.write(slice.bytes);
    return true;
  }

  #read(): ReturnType<UserLog['read']> {
    try {
      return this.#log.read(this.#offset, Math.min(sliceBytes, this.#window - this.#sent + this.#acked));
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
      // What a full sink cannot take is read again when it can.
      if (this.#stopped || !this.#sink.writable) return;
      if (this.#take(slice) || woken) this.pump();
    };
    reading.then(done, () => done(undefined));
  }
}
