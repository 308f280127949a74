// The event log of a single process: each user's window is the log.
import type { RunId, ThreadId } from '@throughline/events/protocol';
import { ChunkMemory } from './chunk-memory.js';
import { decodeEntry } from './entries.js';
import { nameOf, sameUser } from './envelope.js';
import { throughlineError } from './errors.js';
import type { Appended, EventLog, Found, NewEntry, Subscriber, UserKey, UserLog } from './log.js';
import { type Scheduler, systemScheduler } from './scheduler.js';
import { Window, type WindowLimits } from './window.js';

/** How much a memory log may hold. */
export interface MemoryLogOptions {
  /** Bytes per user; default 4 MiB: an hour of tokens at 60 a second, joined. */
  readonly bytesPerUser?: number;
  /** Entries per user; default 50,000. Neighbours that have been joined are one. */
  readonly entriesPerUser?: number;
  /**
   * How long an entry is kept at least, in ms, while there is room; default one hour: longer than anybody waits for a page to come
   * back. It may stay for two minutes longer: neighbours of up to a minute go together, and are looked for once a minute.
   */
  readonly maxAgeMs?: number;
  /**
   * Bytes of all users; default 512 MiB. Above it, logs without reader and unfinished run go first, then the largest. What was
   * dropped stays in memory until the garbage collector comes: an eighth of this, beside what it lets wait anyway.
   */
  readonly bytesInAll?: number;
}

interface RunPlace {
  readonly run_id: RunId;
  readonly thread_id: ThreadId;
  readonly first: number;
  last: number;
  lastSeq: number;
  ended: boolean;
}

interface StoredRunEvent {
  readonly run_id?: RunId;
  readonly seq: number;
  readonly first_seq?: number;
  readonly mark: string;
  readonly type: string;
  readonly thread_id: ThreadId;
  readonly timestamp: string;
}

/** Ids of client messages are remembered so long, and so many of them per user: longer than a client keeps unsent ones. */
const claimAgeMs = 24 * 3_600_000;
const claimsPerUser = 1_000;

/** What has been dropped may stay in memory until it is so much of `bytesInAll`. */
const garbageShare = 1 / 8;

/** How often old entries are looked for, in ms. */
const sweepMs = 60_000;

/**
 * Makes an event log in memory. It is lost with its process: pages are told so by a `reset`.
 *
 * @throws OPTION_INVALID
 */
export function memoryLog(options: MemoryLogOptions = {}, scheduler: Scheduler = systemScheduler()): EventLog {
  return new MemoryLog(options, scheduler);
}

class MemoryLog implements EventLog {
  readonly limits: WindowLimits;
  readonly scheduler: Scheduler;
  readonly chunks: ChunkMemory;
  readonly #bytesInAll: number;
  readonly #logs = new Map<string, MemoryUserLog>();
  readonly #endSweep: () => void;

  constructor(options: MemoryLogOptions, scheduler: Scheduler) {
    this.scheduler = scheduler;
    const {
      bytesPerUser = 4 * 1_048_576,
      entriesPerUser = 50_000,
      maxAgeMs = 3_600_000,
      bytesInAll = 512 * 1_048_576,
      ...unknown
    } = options;
    for (const name of Object.keys(unknown))
      throw throughlineError('OPTION_INVALID', `Option ${name} is none of a log.`);
    for (const [name, value] of Object.entries({ bytesPerUser, entriesPerUser, maxAgeMs, bytesInAll })) {
      if (Number.isInteger(value) && value > 0) continue;
      throw throughlineError('OPTION_INVALID', `Option ${name} must be an integer above 0.`);
    }
    this.limits = { bytes: bytesPerUser, entries: entriesPerUser, ageMs: maxAgeMs };
    this.#bytesInAll = bytesInAll;
    this.chunks = new ChunkMemory(bytesInAll * garbageShare);
    this.#endSweep = scheduler.every(sweepMs, () => this.#sweep());
  }

  open(key: UserKey): UserLog {
    const name = nameOf(key);
    let log = this.#logs.get(name);
    if (!log) {
      log = new MemoryUserLog(this, key);
      this.#logs.set(name, log);
    }
    log.holders += 1;
    return log;
  }

  close(): void {
    this.#endSweep();
  }

  /** A log grew. Frees more than it must, so that it is not asked for each entry; not much more, so that nobody waits for it. */
  makeRoom(): void {
    if (this.chunks.held <= this.#bytesInAll) return;
    const enough = this.#bytesInAll * 0.98;
    for (const log of this.#logs.values()) {
      if (this.chunks.held <= enough) return;
      if (log.idle) log.shrink(0);
    }
    const largestFirst = [...this.#logs.values()].sort((a, b) => b.bytes - a.bytes);
    for (const log of largestFirst) {
      if (this.chunks.held <= enough) return;
      log.shrink(log.bytes / 2);
    }
  }

  #sweep(): void {
    for (const [name, log] of this.#logs) {
      log.shrink(this.limits.bytes);
      if (log.forgettable) this.#logs.delete(name);
    }
  }
}

/** A window, and what a log knows beside its entries. One object: each that an event touches costs it a tenth of a microsecond. */
class MemoryUserLog extends Window implements UserLog {
  readonly key: UserKey;
  epoch: string;
  holders = 0;
  readonly #store: MemoryLog;
  /** Both made when the first comes: most logs are those of users who say nothing now. */
  #runs: Map<string, RunPlace> | undefined;
  /** The run of the newest entry: the next is most likely of the same. */
  #latest: RunPlace | undefined;
  #claims: Map<string, number> | undefined;
  #subscribers: readonly Subscriber[] = [];
  #lastMark: number;

  constructor(store: MemoryLog, key: UserKey) {
    super(store.chunks);
    this.#store = store;
    this.key = key;
    this.epoch = store.scheduler.id();
    this.#lastMark = (store.scheduler.random() * 2 ** 32) | 0;
  }

  /** Nobody reads it and no run writes it. */
  get idle(): boolean {
    return this.#subscribers.length === 0 && this.active() === this.head;
  }

  /** Nobody holds it and it holds nothing. */
  get forgettable(): boolean {
    return this.holders === 0 && this.bytes === 0 && !this.#claims?.size;
  }

  append(batch: readonly NewEntry[]): Appended {
    const before = this.bytes;
    const now = this.#store.scheduler.now();
    let place: Appended | undefined;
    for (const { key } of batch) {
      if (key === this.key || sameUser(key, this.key)) continue;
      throw throughlineError('LEAK_STOPPED', 'An event of one user was about to enter the log of another.');
    }
    for (const entry of batch) place = this.#find(entry) ?? this.#push(entry, now);
    if (!place) throw new RangeError('A batch must hold at least one entry.');
    const { limits } = this.#store;
    // What is too old is looked for with each chunk, and by the sweep.
    if (this.bytes > before || this.entries > limits.entries) {
      this.#trim(limits, now);
      this.#store.makeRoom();
    }
    for (const subscriber of this.#subscribers) subscriber.wake();
    return place;
  }

  active(threads?: ReadonlySet<ThreadId>): number {
    for (const run of this.#runs?.values() ?? []) {
      if (!run.ended && (threads?.has(run.thread_id) ?? true)) return Math.max(run.first - 1, this.floor);
    }
    return this.head;
  }

  find(run_id: RunId, seq: number): Found {
    const run = this.#runOf(run_id);
    if (!run || seq > run.lastSeq || seq < 1) return { state: 'unknown' };
    return this.#entryOf(run_id, run, seq) ?? { state: 'dropped' };
  }

  claim(message_id: string): boolean {
    this.#expireClaims();
    this.#claims ??= new Map();
    if (this.#claims.has(message_id)) return false;
    this.#claims.set(message_id, this.#store.scheduler.now());
    return true;
  }

  subscribe(subscriber: Subscriber): () => void {
    // Whoever comes or goes while all are woken changes another list.
    this.#subscribers = this.#subscribers.concat(subscriber);
    return () => {
      this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
    };
  }

  erase(): void {
    this.reset();
    this.#runs = undefined;
    this.#latest = undefined;
    this.#claims = undefined;
    this.epoch = this.#store.scheduler.id();
    for (const subscriber of this.#subscribers) subscriber.wake();
  }

  release(): void {
    this.holders -= 1;
  }

  /** Drops what is too old and what goes beyond `bytes`. */
  shrink(bytes: number): void {
    this.#expireClaims();
    this.#trim({ ...this.#store.limits, bytes }, this.#store.scheduler.now());
  }

  /** Drops, and forgets the runs of which nothing is left. */
  #trim(limits: WindowLimits, now: number): void {
    const { floor } = this;
    if (limits.bytes === 0) this.clear();
    else this.trim(limits, now);
    if (this.floor === floor) return;
    for (const [run_id, run] of this.#runs ?? []) {
      if (!run.ended || run.last > this.floor) continue;
      this.#runs?.delete(run_id);
      if (run === this.#latest) this.#latest = undefined;
    }
  }

  #runOf(run_id: RunId): RunPlace | undefined {
    return this.#latest?.run_id === run_id ? this.#latest : this.#runs?.get(run_id);
  }

  #push(entry: NewEntry, now: number): Appended {
    const mark = this.#nextMark();
    this.push(mark, entry.body, now);
    const offset = this.head;
    const { run_id, seq: lastSeq, ends: ended } = entry;
    if (run_id === undefined || lastSeq === undefined) return { offset, mark };
    const run = this.#runOf(run_id);
    if (run) {
      run.last = offset;
      run.lastSeq = lastSeq;
      run.ended = ended;
      this.#latest = run;
    } else {
      this.#latest = { run_id, thread_id: entry.thread_id, first: offset, last: offset, lastSeq, ended };
      this.#runs ??= new Map();
      this.#runs.set(run_id, this.#latest);
    }
    return { offset, mark };
  }

  /** Where an entry is stored already: an append is repeated when its outcome was unknown. Rare, so it may be slow. */
  #find({ run_id, seq }: NewEntry): Appended | undefined {
    if (run_id === undefined || seq === undefined) return undefined;
    const run = this.#runOf(run_id);
    if (!run || seq > run.lastSeq) return undefined;
    const event = this.#entryOf(run_id, run, seq);
    if (event) return { offset: event.offset, mark: event.mark };
    // It was stored and has been dropped since: the place is gone, the floor is the nearest that is known.
    return { offset: this.floor, mark: this.markAt(this.floor) as string };
  }

  /** The held entry that is an event of a run, or joins it with others. Walks back from the end of the run. */
  #entryOf(run_id: string, { first, last }: RunPlace, seq: number): (Found & { readonly state: 'stored' }) | undefined {
    let looked = 0;
    for (let at = last; at > this.floor && at >= first; at--) {
      const { bytes, last: offset } = this.entryAt(at);
      // One that stands for many offsets is decoded once.
      if (offset === looked) continue;
      looked = offset;
      const event = decodeEntry(bytes) as StoredRunEvent;
      const { first_seq = event.seq, mark, type, thread_id, timestamp } = event;
      if (event.run_id === run_id && first_seq <= seq && seq <= event.seq) {
        return { state: 'stored', offset, mark, type, thread_id, timestamp };
      }
    }
    return undefined;
  }

  /**
   * A sequence that starts anywhere and meets each of its 2^32 values before it repeats one: two writers that store
   * different entries at one offset, as after a rollback, give them different marks. Chosen, not computed from the
   * entry, because a checksum costs ten times as much.
   */
  #nextMark(): string {
    // Signed: of a number of 32 bits that is not, V8 makes an object of its own.
    const mark = (this.#lastMark + 0x9e37_79b1) | 0;
    this.#lastMark = mark;
    return (
      octets[mark >>> 24] + (octets[(mark >>> 16) & 255] as string) + octets[(mark >>> 8) & 255] + octets[mark & 255]
    );
  }

  #expireClaims(): void {
    if (!this.#claims) return;
    const oldest = this.#store.scheduler.now() - claimAgeMs;
    for (const [id, time] of this.#claims) {
      if (time > oldest && this.#claims.size <= claimsPerUser) return;
      this.#claims.delete(id);
    }
  }
}

const octets: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));
