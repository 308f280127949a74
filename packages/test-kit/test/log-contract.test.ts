// The contract of event logs: core's memory log keeps it, and a log that breaks one rule is caught by the case of that rule.
import type { EventLog, Subscriber, UserLog } from '@throughline/core/log';
import { describe, expect, test } from 'vitest';
import { isTestKitError } from '../src/index.js';
import {
  type ContractCase,
  type LogSubject,
  logContract,
  type RunContractOptions,
  runContract,
} from '../src/log-contract.js';
import { brokenLogs } from './broken-logs.js';
import { changedLog, memoryStores, memorySubject } from './memory-stores.js';

const print = () => {};

/** The cases that are not skipped, by name. */
const asked = (cases: readonly ContractCase[]) =>
  cases.flatMap(({ name, skip, run }) => (skip === undefined ? [[name, run] as const] : []));

describe('S12: core’s memory log keeps the contract', () => {
  const cases = logContract(memorySubject());
  test.each(asked(cases))('%s', (_, run) => expect(run()).resolves.toBeUndefined());

  test('and is asked everything but what takes two processes or a failure', () => {
    expect(new Set(cases.flatMap(({ skip }) => skip ?? []))).toEqual(
      new Set(['one process alone has this store', 'this store cannot be made to fail']),
    );
  });
});

/** The memory log behind promises, as a store over a network answers, with an outage to order. */
function remoteSubject(): LogSubject {
  const inner = memoryStores();
  const remote = (store: EventLog, state = { fails: false, subscribers: new Set<Subscriber>() }) =>
    changedLog(store, (log) => {
      const answer = async <Value>(value: () => Value | Promise<Value>): Promise<Value> => {
        await new Promise((resolve) => setImmediate(resolve));
        if (state.fails) throw new Error('the store is unreachable');
        return value();
      };
      return {
        append: (batch) => answer(() => log.append(batch)),
        read: (after, maxBytes) => answer(() => log.read(after, maxBytes)),
        markAt: (offset) => answer(() => log.markAt(offset)),
        active: (threads) => answer(() => log.active(threads)),
        find: (run_id, seq) => answer(() => log.find(run_id, seq)),
        claim: (message_id) => answer(() => log.claim(message_id)),
        erase: () => answer(() => log.erase()),
        subscribe(subscriber) {
          state.subscribers.add(subscriber);
          const end = log.subscribe(subscriber);
          return () => {
            state.subscribers.delete(subscriber);
            end();
          };
        },
      };
    });
  let last: EventLog | undefined;
  const { open: _, atOnce: __, ...rest } = inner.subject;
  return {
    ...rest,
    open: async () => {
      last = inner.memory();
      return remote(last);
    },
    again: async () => ({ ...remote(last as EventLog), close: () => {} }),
    bounded: async () => remote(inner.memory({ entriesPerUser: 100 })),
    outage: async () => {
      const state = { fails: false, subscribers: new Set<Subscriber>() };
      return {
        store: remote(inner.memory(), state),
        begin() {
          state.fails = true;
        },
        end() {
          state.fails = false;
          for (const subscriber of state.subscribers) subscriber.wake();
        },
      };
    },
  };
}

describe('a log that answers with promises, in two processes, with outages, keeps it too', () => {
  const cases = logContract(remoteSubject());
  test.each(asked(cases))('%s', (_, run) => expect(run()).resolves.toBeUndefined());

  test('nothing is skipped but what contradicts it', () => {
    const skipped = cases.filter(({ skip }) => skip !== undefined);
    expect(skipped.map(({ name }) => name)).toEqual(['every answer is at hand: none is a promise']);
  });
});

describe.concurrent('R20: each broken log is caught by the case meant for it', () => {
  test.each(Object.entries(brokenLogs))('a log that %s', async (_, { caught, spoil }) => {
    const { subject, memory } = memoryStores();
    const spoiled: LogSubject = {
      ...subject,
      open: async () => spoil(memory()),
      bounded: async () => spoil(memory({ entriesPerUser: 100 })),
    };
    const cases = logContract(spoiled).filter(({ name }) => name === caught);
    const [result] = await runContract(cases, { print });
    expect(result).toMatchObject({ name: caught, outcome: 'failed' });
  });

  test('a log whose failed append looks like a success, and one that wakes nobody after an outage', async () => {
    const { subject, memory } = memoryStores();
    const outage = async () => {
      let fails = false;
      const store = changedLog(memory(), (log: UserLog) => ({
        append: (batch) => (fails ? { offset: log.head, mark: '00000000' } : log.append(batch)),
        async read(after, maxBytes) {
          if (fails) throw new Error('the store is unreachable');
          return log.read(after, maxBytes);
        },
      }));
      const set = (value: boolean) => () => {
        fails = value;
      };
      return { store, begin: set(true), end: set(false) };
    };
    const results = await runContract(logContract({ ...subject, outage }), {
      print,
      only: /storage that fails|woken when reading/,
    });
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });

  test('a log that is woken by another process before it knows how far that went', async () => {
    const { subject, memory } = memoryStores();
    let last: EventLog | undefined;
    const open = async () => {
      last = memory();
      return changedLog(last, (log: UserLog) => {
        let known = 0;
        const knowing = <Answer>(answer: Answer): Answer => {
          known = log.head;
          return answer;
        };
        return {
          get head() {
            return known;
          },
          append: (batch) => knowing(log.append(batch)),
          read: (after, maxBytes) => knowing(log.read(after, maxBytes)),
        };
      });
    };
    const again = async () => ({ ...changedLog(last as EventLog, () => ({})), close: () => {} });
    const cases = logContract({ ...subject, open, again });
    const [result] = await runContract(cases, { print, only: 'what another process appends' });
    expect(result).toMatchObject({ outcome: 'failed', error: { message: expect.stringContaining('head') as string } });
  });
});

describe('the runner', () => {
  test('says what passed, failed and was skipped, and prints the last two with their reasons', async () => {
    const lines: string[] = [];
    const cases = [
      { name: 'one', reason: 'of a reason', run: async () => {} },
      { name: 'two', reason: 'of another', run: () => Promise.reject(new Error('it broke')) },
      { name: 'three', reason: 'of a third', skip: 'it cannot', run: async () => {} },
    ];
    const results = await runContract(cases, { print: (line) => lines.push(line) });
    expect(results.map(({ outcome }) => outcome)).toEqual(['passed', 'failed', 'skipped']);
    expect(lines).toEqual(['failed: two (of another): it broke', 'skipped: three (it cannot)']);
    const some = await runContract(cases, { only: 'one', print });
    expect(some.map(({ name }) => name)).toEqual(['one']);
    const nothing = await runContract(cases, { only: /four/ }).catch((error: unknown) => error);
    expect(isTestKitError(nothing, 'OPTION_INVALID')).toBe(true);
  });

  test('skips of a backend that can do little carry their reasons', async () => {
    const { open } = memorySubject();
    const lines: string[] = [];
    const only = /dropped|another process|outage|24 hours|at hand: none/;
    const results = await runContract(logContract({ open }), { only, print: (line) => lines.push(line) });
    expect(results.every(({ outcome }) => outcome === 'skipped')).toBe(true);
    expect(lines.join('\n')).toContain('one process alone has this store');
  });
});

test('R20 what a subject cannot say, and options that are none, are refused', async () => {
  const subject = { ...memorySubject(), reopen: () => memorySubject().open() } as LogSubject;
  expect(() => logContract(subject)).toThrow(/no option reopen of logContract/);
  const options = { filter: 'floor' } as RunContractOptions;
  await expect(runContract(logContract(memorySubject()), options)).rejects.toThrow(/no option filter of runContract/);
});
