// The contract of an event log: the one seam for storage. Types only; the memory log is one implementation.
import type { Position, RunId, TenantId, ThreadId, UserId } from '@throughline/events/protocol';

export type { Position } from '@throughline/events/protocol';

/** A value when it is at hand, a promise when it must be fetched. The memory log never returns a promise. */
export type Awaitable<T> = T | Promise<T>;

/** Whose log it is. Tenants are apart even where user ids collide. */
export interface UserKey {
  readonly tenant_id: TenantId;
  readonly user_id: UserId;
}

/** An event on its way into a log. */
export interface NewEntry {
  /** Whom it is for. A log refuses what is for somebody else. */
  readonly key: UserKey;
  /** The event as JSON, from behind its opening brace: `"user_id":"ada",…}`, without `offset` and `mark`. */
  readonly body: string;
  readonly type: string;
  readonly thread_id: ThreadId;
  /** The run it belongs to and its number there. Absent on an event outside a run. */
  readonly run_id?: RunId;
  readonly seq?: number;
  /** Whether this is the `agent_completed` of its run. */
  readonly ends: boolean;
}

/** Where an entry was stored. */
export interface Appended {
  readonly offset: number;
  /** Eight hexadecimal digits, chosen by the log, that identify the entry at this offset. */
  readonly mark: string;
}

/** What became of an event of a run. */
export type Found =
  | {
      readonly state: 'stored';
      /** The entry that holds it: its own, or one that joins it with its neighbours. */
      readonly offset: number;
      readonly mark: string;
      readonly type: string;
      readonly thread_id: ThreadId;
      readonly timestamp: string;
    }
  /** It was stored, and has been dropped since. */
  | { readonly state: 'dropped' }
  /** The log knows nothing of it. */
  | { readonly state: 'unknown' };

/** Neighbouring entries, ready for a socket. */
export interface Slice {
  /** The entries as unmasked WebSocket text frames, back to back. Never changed after it was handed out. May lie in shared memory. */
  readonly bytes: Buffer;
  /** Offset of the last entry in it. */
  readonly last: number;
}

/** Who is told that there may be something to read: an object, since a function would be two more that each event touches. */
export interface Subscriber {
  wake(): void;
}

/**
 * The log of one user.
 *
 * Order has one source: `read`. `subscribe` only says that there may be something to read.
 */
export interface UserLog {
  /** Whose log it is. */
  readonly key: UserKey;
  /** Identity of this incarnation: 1 to 32 characters of base64url. */
  readonly epoch: string;
  /**
   * Offset of the newest entry; 0 when there was none. It is as far as `read` can go when a subscriber is woken: who stands at
   * `head` does not read.
   */
  readonly head: number;
  /** Offset of the newest entry that is no longer held; 0 when all are. Reading may open here or later. */
  readonly floor: number;

  /**
   * Stores entries, all or none, and wakes the subscribers.
   *
   * Idempotent by `(run_id, seq)`: an entry that is already stored is not stored again, and its place is returned.
   *
   * @returns the place of the last entry of the batch
   * @throws LEAK_STOPPED when an entry is for another user; nothing is stored then
   * @throws (or rejects) when storage failed. Whether the batch was stored may then be unknown: append it again.
   */
  append(batch: readonly NewEntry[]): Awaitable<Appended>;

  /**
   * Reads on.
   *
   * @param after offset of the last entry already read
   * @param maxBytes how much to return at most; one entry is returned even when it alone is larger
   * @returns `undefined` at the head, `'below_floor'` when what was at `after + 1` is no longer held. Where it has been joined with
   *   its neighbours, the first entry is that which joins them: whoever holds some of it takes the rest.
   */
  read(after: number, maxBytes: number): Awaitable<Slice | 'below_floor' | undefined>;

  /**
   * The mark of the entry at an offset from `floor` to `head`; `undefined` for any other offset, and for one that has been
   * joined with the next.
   */
  markAt(offset: number): Awaitable<string | undefined>;

  /**
   * The offset before the first held entry of the oldest unfinished run; `head` when no run is unfinished.
   *
   * @param threads looks at the runs of these threads alone
   */
  active(threads?: ReadonlySet<ThreadId>): Awaitable<number>;

  /** What became of an event of a run. For operators: it may be slow. */
  find(run_id: RunId, seq: number): Awaitable<Found>;

  /**
   * Remembers the id of a client's message.
   *
   * @returns `false` when it was remembered already (for 24 h or 1,000 ids, whichever is shorter)
   */
  claim(message_id: string): Awaitable<boolean>;

  /**
   * Wakes a subscriber after entries were appended, by whomever, and when the log can be read again after it could not.
   * Returns what ends it.
   */
  subscribe(subscriber: Subscriber): () => void;

  /** Forgets everything and begins another incarnation: whoever reads on is told `unknown_epoch`. */
  erase(): Awaitable<void>;

  /** The caller needs this handle no more. Entries stay. */
  release(): void;
}

/** A store of logs. */
export interface EventLog {
  /** Opens the log of a user, making it when there is none. The same user gets the same log. */
  open(key: UserKey): Awaitable<UserLog>;
  /** Ends timers and connections. Entries stay where they outlive a process. */
  close(): Awaitable<void>;
}

/** Where an event was stored: the verdict of every send. */
export type Verdict = Promise<Position>;
