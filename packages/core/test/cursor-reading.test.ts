// What a cursor reads: of which log, of which threads, joined or not; and what it knows of its reader.
import { describe, expect, test } from 'vitest';
import { aside, entryOf, piece } from './agent-events.js';
import { type Hooks, promises } from './hooked-log.js';
import { upTo } from './notes.js';
import { entry, makeCursor, makeLog } from './running-cursor.js';

describe('R8: a log that was erased', () => {
  test('is told, once, before anything of the next one is sent', () => {
    const { cursor, log, offsets, lost } = makeCursor({ entries: 5 });
    cursor.pump();
    void log.erase();
    for (let count = 0; count < 10; count++) void log.append([entry()]);
    cursor.pump();
    cursor.pump();
    expect(lost).toEqual(['unknown_epoch']);
    expect(offsets).toEqual(upTo(5));
  });

  test('between where reading opens and its beginning is told too: offsets of one say nothing in another', async () => {
    const log = makeLog();
    const { epoch } = log;
    void log.append([entry(), entry(), entry()]);
    void log.erase();
    void log.append([entry(), entry(), entry(), entry()]);
    const { cursor, offsets, lost } = makeCursor({ log, epoch, after: 3 });
    expect(await cursor.position()).toBeUndefined();
    cursor.pump();
    expect(lost).toEqual(['unknown_epoch']);
    expect(offsets).toEqual([]);
  });

  test('while a question was under way: what the next one answers is not sent', async () => {
    const hooks: Hooks = {};
    const { cursor, offsets, log, lost } = makeCursor({ hooks, entries: 3 });
    let erased = false;
    hooks.read = async (answer) => {
      if (!erased) void log.erase();
      erased = true;
      for (let count = 0; count < 10; count++) void log.append([entry()]);
      return answer();
    };
    cursor.pump();
    await expect.poll(() => lost).toEqual(['unknown_epoch']);
    expect(offsets).toEqual([]);
  });
});

describe('R12: a cursor of some threads', () => {
  const said = (thread_id: string, size = 10) => entryOf(aside('x'.repeat(size), thread_id));

  test('sends what is theirs, and passes over the rest', () => {
    const log = makeLog();
    void log.append([said('a'), said('b'), said('c'), said('a'), said('b')]);
    const { cursor, offsets } = makeCursor({ log, threads: new Set(['a', 'c']) });
    cursor.pump();
    expect(offsets).toEqual([1, 3, 4]);
    expect(cursor).toMatchObject({ offset: 5, atHead: true, lag: undefined });
  });

  test('of none sends nothing, and is at the head', () => {
    const log = makeLog();
    void log.append([said('a'), said('b')]);
    const { cursor, offsets, caughtUp } = makeCursor({ log, threads: new Set(), windowBytes: 32_768 });
    cursor.pump();
    expect(offsets).toEqual([]);
    expect(cursor).toMatchObject({ offset: 2, atHead: true, settled: true });
    expect(caughtUp()).toBe(1);
  });

  test.each<[string, Hooks]>([
    ['at once', {}],
    ['by promises', { read: promises }],
  ])('goes on behind all that is of others, in a log that answers %s: nothing else would wake it', async (_, hooks) => {
    const log = makeLog(hooks);
    for (let count = 0; count < 200; count++) void log.append([said('b', 1_000)]);
    void log.append([said('a')]);
    for (let count = 0; count < 200; count++) void log.append([said('b', 1_000)]);
    const { cursor, offsets } = makeCursor({ log, threads: new Set(['a']), windowBytes: 32_768 });
    cursor.pump();
    await expect.poll(() => cursor.atHead).toBe(true);
    expect(offsets).toEqual([201]);
  });

  test('S7: is settled when the last that it sent is acknowledged, whatever was left out behind it', () => {
    const log = makeLog();
    for (let count = 0; count < 40; count++) void log.append([said('a', 1_000), said('b', 1_000)]);
    const { cursor, offsets } = makeCursor({ log, threads: new Set(['a']), windowBytes: 32_768 });
    cursor.pump();
    while (!cursor.atHead) {
      expect(cursor.acknowledge(offsets.at(-1) as number)).toBe('news');
      cursor.pump();
    }
    expect(offsets).toEqual(upTo(40).map((number) => number * 2 - 1));
    expect(cursor.settled).toBe(false);
    cursor.acknowledge(offsets.at(-1) as number);
    expect(cursor.settled).toBe(true);
  });
});

describe('a cursor knows how its reader stands', () => {
  test('caught up: when all that was there at its beginning is sent, once', () => {
    const { cursor, sink, log, caughtUp } = makeCursor({ entries: 3 });
    sink.writable = false;
    cursor.pump();
    expect(caughtUp()).toBe(0);
    void log.append([entry()]);
    sink.writable = true;
    cursor.pump();
    cursor.pump();
    expect(caughtUp()).toBe(1);
  });

  test('settled: at once without acknowledgements, by the last of them with', () => {
    const { cursor } = makeCursor({ entries: 3 });
    expect(cursor.settled).toBe(false);
    cursor.pump();
    expect(cursor.settled).toBe(true);
    const { cursor: acking } = makeCursor({ entries: 3, windowBytes: 32_768 });
    acking.pump();
    expect(acking).toMatchObject({ atHead: true, settled: false, acked: 0 });
    acking.acknowledge(2);
    expect(acking).toMatchObject({ settled: false, acked: 2 });
    acking.acknowledge(3);
    expect(acking).toMatchObject({ settled: true, acked: 3 });
  });

  test('settled: by the last acknowledgement, though what is small is noted together', () => {
    const { cursor, log } = makeCursor({ windowBytes: 32_768 });
    const say = () => {
      void log.append([entry()]);
      cursor.pump();
    };
    for (let offset = 1; offset <= 3; offset++) say();
    expect(cursor.acknowledge(3)).toBe('news');
    expect(cursor).toMatchObject({ settled: true, acked: 3 });
    for (let offset = 4; offset <= 6; offset++) say();
    for (const acked of [4, 5]) {
      expect(cursor.acknowledge(acked)).toBe('news');
      expect(cursor).toMatchObject({ settled: false, acked });
    }
    say();
    expect(cursor.acknowledge(6)).toBe('news');
    expect(cursor.settled).toBe(false);
    expect(cursor.acknowledge(7)).toBe('news');
    expect(cursor).toMatchObject({ settled: true, acked: 7 });
  });

  test('S7: small entries fill the window too, and room is made for no more of them than were acknowledged', () => {
    const { cursor, log, bytes } = makeCursor({ windowBytes: 32_768 });
    for (let count = 0; count < 1_000; count++) {
      void log.append([entry('x'.repeat(count % 90))]);
      cursor.pump();
    }
    expect(cursor.atHead).toBe(false);
    const [sent, size] = [cursor.offset, bytes()];
    // One acknowledgement of the first, and of half: room for that much, or a 64th of the window less.
    for (const acked of [1, Math.floor(sent / 2)]) {
      cursor.acknowledge(acked);
      cursor.pump();
      const held = size / sent;
      expect(bytes() - size).toBeLessThanOrEqual(acked * held * 1.1 + 300);
    }
    expect(cursor.offset).toBeGreaterThan(sent * 1.4);
    while (!cursor.settled) {
      expect(cursor.acknowledge(cursor.offset)).toBe('news');
      cursor.pump();
    }
    expect(cursor.offset).toBe(1_000);
  });

  test('behind: since when there was always something it could not take', () => {
    const { cursor, sink, log, clock } = makeCursor({ entries: 3 });
    cursor.pump();
    expect(cursor.lag).toBeUndefined();
    sink.writable = false;
    cursor.pump();
    expect(cursor.lag).toBeUndefined();
    void log.append([entry(), entry()]);
    cursor.pump();
    expect(cursor.lag).toEqual({ since: 1_000, entries: 2 });
    clock.now = 5_000;
    void log.append([entry()]);
    cursor.pump();
    expect(cursor.lag).toEqual({ since: 1_000, entries: 3 });
    sink.writable = true;
    cursor.pump();
    expect(cursor.lag).toBeUndefined();
    sink.writable = false;
    void log.append([entry()]);
    cursor.pump();
    expect(cursor.lag).toEqual({ since: 5_000, entries: 1 });
  });

  test('behind: also when it was asking for what it then could not take', async () => {
    const { cursor, sink } = makeCursor({ hooks: { read: promises }, entries: 3 });
    cursor.pump();
    sink.writable = false;
    await new Promise((resolve) => setImmediate(resolve));
    expect(cursor.lag).toEqual({ since: 1_000, entries: 3 });
  });
});

describe('S7: a reader that is behind gets neighbours as one', () => {
  const pieces = (first: number, last: number, size = 100) =>
    upTo(last, first).map((seq) => entryOf(piece('r', seq, 'x'.repeat(size))));

  test('while it catches up, and what is said from then on as it is said', () => {
    const log = makeLog();
    void log.append(pieces(1, 50));
    const { cursor, offsets } = makeCursor({ log });
    cursor.pump();
    expect(offsets.length).toBeLessThan(10);
    expect(offsets.at(-1)).toBe(50);
    offsets.length = 0;
    for (let seq = 51; seq <= 60; seq += 2) {
      void log.append(pieces(seq, seq + 1));
      cursor.pump();
    }
    expect(offsets).toEqual(upTo(60, 51));
  });

  test('after its sink was full', () => {
    const log = makeLog();
    const { cursor, offsets, sink } = makeCursor({ log });
    void log.append(pieces(1, 5));
    cursor.pump();
    expect(offsets).toEqual(upTo(5));
    sink.writable = false;
    void log.append(pieces(6, 9));
    cursor.pump();
    sink.writable = true;
    cursor.pump();
    expect(offsets).toEqual([...upTo(5), 9]);
    void log.append(pieces(10, 11));
    cursor.pump();
    expect(offsets).toEqual([...upTo(5), 9, 10, 11]);
  });

  test('from a quarter of what may be unacknowledged on', () => {
    const log = makeLog();
    const { cursor, offsets, bytes } = makeCursor({ log, windowBytes: 32_768 });
    let joinedAt = Number.POSITIVE_INFINITY;
    for (let seq = 1; seq <= 400; seq += 10) {
      const before = bytes();
      offsets.length = 0;
      void log.append(pieces(seq, seq + 9));
      cursor.pump();
      if (before < 32_768 / 4) expect(offsets).toEqual(upTo(seq + 9, seq));
      // They may lie in two chunks of the log, and the last read is as short as what is left.
      else expect(offsets.length).toBeLessThanOrEqual(4);
      if (offsets.length < 10) joinedAt = Math.min(joinedAt, before);
    }
    expect(joinedAt).toBeLessThan(32_768 / 2);
  });
});
