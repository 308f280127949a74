import { describe, expect, test, vi } from 'vitest';
import type { NewEntry, UserLog } from '../src/log.js';
import { type MemoryLogOptions, memoryLog } from '../src/memory-log.js';
import { ada, entryOf, piece, said } from './agent-events.js';
import { fakeScheduler } from './fake-scheduler.js';
import { type ReadEntry, readEntries } from './frame-reader.js';

const hour = 3_600_000;
function outside(text = 'x'): NewEntry {
  return {
    key: ada,
    body: `"type":"acme.note","thread_id":"t","data":${JSON.stringify(text)}}`,
    type: 'acme.note',
    thread_id: 't',
    ends: false,
  };
}

function ofRun(run_id: string, seq: number, ends = false, text = ''): NewEntry {
  const type = ends ? 'agent_completed' : 'agent_started';
  return { ...entryOf(said(type, run_id, seq, text)), ends };
}

/** A store and a way to the log of a user in it, whose calls are known to answer at once. */
function makeLog(options: MemoryLogOptions = {}) {
  const scheduler = fakeScheduler();
  const store = memoryLog(options, scheduler);
  const open = (user_id = 'ada', tenant_id = 'default') => store.open({ tenant_id, user_id }) as UserLog;
  return { scheduler, store, open, log: open() };
}

function readAll(log: UserLog): ReadEntry[] {
  const entries: ReadEntry[] = [];
  for (let at = log.floor; ; ) {
    const slice = log.read(at, 65_536);
    if (slice === undefined) return entries;
    if (slice instanceof Promise || slice === 'below_floor') throw new TypeError('no entries at hand');
    entries.push(...readEntries(slice.bytes));
    at = slice.last;
  }
}

describe('append', () => {
  test('numbers entries densely from 1 and returns where the last of a batch went', () => {
    const { log } = makeLog();
    expect(log.head).toBe(0);
    expect(log.append([outside('a'), outside('b')])).toEqual({ offset: 2, mark: log.markAt(2) });
    expect(log.append([outside('c')])).toEqual({ offset: 3, mark: log.markAt(3) });
    expect(readAll(log).map(({ offset, data }) => [offset, data])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  test('sends the mark of each entry in it, and no two are equal', () => {
    const { log } = makeLog();
    for (let count = 0; count < 500; count++) void log.append([outside()]);
    const entries = readAll(log);
    for (const { offset, mark } of entries) expect(log.markAt(offset)).toBe(mark);
    expect(new Set(entries.map(({ mark }) => mark)).size).toBe(500);
  });

  test('is idempotent by run and number, and returns the first place', () => {
    const { log } = makeLog();
    void log.append([ofRun('r', 1), ofRun('r', 2), ofRun('s', 1)]);
    const places = [1, 2, 3].map((offset) => ({ offset, mark: log.markAt(offset) }));
    expect(log.append([ofRun('r', 1, false, 'again')])).toEqual(places[0]);
    expect(log.append([ofRun('r', 2)])).toEqual(places[1]);
    expect(log.append([ofRun('s', 1)])).toEqual(places[2]);
    expect(log.head).toBe(3);
  });

  test('takes what is new of a batch that was stored in part, after a doubt', () => {
    const { log } = makeLog();
    void log.append([ofRun('r', 1), ofRun('r', 2)]);
    expect(log.append([ofRun('r', 2), ofRun('r', 3), ofRun('r', 4, true)])).toMatchObject({ offset: 4 });
    expect(readAll(log).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test('answers for an entry that it has dropped since with the nearest place it knows', () => {
    const { log } = makeLog({ entriesPerUser: 10 });
    void log.append([ofRun('r', 1)]);
    for (let seq = 2; seq < 300; seq++) void log.append([ofRun('r', seq, false, 'x'.repeat(100))]);
    expect(log.floor).toBeGreaterThan(1);
    expect(log.append([ofRun('r', 1)])).toEqual({ offset: log.floor, mark: log.markAt(log.floor) });
    expect(log.head).toBe(299);
  });

  test('refuses an empty batch', () => {
    expect(() => makeLog().log.append([])).toThrow(RangeError);
  });

  test('wakes whoever subscribed, until they end it', () => {
    const { log } = makeLog();
    let woken = 0;
    const end = log.subscribe({ wake: () => woken++ });
    void log.append([outside()]);
    expect(woken).toBe(1);
    end();
    void log.append([outside()]);
    expect(woken).toBe(1);
  });
});

describe('S9: whose log it is', () => {
  test('the same user has the same log, other users and tenants have others', () => {
    const { open, log } = makeLog();
    void log.append([outside('secret')]);
    expect(open()).toBe(log);
    for (const other of [open('bob'), open('ada', 'acme'), open('["default","ada"]'), open('ada"]', '["default"')]) {
      expect(other.head).toBe(0);
      expect(other.epoch).not.toBe(log.epoch);
    }
  });

  test('entries outlive the handles of those who wrote them', () => {
    const { open, log, scheduler } = makeLog();
    void log.append([outside()]);
    log.release();
    scheduler.advance(hour / 2);
    expect(open().head).toBe(1);
  });

  test('a log that nobody holds and that holds nothing is forgotten: it comes back in another epoch', () => {
    const { open, log, scheduler } = makeLog();
    const { epoch } = log;
    void log.append([outside()]);
    scheduler.advance(2 * hour);
    expect(open().epoch).toBe(epoch);
    log.release();
    log.release();
    scheduler.advance(2 * hour);
    const anew = open();
    expect(anew.epoch).not.toBe(epoch);
    expect(anew.head).toBe(0);
  });

  test('a log is not forgotten while it remembers a message', () => {
    const { open, log, scheduler } = makeLog();
    void log.claim('m-1');
    log.release();
    scheduler.advance(23 * hour);
    expect(open().claim('m-1')).toBe(false);
  });
});

describe('active', () => {
  test('is the head while no run is unfinished', () => {
    const { log } = makeLog();
    expect(log.active()).toBe(0);
    void log.append([outside(), ofRun('r', 1), ofRun('r', 2, true)]);
    expect(log.active()).toBe(3);
  });

  test('is before the oldest unfinished run, whatever ended meanwhile', () => {
    const { log } = makeLog();
    void log.append([outside(), ofRun('a', 1), ofRun('b', 1), ofRun('c', 1)]);
    expect(log.active()).toBe(1);
    void log.append([ofRun('b', 2, true)]);
    expect(log.active()).toBe(1);
    void log.append([ofRun('a', 2, true)]);
    expect(log.active()).toBe(3);
    void log.append([ofRun('c', 2, true)]);
    expect(log.active()).toBe(log.head);
  });

  test('is the floor when the beginning of that run is gone', () => {
    const { log } = makeLog({ entriesPerUser: 10 });
    for (let seq = 1; seq < 300; seq++) void log.append([ofRun('r', seq, false, 'x'.repeat(100))]);
    expect(log.floor).toBeGreaterThan(0);
    expect(log.active()).toBe(log.floor);
  });
});

test('a run is unfinished until it ends, though nothing of it is held any more', () => {
  const { log } = makeLog({ entriesPerUser: 10 });
  void log.append([ofRun('r', 1)]);
  for (let count = 0; count < 300; count++) void log.append([outside('x'.repeat(100))]);
  expect(log.floor).toBeGreaterThan(1);
  expect(log.active()).toBe(log.floor);
  const { head } = log;
  void log.append([ofRun('r', 1), ofRun('r', 2)]);
  expect(log.head).toBe(head + 1);
  void log.append([ofRun('r', 3, true)]);
  expect(log.active()).toBe(log.head);
});

test('a run that ended and of which nothing is held any more is forgotten, though it was the latest', () => {
  const { log } = makeLog({ entriesPerUser: 10 });
  void log.append([ofRun('r', 1), ofRun('r', 2, true)]);
  for (let count = 0; count < 300; count++) void log.append([outside('x'.repeat(100))]);
  expect(log.floor).toBeGreaterThan(2);
  expect(log.find('r', 1)).toEqual({ state: 'unknown' });
  const { head } = log;
  expect(log.append([ofRun('r', 1)])).toMatchObject({ offset: head + 1 });
  expect(log.active()).toBe(head);
});

test('R12: active looks at the runs of some threads alone, when it is asked to', () => {
  const { log } = makeLog();
  const of = (thread_id: string, run_id: string, seq: number, type = 'agent_started') =>
    entryOf(said(type, run_id, seq, {}, thread_id));
  void log.append([outside(), of('a', 'r', 1), of('b', 's', 1), of('b', 'u', 1), of('c', 'v', 1)]);
  void log.append([of('b', 's', 2, 'agent_completed'), of('c', 'v', 2, 'agent_completed')]);
  expect(log.active()).toBe(1);
  expect(log.active(new Set(['a', 'b']))).toBe(1);
  expect(log.active(new Set(['c', 'b']))).toBe(3);
  expect(log.active(new Set(['c']))).toBe(log.head);
  expect(log.active(new Set())).toBe(log.head);
});

describe('R11: what became of an event', () => {
  const answer = (run_id: string, last: number) =>
    Array.from({ length: last }, (_, index) => entryOf(piece(run_id, index + 1, 'x'.repeat(40))));

  test('it is where it was stored', () => {
    const { log } = makeLog();
    void log.append([outside(), ofRun('r', 1), outside(), ofRun('s', 1), ofRun('r', 2, true)]);
    const { timestamp } = said('', '', 0, {});
    const stored = (offset: number, type: string) => ({
      ...{ state: 'stored', offset, mark: log.markAt(offset), type, thread_id: 't', timestamp },
    });
    expect(log.find('r', 1)).toEqual(stored(2, 'agent_started'));
    expect(log.find('r', 2)).toEqual(stored(5, 'agent_completed'));
    expect(log.find('s', 1)).toEqual(stored(4, 'agent_started'));
  });

  test('it is in the entry that joins it with its neighbours, and nowhere else', () => {
    const { log } = makeLog({ entriesPerUser: 150 });
    void log.append([outside(), ...answer('r', 300)]);
    expect(log.floor).toBe(0);
    const joined = readAll(log).filter(({ first_seq }) => first_seq !== undefined);
    expect(joined.length).toBeGreaterThan(1);
    for (const { first_seq, seq, offset, mark } of joined) {
      for (const number of [first_seq, Number(first_seq) + 1, seq]) {
        expect(log.find('r', Number(number))).toMatchObject({ state: 'stored', offset, mark });
      }
    }
    // What is stored already, though joined, is not stored again.
    const { seq, offset, mark } = joined[0] as ReadEntry;
    expect(log.append([entryOf(piece('r', Number(seq) - 1, 'again'))])).toEqual({ offset, mark });
    expect(log.head).toBe(301);
  });

  test('it is looked for without decoding anything twice', () => {
    const { log } = makeLog({ entriesPerUser: 150 });
    void log.append(answer('r', 1_000));
    const entries = readAll(log).length;
    const parse = vi.spyOn(JSON, 'parse');
    expect(log.find('r', 1)).toMatchObject({ state: 'stored' });
    expect(parse.mock.calls.length).toBeLessThanOrEqual(entries);
    parse.mockRestore();
  });

  test('it was dropped, or nobody knows of it', () => {
    const { log } = makeLog({ entriesPerUser: 10 });
    void log.append([ofRun('r', 1), ofRun('r', 2)]);
    for (let count = 0; count < 300; count++) void log.append([outside('x'.repeat(100))]);
    expect(log.find('r', 1)).toEqual({ state: 'dropped' });
    expect(log.find('r', 2)).toEqual({ state: 'dropped' });
    for (const seq of [3, 0, -1]) expect(log.find('r', seq)).toEqual({ state: 'unknown' });
    expect(log.find('s', 1)).toEqual({ state: 'unknown' });
  });
});

describe('claim', () => {
  test('remembers a message, once', () => {
    const { log } = makeLog();
    expect(log.claim('m-1')).toBe(true);
    expect(log.claim('m-1')).toBe(false);
    expect(log.claim('m-2')).toBe(true);
  });

  test('remembers the last 1,000', () => {
    const { log } = makeLog();
    for (let count = 1; count <= 1_000; count++) expect(log.claim(`m-${count}`)).toBe(true);
    expect(log.claim('m-1')).toBe(false);
    expect(log.claim('m-1001')).toBe(true);
    expect(log.claim('m-2')).toBe(false);
    expect(log.claim('m-1')).toBe(true);
  });

  test('remembers for 24 hours', () => {
    const { log, scheduler } = makeLog();
    void log.claim('m-1');
    scheduler.advance(24 * hour - 1);
    expect(log.claim('m-1')).toBe(false);
    scheduler.advance(1);
    expect(log.claim('m-1')).toBe(true);
  });
});

describe('bounds', () => {
  test('a log keeps epoch, head and the mark of its floor when everything in it is dropped', () => {
    const { log, scheduler } = makeLog({ maxAgeMs: hour });
    void log.append([outside('a'), outside('b')]);
    const { epoch } = log;
    const mark = log.markAt(2);
    scheduler.advance(2 * hour);
    expect(log).toMatchObject({ epoch, head: 2, floor: 2 });
    expect(log.markAt(2)).toBe(mark);
    expect(log.read(1, 1)).toBe('below_floor');
    expect(log.read(2, 1)).toBeUndefined();
    void log.append([outside('c')]);
    expect(readAll(log)).toMatchObject([{ offset: 3, data: 'c' }]);
  });

  test('a user has so many bytes', () => {
    const { log } = makeLog({ bytesPerUser: 40_000 });
    for (let count = 0; count < 1_000; count++) void log.append([outside('x'.repeat(200))]);
    const kept = readAll(log);
    expect(kept.length).toBeGreaterThan(40);
    expect(kept.length * 200).toBeLessThan(40_000);
  });

  test('a user has so many entries, within a chunk', () => {
    const { log } = makeLog({ entriesPerUser: 100 });
    for (let count = 0; count < 1_000; count++) void log.append([outside('x'.repeat(200))]);
    expect(log.head - log.floor).toBeLessThanOrEqual(100);
    expect(log.head - log.floor).toBeGreaterThan(0);
  });

  test('over the total, logs that nobody reads and no run writes go first, then the largest', () => {
    const { open } = makeLog({ bytesInAll: 350_000 });
    const fill = (log: UserLog, entries: number, first: NewEntry = outside()) => {
      void log.append([{ ...first, key: log.key }]);
      for (let count = 1; count < entries; count++) void log.append([{ ...outside('x'.repeat(100)), key: log.key }]);
    };
    const read = open('read');
    read.subscribe({ wake: () => {} });
    const written = open('written');
    const idle = open('idle');
    const largest = open('largest');
    largest.subscribe({ wake: () => {} });
    fill(read, 300);
    fill(written, 300, ofRun('r', 1));
    fill(idle, 300);
    fill(largest, 1_000);
    expect(idle.floor).toBe(idle.head);
    expect(read.floor).toBe(0);
    expect(written.floor).toBe(0);
    expect(largest.floor).toBe(0);
    fill(largest, 2_000);
    expect(read.floor).toBe(0);
    expect(written.floor).toBe(0);
    expect(largest.floor).toBeGreaterThan(0);
    expect(largest.floor).toBeLessThan(largest.head);
  });

  test('S7: an answer of an hour fits a log that would hold a tenth of its pieces', () => {
    const { log } = makeLog({ bytesPerUser: 40_000 });
    for (let seq = 1; seq <= 2_000; seq++) void log.append([entryOf(piece('r', seq, 'token '))]);
    expect(log.floor).toBe(0);
    const text = readAll(log).map(({ data }) => (data as { text: string }).text);
    expect(text.join('')).toBe('token '.repeat(2_000));
  });

  test('what joining and dropping free is free for others', () => {
    const { open } = makeLog({ bytesPerUser: 40_000, bytesInAll: 150_000 });
    const idle = open('idle');
    for (let count = 0; count < 100; count++) void idle.append([{ ...outside('x'.repeat(100)), key: idle.key }]);
    const busy = open('busy');
    busy.subscribe({ wake: () => {} });
    for (let seq = 1; seq <= 30_000; seq++)
      void busy.append([{ ...entryOf(piece('r', seq, 'token ')), key: busy.key }]);
    expect(busy.floor).toBeGreaterThan(0);
    expect(idle.floor).toBe(0);
  });

  test('an entry that makes its own log the one to empty still has a place', () => {
    const { log } = makeLog({ bytesInAll: 1_000 });
    const place = log.append([outside('x'.repeat(2_000))]);
    expect(place).toEqual({ offset: 1, mark: log.markAt(1) });
    expect(log.floor).toBe(1);
  });

  test('a closed store holds no timer', () => {
    const { store, scheduler } = makeLog();
    expect(scheduler.waiting).toBe(1);
    void store.close();
    expect(scheduler.waiting).toBe(0);
  });
});

test.each([
  [{ bytesPerUser: 0 }, 'bytesPerUser'],
  [{ entriesPerUser: 1.5 }, 'entriesPerUser'],
  [{ maxAgeMs: Number.NaN }, 'maxAgeMs'],
  [{ bytesInAll: '1 GB' }, 'bytesInAll'],
  [{ bytes: 1 }, 'bytes'],
])('a limit that is none is refused by its name: %j', (options, name) => {
  const make = () => memoryLog(options as MemoryLogOptions);
  expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  expect(make).toThrow(new RegExp(`Option ${name} `));
});
