// A cursor under a reader that takes what it likes, on a log that forgets: what arrives is what was said.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cursor, type Sink } from '../src/cursor.js';
import { envelopeOf } from '../src/envelope.js';
import type { UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { anyEvents, entryOf, framesOf } from './agent-events.js';
import { fakeScheduler } from './fake-scheduler.js';
import { fold } from './fold-model.js';
import { type ReadEntry, readEntries } from './frame-reader.js';
import { type Hooks, hookedLog } from './hooked-log.js';
import { key, sound } from './running-cursor.js';

describe('S7, S8, R13: however slow the reader and however short the memory of the log', () => {
  const worlds = fc.record({
    windowBytes: fc.constantFrom(Number.POSITIVE_INFINITY, 700, 5_000, 32_768),
    bufferBytes: fc.integer({ min: 1, max: 8_000 }),
    limits: fc.record({
      bytesPerUser: fc.constantFrom(1_000_000, 20_000, 3_000),
      entriesPerUser: fc.constantFrom(50_000, 60, 8, 8),
    }),
    later: fc.boolean(),
    threads: fc.constantFrom('all', 'one', 'none'),
  });
  const steps = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('say' as const), count: fc.integer({ min: 1, max: 9 }) }) },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('ack' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('drained' as const) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const) }) },
    ),
    { maxLength: 80, size: 'max' },
  );

  test('what it got folds to what was said, or it was told that it was overtaken', async () => {
    let overtaken = 0;
    let joined = 0;
    await fc.assert(
      fc.asyncProperty(worlds, fc.array(anyEvents, { maxLength: 4 }), steps, async (world, batches, steps) => {
        const { windowBytes, bufferBytes, limits, later } = world;
        // Runs of different batches are different runs.
        const events = batches.flatMap((batch, index) =>
          batch.map((event) => (event.run_id ? { ...event, run_id: `${index}-${event.run_id}` } : event)),
        );
        const threads = { all: undefined, one: new Set([events[0]?.thread_id ?? 't']), none: new Set<string>() };
        const wanted = threads[world.threads];
        const answers: (() => void)[] = [];
        const hooks: Hooks = {
          read: (answer) => (later ? new Promise((resolve) => answers.push(() => resolve(answer()))) : answer()),
        };
        const log = hookedLog(memoryLog(limits, fakeScheduler()), hooks).open(key) as UserLog;
        const received: ReadEntry[] = [];
        let buffered = 0;
        const lost: string[] = [];
        const sink: Sink = {
          get writable() {
            return buffered < bufferBytes;
          },
          write(frames) {
            buffered += frames.length;
            received.push(...readEntries(frames));
          },
        };
        const owner = { ...sound, lost: (cause: string) => void lost.push(cause) };
        const envelope = envelopeOf(key);
        const cursor = new Cursor({
          ...{
            log,
            sink,
            after: 0,
            epoch: log.epoch,
            threads: wanted,
            windowBytes,
            envelope,
            now: () => 0,
            owner,
          },
        });
        let appended = 0;
        const say = (count: number) => {
          const batch = events.slice(appended, appended + count).map((event) => entryOf(event));
          appended += batch.length;
          if (batch.length > 0) void log.append(batch);
          cursor.pump();
        };
        const acknowledge = (share: number) => {
          const entry = received[Math.floor(share * received.length) - 1];
          if (entry) expect(cursor.acknowledge(entry.offset)).not.toBe('never_sent');
          cursor.pump();
        };
        const drained = () => {
          buffered = 0;
          cursor.pump();
        };
        const settled = () => new Promise((resolve) => setImmediate(resolve));
        for (const step of steps) {
          if (step.kind === 'say') say(step.count);
          else if (step.kind === 'ack') acknowledge(step.share);
          else if (step.kind === 'drained') drained();
          else answers.shift()?.();
          if (later) await settled();
        }
        say(events.length);
        for (let rounds = 0; !cursor.atHead && lost.length === 0 && rounds < 3_000; rounds++) {
          answers.shift()?.();
          if (later) await settled();
          drained();
          acknowledge(1);
        }
        const said = readEntries(framesOf(events.slice(0, cursor.offset)));
        expect(fold(received)).toEqual(fold(said.filter(({ thread_id }) => wanted?.has(String(thread_id)) ?? true)));
        const offsets = received.map(({ offset }) => offset);
        expect(offsets).toEqual([...new Set(offsets)].toSorted((a, b) => a - b));
        if (lost.length > 0) {
          overtaken += 1;
          expect(lost).toEqual(['lagged']);
          expect(cursor.offset).toBeLessThan(log.head);
          delete hooks.read;
          expect(log.read(cursor.offset, 1)).toBe('below_floor');
        } else {
          expect(cursor.offset).toBe(events.length);
          if (received.length > 0) acknowledge(1);
          expect(cursor.settled).toBe(true);
          joined += received.some(({ first_seq }) => first_seq !== undefined) ? 1 : 0;
        }
      }),
      { numRuns: 500 },
    );
    // Both are looked at, each often.
    expect(overtaken).toBeGreaterThan(2);
    expect(joined).toBeGreaterThan(2);
  });
});
