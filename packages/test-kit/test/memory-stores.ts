// Memory logs on a clock that a test moves, and a way to spoil one thing about a log.
import { randomBytes } from 'node:crypto';
import { type MemoryLogOptions, memoryLog, type Scheduler } from '@throughline/core';
import type { EventLog, UserKey, UserLog } from '@throughline/core/log';
import type { LogSubject } from '../src/log-contract.js';

/** A clock that moves when it is told to. The memory log waits for no timer that a contract needs. */
function movedClock(): { readonly scheduler: Scheduler; readonly elapse: (ms: number) => void } {
  let now = Date.UTC(2026, 10, 20);
  const scheduler: Scheduler = {
    now: () => now,
    turn: (task) => void setImmediate(task),
    after: () => () => {},
    every: () => () => {},
    random: Math.random,
    id: () => randomBytes(12).toString('base64url'),
  };
  return {
    scheduler,
    elapse(ms) {
      now += ms;
    },
  };
}

/** Core's memory log, as the contract asks for one. */
export function memorySubject(): LogSubject {
  return memoryStores().subject;
}

/** The same, and logs of any other size on the same clock. */
export function memoryStores(): {
  readonly subject: LogSubject;
  readonly memory: (options?: MemoryLogOptions) => EventLog;
} {
  const { scheduler, elapse } = movedClock();
  const memory = (options: MemoryLogOptions = {}) => memoryLog(options, scheduler);
  const subject: LogSubject = {
    elapse,
    joins: true,
    atOnce: true,
    open: async () => memory(),
    bounded: async () => memory({ entriesPerUser: 100 }),
  };
  return { subject, memory };
}

/** What a wrapper may replace, knowing the log that it wraps. */
type Changes = (log: UserLog, store: EventLog) => Partial<UserLog>;

/** A store whose logs are those of another, but for what `change` returns. One wrapper for each log, as stores have it. */
export function changedLog(
  inner: EventLog,
  change: Changes,
  openAs: (key: UserKey) => UserKey = (key) => key,
): EventLog {
  const wrapped = new Map<UserLog, UserLog>();
  return {
    open(key) {
      const log = inner.open(openAs(key)) as UserLog;
      const known = wrapped.get(log);
      if (known) return known;
      const made = withDescriptors(plain(log), change(log, inner));
      wrapped.set(log, made);
      return made;
    },
    close: () => inner.close(),
  };
}

function plain(log: UserLog): UserLog {
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
    append: (batch) => log.append(batch),
    read: (after, maxBytes) => log.read(after, maxBytes),
    markAt: (offset) => log.markAt(offset),
    active: (threads) => log.active(threads),
    find: (run_id, seq) => log.find(run_id, seq),
    claim: (message_id) => log.claim(message_id),
    subscribe: (subscriber) => log.subscribe(subscriber),
    erase: () => log.erase(),
    release: () => log.release(),
  };
}

/** Getters are copied as getters. */
function withDescriptors(log: UserLog, changes: Partial<UserLog>): UserLog {
  return Object.defineProperties(log, Object.getOwnPropertyDescriptors(changes) as PropertyDescriptorMap);
}
