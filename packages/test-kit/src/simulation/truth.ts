// What was really stored, in the order in which it was: written down where it enters the log, and compared with what pages see.
import type { EventLog, NewEntry, UserLog } from '@throughline/core/log';
import type { World } from './world.js';

/** An event as it was stored. */
export interface StoredEvent {
  readonly offset: number;
  readonly type: string;
  readonly thread_id: string;
  readonly run_id: string | undefined;
  readonly seq: number | undefined;
  readonly ends: boolean;
  /** Its data. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** One incarnation of one user's log. */
export interface Truth {
  readonly user_id: string;
  readonly epoch: string;
  /** By offset, the first at index 0. */
  readonly events: readonly StoredEvent[];
  readonly runs: ReadonlyMap<string, readonly StoredEvent[]>;
  /** Runs without an end. */
  readonly unfinished: ReadonlySet<string>;
  /** Up to where the log has dropped what it held. */
  readonly floor: number;
}

export interface Truths {
  /** The truth of an incarnation, if it ever was. */
  of(user_id: string, epoch: string): Truth | undefined;
  /** The newest incarnation of a user's log. */
  latest(user_id: string): Truth | undefined;
  /** Runs without an end, of all users. */
  unfinished(): readonly string[];
  /** The same log, looked at. */
  watched(log: EventLog): EventLog;
}

/** What the store is like. Asked each time. */
export interface Store {
  /** How long it takes there, and how long back, in ms; 0 is at once, as with a log in memory. */
  delayMs(): number;
  /** Whether, and how, an append fails: with nothing stored, or with everything. */
  fails(): 'before' | 'after' | undefined;
}

export function createTruths(world: World, store: Store): Truths {
  const truths = new Map<string, RecordedTruth>();
  const latest = new Map<string, RecordedTruth>();
  /** Answers at once, or when the question and the answer have travelled. */
  function later<T>(answer: () => T | Promise<T>): T | Promise<T> {
    const there = store.delayMs();
    if (there === 0) return answer();
    return world.timers
      .sleep(there)
      .then(answer)
      .then((value) => world.timers.sleep(store.delayMs()).then(() => value));
  }
  return {
    of: (user_id, epoch) => truths.get(`${user_id} ${epoch}`),
    latest: (user_id) => latest.get(user_id),
    unfinished: () => [...latest.values()].flatMap((truth) => [...truth.unfinished]),
    watched: (log) => ({
      async open(key) {
        const inner = await log.open(key);
        const name = `${key.user_id} ${inner.epoch}`;
        const truth = truths.get(name) ?? new RecordedTruth(key.user_id, inner, world);
        truths.set(name, truth);
        latest.set(key.user_id, truth);
        return watchedLog(inner, truth, later, store.fails);
      },
      close: () => log.close(),
    }),
  };
}

type Later = <T>(answer: () => T | Promise<T>) => T | Promise<T>;

function watchedLog(log: UserLog, truth: RecordedTruth, later: Later, fails: Store['fails']): UserLog {
  return {
    key: log.key,
    get epoch() {
      return log.epoch;
    },
    get head() {
      return log.head;
    },
    get floor() {
      return log.floor;
    },
    append: (batch) =>
      later(() => {
        const failing = fails();
        if (failing === 'before') throw new Error('The store failed.');
        // Before it is stored: what is stored wakes readers at once.
        truth.record(batch);
        const place = log.append(batch);
        if (failing === 'after') throw new Error('The store failed, perhaps.');
        return place;
      }),
    read: (after, maxBytes) => later(() => log.read(after, maxBytes)),
    markAt: (offset) => later(() => log.markAt(offset)),
    active: (threads) => later(() => log.active(threads)),
    find: (run_id, seq) => log.find(run_id, seq),
    claim: (message_id) => later(() => log.claim(message_id)),
    subscribe: (subscriber) => log.subscribe(subscriber),
    erase: () => log.erase(),
    release: () => log.release(),
  };
}

class RecordedTruth implements Truth {
  readonly user_id: string;
  readonly epoch: string;
  readonly events: StoredEvent[] = [];
  readonly runs: Map<string, StoredEvent[]> = new Map();
  readonly unfinished: Set<string> = new Set();
  readonly #log: UserLog;
  readonly #world: World;

  constructor(user_id: string, log: UserLog, world: World) {
    this.user_id = user_id;
    this.epoch = log.epoch;
    this.#log = log;
    this.#world = world;
  }

  get floor(): number {
    return this.#log.floor;
  }

  record(batch: readonly NewEntry[]): void {
    for (const { body, key, run_id, seq, type, thread_id, ends } of batch) {
      const known = run_id === undefined ? undefined : this.runs.get(run_id);
      // Appended again, since nobody knew whether it was stored: a log keeps the first.
      if (known && seq !== undefined && seq <= known.length) continue;
      const { data, user_id } = JSON.parse(`{${body}`) as { data: Record<string, unknown>; user_id: string };
      if (user_id !== this.user_id || key.user_id !== this.user_id) {
        this.#fail('foreign event', `an entry of ${user_id} was appended to the log of ${this.user_id}`);
      }
      const offset = this.events.length + 1;
      const event = { offset, type, thread_id, run_id, seq, ends, data };
      this.#judge(event, known);
      this.events.push(event);
      this.#world.trace.note(this.user_id, `stored ${offset} ${type} ${run_id ?? '-'} ${seq ?? '-'}`);
      if (run_id === undefined) continue;
      if (known) known.push(event);
      else this.runs.set(run_id, [event]);
      if (ends) this.unfinished.delete(run_id);
      else this.unfinished.add(run_id);
    }
  }

  /** What a service promises of each run: section 4 of the protocol. */
  #judge({ run_id, seq, type, data, ends }: StoredEvent, known: readonly StoredEvent[] = []): void {
    if (run_id === undefined) return;
    const last = known.at(-1);
    const name = `${type} ${seq} of run ${run_id}`;
    if (seq !== known.length + 1) this.#fail('golden path', `${name} follows ${known.length} events`);
    if ((type === 'agent_started') !== (seq === 1))
      this.#fail('golden path', `${name}: a run begins with agent_started`);
    if (last?.ends) this.#fail('golden path', `${name} follows the end of the run`);
    if (ends !== (type === 'agent_completed')) this.#fail('golden path', `${name}: only agent_completed ends a run`);
    if (type !== 'tool_completed' && type !== 'agent_completed') return;
    const open = new Set<unknown>();
    for (const event of known) {
      if (event.type === 'tool_executing') open.add(event.data.tool_call_id);
      else if (event.type === 'tool_completed') open.delete(event.data.tool_call_id);
    }
    if (type === 'tool_completed' && !open.has(data.tool_call_id)) {
      this.#fail('golden path', `${name}: tool call ${String(data.tool_call_id)} is not open`);
    }
    if (ends && open.size > 0) this.#fail('golden path', `${name}: ${open.size} tools were left open`);
  }

  #fail(invariant: string, what: string): void {
    this.#world.fail(invariant, this.user_id, what);
  }
}
