// One incarnation of a log must never pass for another: not after an erasure, not after a rollback, not of another user.
import { describe, expect, test } from 'vitest';
import { nameOf } from '../src/envelope.js';
import type { NewEntry, UserKey, UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { ada, entryOf, piece } from './agent-events.js';
import { fakeScheduler } from './fake-scheduler.js';

function openLog(scheduler = fakeScheduler()): UserLog {
  return memoryLog({}, scheduler).open(ada) as UserLog;
}

const words = (seq: number): NewEntry => entryOf(piece('r', seq, 'x'));

describe('R8 R13: a log that is erased', () => {
  test('has another name from then on, and nothing of what it held', async () => {
    const log = openLog();
    void log.append([words(1), words(2)]);
    expect(log.claim('m1')).toBe(true);
    const { epoch } = log;
    await log.erase();
    expect(log.epoch).not.toBe(epoch);
    expect(log).toMatchObject({ head: 0, floor: 0 });
    expect(log.read(0, 65_536)).toBeUndefined();
    expect(log.find('r', 1)).toEqual({ state: 'unknown' });
    expect(log.claim('m1')).toBe(true);
  });

  test('knows nothing of its runs, not of the latest either: one of the same id is stored from its first event on', async () => {
    const log = openLog();
    void log.append([words(1), words(2)]);
    await log.erase();
    expect(log.active()).toBe(0);
    expect(log.append([words(1)])).toMatchObject({ offset: 1 });
    expect(log.append([words(2)])).toMatchObject({ offset: 2 });
    expect(log).toMatchObject({ head: 2 });
    expect(log.active()).toBe(0);
    expect(log.find('r', 2)).toMatchObject({ state: 'stored', offset: 2 });
  });

  test('wakes its readers at once: they show what is to be forgotten', async () => {
    const log = openLog();
    void log.append([words(1)]);
    const { epoch } = log;
    const woken: string[] = [];
    log.subscribe({ wake: () => woken.push(log.epoch) });
    await log.erase();
    expect(woken).toHaveLength(1);
    expect(woken).not.toContain(epoch);
  });
});

test('R8: two logs give different marks to what they hold at one offset, so that a rollback is seen', () => {
  const marks = [0.1, 0.5, 0.9].map((chance) => {
    const log = openLog({ ...fakeScheduler(), random: () => chance });
    void log.append([words(1)]);
    return log.markAt(1);
  });
  expect(new Set(marks).size).toBe(3);
});

test.each([':', '/', '|', ',', '.', '_', '"', '","', '"]'])(
  'S9: no two users have one name, though their ids hold %s, which might part them',
  (part) => {
    const one: UserKey = { tenant_id: 'a', user_id: `b${part}c` };
    const other: UserKey = { tenant_id: `a${part}b`, user_id: 'c' };
    expect(nameOf(one)).not.toBe(nameOf(other));
    const store = memoryLog({}, fakeScheduler());
    expect(store.open(one)).not.toBe(store.open(other));
  },
);
