import { formatPosition } from '@throughline/events/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cursor, type Sink } from '../src/cursor.js';
import { envelopeOf } from '../src/envelope.js';
import { readEntries } from './frame-reader.js';
import { type Hooks, promises, rejects, throws } from './hooked-log.js';
import { upTo } from './notes.js';
import { entry, key, makeCursor, makeLog, sound } from './running-cursor.js';

describe('a cursor', () => {
  test('S8: sends what the log holds behind its place, in order, whole', () => {
    const { cursor, offsets, log } = makeCursor({ entries: 300, after: 20 });
    expect(cursor.atHead).toBe(false);
    cursor.pump();
    expect(offsets).toEqual(upTo(300, 21));
    expect(cursor).toMatchObject({ offset: 300, atHead: true });
    void log.append([entry()]);
    expect(cursor.atHead).toBe(false);
    cursor.pump();
    expect(offsets).toEqual(upTo(301, 21));
  });

  test('stands still while its sink is full, and goes on where it stood', () => {
    const { cursor, offsets, sink } = makeCursor({ entries: 10 });
    sink.writable = false;
    cursor.pump();
    expect(offsets).toEqual([]);
    sink.writable = true;
    cursor.pump();
    expect(offsets).toEqual(upTo(10));
  });

  test('stops when it is told to', () => {
    const { cursor, offsets } = makeCursor({ entries: 10 });
    cursor.stop();
    cursor.pump();
    expect(offsets).toEqual([]);
  });

  test('knows its position while the log knows the mark', async () => {
    const { cursor, log } = makeCursor({ entries: 3 });
    expect(await cursor.position()).toBe(`${log.epoch}.0.00000000`);
    cursor.pump();
    expect(await cursor.position()).toBe(formatPosition(log.epoch, 3, (await log.markAt(3)) as string));
  });

  test('says once that it was overtaken, and sends nothing more', () => {
    const { cursor, log, offsets, sink, lost } = makeCursor({ entries: 5, log: makeLog({}, 100) });
    cursor.pump();
    sink.writable = false;
    for (let count = 0; count < 1_000; count++) void log.append([entry('x'.repeat(1_000))]);
    sink.writable = true;
    cursor.pump();
    cursor.pump();
    expect(lost).toEqual(['lagged']);
    expect(offsets).toEqual(upTo(5));
  });
});

describe('the window of what is sent and not acknowledged', () => {
  const windowBytes = 32_768;

  test('is filled and not passed by more than one entry', () => {
    const { cursor, bytes, offsets } = makeCursor({ entries: 300, windowBytes });
    cursor.pump();
    expect(bytes()).toBeGreaterThan(windowBytes - 1_100);
    expect(bytes()).toBeLessThan(windowBytes + 1_100);
    const sent = offsets.length;
    cursor.pump();
    expect(offsets).toHaveLength(sent);
  });

  test('makes room by what is acknowledged, until all is read', () => {
    const { cursor, offsets } = makeCursor({ entries: 300, windowBytes });
    cursor.pump();
    for (let rounds = 0; rounds < 30; rounds++) {
      expect(cursor.acknowledge(cursor.offset)).not.toBe('never_sent');
      cursor.pump();
    }
    expect(offsets).toEqual(upTo(300));
  });

  test('takes an entry that alone is larger', () => {
    const log = makeLog();
    for (let count = 0; count < 3; count++) void log.append([entry('x'.repeat(100_000))]);
    const { cursor, offsets } = makeCursor({ log, windowBytes });
    cursor.pump();
    expect(offsets).toEqual([1]);
    cursor.acknowledge(1);
    cursor.pump();
    expect(offsets).toEqual([1, 2]);
  });

  test('refuses an ack of what was never sent, and moves for no ack it has had', () => {
    const { cursor, offsets } = makeCursor({ entries: 300, windowBytes, after: 10 });
    expect(cursor.acknowledge(11)).toBe('never_sent');
    cursor.pump();
    const sent = offsets.length;
    expect(cursor.acknowledge(cursor.offset + 1)).toBe('never_sent');
    expect(cursor.acknowledge(0)).toBe('nothing_new');
    expect(cursor.acknowledge(10)).not.toBe('never_sent');
    cursor.pump();
    expect(offsets).toHaveLength(sent);
    for (let times = 0; times < 3; times++) expect(cursor.acknowledge(cursor.offset)).not.toBe('never_sent');
    cursor.pump();
    expect(offsets.length).toBeLessThan(sent * 2 + 2);
  });
});

describe('a log that answers with promises', () => {
  test('is read in order, one question at a time', async () => {
    let asked = 0;
    let most = 0;
    const hooks: Hooks = {
      read: async (answer) => {
        most = Math.max(most, ++asked);
        await new Promise((resolve) => setImmediate(resolve));
        asked -= 1;
        return answer();
      },
    };
    const { cursor, offsets } = makeCursor({ hooks, entries: 300 });
    for (let times = 0; times < 5; times++) cursor.pump();
    await expect.poll(() => offsets.length).toBe(300);
    expect(offsets).toEqual(upTo(300));
    expect(most).toBe(1);
  });

  test('wakes a cursor that was asking just when it grew', async () => {
    let answer: () => void = () => {};
    const hooks: Hooks = {
      read: (question) => {
        const known = question();
        return new Promise((resolve) => {
          answer = () => resolve(known);
        });
      },
    };
    const { cursor, offsets, log } = makeCursor({ hooks });
    cursor.pump();
    void log.append([entry()]);
    cursor.pump();
    answer();
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    await expect.poll(() => offsets).toEqual([1]);
  });

  test('sends nothing that arrives after the end', async () => {
    const { cursor, offsets } = makeCursor({ hooks: { read: promises }, entries: 3 });
    cursor.pump();
    cursor.stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect(offsets).toEqual([]);
  });

  test('sends nothing that arrives when the sink takes nothing any more, and nothing twice', async () => {
    const { cursor, offsets, sink } = makeCursor({ hooks: { read: promises }, entries: 3 });
    cursor.pump();
    sink.writable = false;
    await new Promise((resolve) => setImmediate(resolve));
    expect(offsets).toEqual([]);
    sink.writable = true;
    cursor.pump();
    await expect.poll(() => offsets).toEqual([1, 2, 3]);
  });
});

test.each([
  ['throws', throws],
  ['rejects', rejects],
])('a log that %s when it is read costs a pause, and no more', async (_, fault) => {
  const hooks: Hooks = { read: fault };
  const { cursor, offsets } = makeCursor({ hooks, entries: 3 });
  cursor.pump();
  await new Promise((resolve) => setImmediate(resolve));
  expect(offsets).toEqual([]);
  delete hooks.read;
  cursor.pump();
  expect(offsets).toEqual([1, 2, 3]);
});

test('a question that fails though the log has said meanwhile that it answers again is asked again', async () => {
  let fail = () => {};
  const hooks: Hooks = {
    read: () =>
      new Promise((_, reject) => {
        fail = () => reject(new Error('unreachable'));
      }),
  };
  const { cursor, offsets } = makeCursor({ hooks, entries: 3 });
  cursor.pump();
  delete hooks.read;
  cursor.pump();
  expect(offsets).toEqual([]);
  fail();
  await new Promise((resolve) => setImmediate(resolve));
  expect(offsets).toEqual([1, 2, 3]);
});

describe('R13, S7: never still with something to send and nothing to wake it', () => {
  const steps = fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('append' as const), size: fc.integer({ min: 0, max: 9_000 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('ack' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('drained' as const) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), late: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('fault' as const) }) },
    ),
    { maxLength: 120 },
  );
  const worlds = fc.record({
    windowBytes: fc.constantFrom(Number.POSITIVE_INFINITY, 32_768, 40_000),
    bufferBytes: fc.integer({ min: 1, max: 30_000 }),
    answers: fc.constantFrom('at once', 'later', 'now and then'),
  });

  test('whatever comes in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, steps, async ({ windowBytes, bufferBytes, answers }, steps) => {
        const questions: { settle: (late: boolean) => void; fail: () => void }[] = [];
        let asked = 0;
        const hooks: Hooks = {
          read: (answer) => {
            asked += 1;
            if (answers === 'at once' || (answers === 'now and then' && asked % 2 === 0)) return answer();
            const early = answer();
            return new Promise((resolve, reject) => {
              questions.push({
                settle: (late) => resolve(late ? answer() : early),
                fail: () => reject(new Error('unreachable')),
              });
            });
          },
        };
        const log = makeLog(hooks);
        const received: number[] = [];
        let buffered = 0;
        let acked = 0;
        let faulted = false;
        const sink: Sink = {
          get writable() {
            return buffered < bufferBytes;
          },
          write(frames) {
            buffered += frames.length;
            received.push(...readEntries(frames).map(({ offset }) => offset));
          },
        };
        const cursor = new Cursor({
          log,
          sink,
          after: 0,
          epoch: log.epoch,
          threads: undefined,
          windowBytes,
          envelope: envelopeOf(key),
          now: () => 0,
          owner: sound,
        });
        const settled = () => new Promise((resolve) => setImmediate(resolve));
        const wakesLeft = () =>
          questions.length > 0 ||
          !sink.writable ||
          faulted ||
          (windowBytes !== Number.POSITIVE_INFINITY && acked < cursor.offset);
        const acknowledge = (offset: number) => {
          acked = Math.max(acked, offset);
          expect(cursor.acknowledge(offset)).not.toBe('never_sent');
          cursor.pump();
        };
        const drained = () => {
          buffered = 0;
          cursor.pump();
        };
        for (const step of steps) {
          if (step.kind === 'append') {
            void log.append([entry('x'.repeat(step.size))]);
            faulted = false;
            cursor.pump();
          } else if (step.kind === 'ack') acknowledge(Math.round(step.share * cursor.offset));
          else if (step.kind === 'drained' && !sink.writable) drained();
          else if (step.kind === 'answer') questions.shift()?.settle(step.late);
          else if (step.kind === 'fault' && questions.length > 0) {
            faulted = true;
            questions.shift()?.fail();
          }
          await settled();
          expect(cursor.atHead || wakesLeft()).toBe(true);
        }
        // From here on everything that could wake it does, until nothing is left.
        cursor.pump();
        for (let rounds = 0; !cursor.atHead && rounds < 2_000; rounds++) {
          questions.shift()?.settle(false);
          await settled();
          if (!sink.writable) drained();
          acknowledge(cursor.offset);
        }
        expect(received).toEqual(upTo(log.head));
      }),
      { numRuns: 120 },
    );
  });
});
