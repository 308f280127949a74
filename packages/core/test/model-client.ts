// A client that does what section 4.2 of PROTOCOL.md says, and no more: written for tests alone.
import { parsePosition } from '@throughline/events/protocol';
import { type Folded, foldInto, nothingFolded } from './fold-model.js';
import type { ReadEntry } from './frame-reader.js';
import type { Frame, KnockOptions, RawClient } from './raw-client.js';

/** The threads of a reading; `null` for all. */
export type Wanted = readonly string[] | null;

interface Place {
  readonly position: string;
  readonly offset: number;
}

function placeOf(position: string): Place {
  return { position, offset: parsePosition(position)?.offset ?? Number.NaN };
}

function later(one: Place | undefined, other: Place | undefined): Place | undefined {
  if (!one || !other) return one ?? other;
  return one.offset >= other.offset ? one : other;
}

export class ModelClient {
  /** What it holds. */
  folded: Folded = nothingFolded();
  /** How often it was told that everything is void. */
  resets: string[] = [];
  /** It met a jump: what it holds cannot be completed, so it is void, and the connection ends. */
  faulty = false;
  /** Acknowledgements are held back. */
  slow = false;
  #epoch = '';
  #threads: Wanted;
  /** What was asked for and not answered yet, oldest first: each is answered. */
  #asked: { readonly threads: Wanted; readonly from: string }[] = [];
  /** So many answers are to questions that a reset made void: what comes behind them is passed over until the next answer. */
  #voided = 0;
  #passesOver = false;
  /** Where reading stands, once an event, a heartbeat or a reset has said so. */
  #at: Place | undefined;
  /** Up to where threads were read when they were left; and, where all were, the others. */
  readonly #left = new Map<string, Place>();
  #leftOthers: Place | undefined;
  /** From where on threads are held; and, where all were read, the others. */
  readonly #since = new Map<string, number>();
  #sinceOthers: number | undefined;
  #raw: RawClient | undefined;
  #taken = 0;

  constructor(threads: Wanted) {
    this.#threads = threads;
  }

  /** How it connects. The reading of a connection that is gone has been left. */
  knock(): KnockOptions {
    this.#leave();
    const asked = this.#asked.at(-1);
    const threads = asked ? asked.threads : this.#threads;
    const from = this.#from(threads);
    this.#threads = threads;
    this.#asked = [{ threads, from }];
    this.#voided = 0;
    this.#passesOver = false;
    return { from, acks: true, ...(this.#threads !== null && { threads: this.#threads }) };
  }

  /** A socket has opened. */
  attach(raw: RawClient): void {
    this.#raw = raw;
    this.#taken = 0;
  }

  /** Takes what has come. */
  take(): void {
    const raw = this.#raw as RawClient;
    while (this.#taken < raw.frames.length && !this.faulty) this.#onFrame(raw.frames[this.#taken++] as Frame);
  }

  /** Asks for other threads. */
  change(threads: Wanted): void {
    this.take();
    // Before the answer the client stands where it stood.
    const from = this.#from(threads);
    this.#asked.push({ threads, from });
    this.#raw?.send({ type: 'threads', threads, from });
  }

  /** Says what it has processed. */
  acknowledge(): void {
    if (this.asking || !this.#at || this.slow || this.faulty) return;
    this.#raw?.send({ type: 'ack', position: this.#at.position });
  }

  /** Whether it waits for an answer. */
  get asking(): boolean {
    return this.#asked.length > 0;
  }

  get threads(): Wanted {
    return this.#threads;
  }

  /** From which offset on it must hold all of a thread. */
  sinceOf(thread: string): number | undefined {
    return this.#since.get(thread) ?? this.#sinceOthers;
  }

  #reads(thread: string): boolean {
    return this.#threads === null || this.#threads.includes(thread);
  }

  /** Up to where a thread was read; `undefined` for one that never was. */
  #readUpTo(thread: string): Place | undefined {
    const left = this.#left.get(thread) ?? this.#leftOthers;
    return this.#reads(thread) ? later(left, this.#at) : left;
  }

  #from(threads: Wanted): string {
    const others = this.#threads === null ? later(this.#leftOthers, this.#at) : this.#leftOthers;
    const known = [...new Set([...this.#left.keys(), ...(this.#threads ?? [])])];
    const places = (threads ?? known).map((thread) => this.#readUpTo(thread));
    if (threads === null) places.push(others);
    const read = places.filter((place) => place !== undefined);
    if (read.length === 0) return 'active';
    const earliest = read.reduce((one, other) => (one.offset <= other.offset ? one : other));
    return read.length < places.length ? `active,${earliest.position}` : earliest.position;
  }

  /** Remembers up to where the threads of a reading were read. */
  #leave(): void {
    if (!this.#at) return;
    for (const thread of this.#threads ?? this.#left.keys()) {
      this.#left.set(thread, this.#readUpTo(thread) as Place);
    }
    if (this.#threads === null) this.#leftOthers = later(this.#leftOthers, this.#at);
    this.#at = undefined;
  }

  /** A reading opens: what was never read is held from there on. */
  #open(position: string, threads: Wanted, from: string): void {
    const { offset } = placeOf(position);
    this.#threads = threads;
    this.#epoch = parsePosition(position)?.epoch ?? '';
    for (const thread of threads ?? []) if (!this.#readUpTo(thread)) this.#since.set(thread, offset);
    if (threads === null && !this.#leftOthers) {
      // Others than those that are held already.
      this.#sinceOthers = offset;
    }
    // A client that asked for a position keeps its own: a reset may follow.
    if (from === 'active') this.#at = placeOf(position);
  }

  #onFrame(frame: Frame): void {
    const position = String(frame.position);
    if (frame.type === 'welcome' || frame.type === 'reading') {
      const asked = this.#asked.shift();
      if (!asked) throw new Error(`${frame.type} answers nothing.`);
      this.#leave();
      this.#passesOver = this.#voided > 0;
      if (this.#passesOver) this.#voided -= 1;
      else this.#open(position, asked.threads, asked.from);
    } else if (this.#passesOver) {
      return;
    } else if (typeof frame.offset === 'number') {
      this.#onEvent(frame as unknown as ReadEntry);
    } else if (frame.type === 'heartbeat') {
      this.#at = later(this.#at, placeOf(position));
    } else if (frame.type === 'reset') {
      this.#onReset(String(frame.cause), position);
    }
  }

  /** Everything is void. */
  forget(cause: string): void {
    this.resets.push(cause);
    this.faulty = false;
    this.folded = nothingFolded();
    this.#left.clear();
    this.#leftOthers = undefined;
    this.#since.clear();
    this.#sinceOthers = undefined;
    this.#at = undefined;
  }

  #onReset(cause: string, position: string): void {
    this.forget(cause);
    this.#at = placeOf(position);
    this.#epoch = parsePosition(position)?.epoch ?? '';
    for (const thread of this.#threads ?? []) this.#since.set(thread, this.#at.offset);
    if (this.#threads === null) this.#sinceOthers = this.#at.offset;
    // What was asked meanwhile named positions that are void.
    const asked = this.#asked.at(-1);
    this.#voided = this.#asked.length;
    if (asked) this.change(asked.threads);
  }

  #onEvent(event: ReadEntry): void {
    const thread = String(event.thread_id);
    if (!this.#reads(thread)) throw new Error(`An event of thread ${thread}, which is not read.`);
    const heldUpTo = this.#left.get(thread) ?? this.#leftOthers;
    const held = event.run_id === undefined && heldUpTo !== undefined && event.offset <= heldUpTo.offset;
    const run = this.folded.runs[String(event.run_id)];
    const jumps = run?.jumps ?? 0;
    if (!held) foldInto(this.folded, event);
    if (run && run.jumps > jumps) this.faulty = true;
    this.#at = placeOf(`${this.#epoch}.${event.offset}.${event.mark}`);
  }
}
