// A log whose every answer a test may hold back, spoil or replace. In between it is the log it wraps.
import type { Awaitable, EventLog, UserLog } from '../src/log.js';

/** Stands between a question and its answer: may answer later, throw instead, or throw after the log has acted. */
type Hook = <T>(answer: () => Awaitable<T>) => Awaitable<T>;

/** Hooks by question; a test sets them and takes them away at any time. */
export type Hooks = Partial<Record<'open' | 'append' | 'read' | 'markAt' | 'active' | 'find' | 'claim', Hook>>;

export function hookedLog(inner: EventLog, hooks: Hooks): EventLog {
  const ask = <T>(name: keyof Hooks, answer: () => Awaitable<T>) => {
    const hook = hooks[name];
    return hook ? hook(answer) : answer();
  };
  return {
    open: (key) =>
      ask('open', () => {
        const log = inner.open(key);
        return log instanceof Promise ? log.then((opened) => hooked(opened, ask)) : hooked(log, ask);
      }),
    close: () => inner.close(),
  };
}

function hooked(log: UserLog, ask: <T>(name: keyof Hooks, answer: () => Awaitable<T>) => Awaitable<T>): UserLog {
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
    append: (batch) => ask('append', () => log.append(batch)),
    read: (after, maxBytes) => ask('read', () => log.read(after, maxBytes)),
    markAt: (offset) => ask('markAt', () => log.markAt(offset)),
    active: (threads) => ask('active', () => log.active(threads)),
    find: (run_id, seq) => ask('find', () => log.find(run_id, seq)),
    claim: (message_id) => ask('claim', () => log.claim(message_id)),
    subscribe: (subscriber) => log.subscribe(subscriber),
    erase: () => log.erase(),
    release: () => log.release(),
  };
}

/** A fault of storage, as a hook. */
export const throws: Hook = () => {
  throw new Error('the disk is on fire');
};

/** The same, told by a promise. */
export const rejects: Hook = () => Promise.reject(new Error('the store is unreachable'));

/** The answer comes, by a promise. */
export const promises: Hook = async (answer) => answer();

/** Stores, and then fails: whoever asked does not know that it is stored. */
export const storesThenThrows: Hook = (answer) => {
  void answer();
  throw new Error('the connection broke after the command was sent');
};

/** The same, told by a promise. */
export const storesThenRejects: Hook = async (answer) => storesThenThrows(answer);
