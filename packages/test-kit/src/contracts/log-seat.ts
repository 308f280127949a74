// What a case of the log contract works with: a store, and users in it whom no other case has.
import { randomBytes } from 'node:crypto';
import type { EventLog, UserKey, UserLog } from '@throughline/core/log';
import type { ContractCase } from './contract.js';

/** A store that can be made to fail. */
export interface Outage {
  readonly store: EventLog;
  /** From now on storage answers nothing, or fails. */
  begin(): void | Promise<void>;
  end(): void | Promise<void>;
}

/** A backend, and what else can be done with it. What is left out skips the cases that need it. */
export interface LogSubject {
  /** Opens the store. Whether it is the same store each time is its own business: every case brings users of its own. */
  open(): Promise<EventLog>;
  /** Opens the store of the one that `open` gave last once more, as another process does. */
  again?: () => Promise<EventLog>;
  /** Opens a store that holds at most about 100 entries, or 20 kB, of a user. */
  bounded?: () => Promise<EventLog>;
  /** Whether the bounded one joins neighbours before it drops anything. */
  readonly joins?: boolean;
  /** Moves the clock of the stores that were opened, by milliseconds. */
  elapse?: (ms: number) => void | Promise<void>;
  /** Opens a store that can be made to fail. */
  outage?: () => Promise<Outage>;
  /** Whether every answer is at hand: none is a promise. */
  readonly atOnce?: boolean;
}

/** Where a case sits. */
export interface LogSeat {
  readonly store: EventLog;
  readonly key: UserKey;
  readonly log: UserLog;
  /** The key of a user whom this case alone has. */
  keyOf(user_id: string, tenant_id?: string): UserKey;
  /** Opens a log, of the user of this case unless another is named. */
  open(key?: UserKey, store?: EventLog): Promise<UserLog>;
}

/** Which part of a subject a case is about, and why it is skipped where there is none. */
export const needs = {
  again: 'one process alone has this store',
  bounded: 'this store drops nothing as long as a test lasts',
  joins: 'this store joins no neighbours',
  elapse: 'the clock of this store cannot be moved',
  outage: 'this store cannot be made to fail',
  atOnce: 'this store answers with promises',
} as const;

export type Need = keyof typeof needs;

/** A case before it knows its subject. */
export interface LogRule {
  readonly name: string;
  readonly reason: string;
  readonly needs?: readonly Need[];
  run(seat: LogSeat, subject: LogSubject): Promise<void>;
}

/** A case of a subject. */
export function caseOf({ name, reason, needs: wanted = [], run }: LogRule, subject: LogSubject): ContractCase {
  const lacking = wanted.find((need) => subject[need] === undefined || subject[need] === false);
  if (lacking !== undefined) return { name, reason, skip: needs[lacking], run: () => Promise.resolve() };
  return {
    name,
    reason,
    async run() {
      const opening = wanted.includes('bounded')
        ? (subject.bounded as NonNullable<LogSubject['bounded']>)
        : subject.open;
      const store = await opening.call(subject);
      try {
        await withSeat(store, (seat) => run(seat, subject));
      } finally {
        await store.close();
      }
    },
  };
}

/** Sits somebody down at a store, and lets go of what was opened. */
export async function withSeat(store: EventLog, work: (seat: LogSeat) => Promise<void>): Promise<void> {
  const own = randomBytes(6).toString('hex');
  const opened: UserLog[] = [];
  const keyOf = (user_id: string, tenant_id = 'default') => ({ user_id: `${user_id}-${own}`, tenant_id });
  const key = keyOf('ada');
  const open = async (whom = key, of = store) => {
    const log = await of.open(whom);
    opened.push(log);
    return log;
  };
  try {
    await work({ store, key, log: await open(), keyOf, open });
  } finally {
    for (const log of opened) log.release();
  }
}
