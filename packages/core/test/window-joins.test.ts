// A window that runs out of room joins neighbours before it drops anything.
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ChunkMemory } from '../src/chunk-memory.js';
import { Window, type WindowLimits } from '../src/window.js';
import { anyEvents, aside, entryOf, framesOf, markOf, piece, type SaidEvent, said } from './agent-events.js';
import { fold } from './fold-model.js';
import { type ReadEntry, readEntries } from './frame-reader.js';
import { upTo } from './notes.js';

const memory = new ChunkMemory(1_048_576);

const noLimits: WindowLimits = { bytes: Number.MAX_SAFE_INTEGER, entries: Number.MAX_SAFE_INTEGER, ageMs: 1e15 };

afterEach(() => {
  vi.restoreAllMocks();
});

function push(window: Window, event: SaidEvent, now = 0): void {
  window.push(markOf(window.head + 1), entryOf(event).body, now);
}

/** Everything a window holds, read slice by slice. */
function readAll(window: Window, after = window.floor, maxBytes = 1e6): ReadEntry[] {
  const entries: ReadEntry[] = [];
  for (let at = after; ; ) {
    const slice = window.read(at, maxBytes);
    if (slice === undefined) return entries;
    if (slice === 'below_floor') throw new RangeError(`below the floor at ${at}`);
    const read = readEntries(slice.bytes);
    expect(read.at(-1)?.offset).toBe(slice.last);
    expect(slice.last).toBeGreaterThan(at);
    entries.push(...read);
    at = slice.last;
  }
}

/** The memory behind all entries: what a window must say that it holds. */
function memoryOf(window: Window): number {
  const buffers = new Set<ArrayBufferLike>();
  for (let offset = window.floor + 1; offset <= window.head; ) {
    const { bytes, last } = window.entryAt(offset);
    buffers.add(bytes.buffer);
    offset = last + 1;
  }
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Two runs, one of which speaks long after the other has ended, in tokens. */
function* longAnswer(pieces: number): Generator<SaidEvent> {
  yield said('agent_started', 'r', 1, {});
  for (let seq = 2; seq < pieces + 2; seq++) yield piece('r', seq, `${seq} `.padEnd(6));
  yield said('agent_completed', 'r', pieces + 2, { outcome: 'succeeded', duration_ms: 1 });
}

describe('S7: a window without room', () => {
  test('holds runs whole by joining their pieces, where it would have dropped them', () => {
    const limits = { ...noLimits, bytes: 60_000 };
    const window = new Window(memory);
    const events = [...longAnswer(3_000)];
    for (const event of events) {
      push(window, event);
      window.trim(limits, 0);
      expect(window.bytes).toBeLessThanOrEqual(60_000);
    }
    // Unjoined they take ten times as much.
    expect(framesOf(events).length).toBeGreaterThan(500_000);
    expect(window.floor).toBe(0);
    expect(fold(readAll(window))).toEqual(fold(readEntries(framesOf(events))));
  });

  test('looks once at what cannot be joined, and joins what comes behind it', () => {
    const limits = { ...noLimits, bytes: 60_000 };
    const window = new Window(memory);
    const events = [...Array.from({ length: 40 }, () => aside('x'.repeat(100))), ...longAnswer(2_000)];
    for (const event of events) {
      push(window, event);
      window.trim(limits, 0);
    }
    expect(window.floor).toBe(0);
    expect(readAll(window).slice(0, 40)).toEqual(readEntries(framesOf(events)).slice(0, 40));
  });

  test('joins the oldest first, and leaves what is being written as it is', () => {
    const window = new Window(memory);
    for (const event of longAnswer(200)) push(window, event);
    const before = readAll(window).length;
    window.trim({ ...noLimits, bytes: window.bytes - 3_000 }, 0);
    const entries = readAll(window);
    expect(entries.length).toBeLessThan(before);
    const joined = entries.map(({ first_seq }) => first_seq !== undefined);
    expect(joined.indexOf(true)).toBeLessThan(10);
    expect(joined.lastIndexOf(true)).toBeLessThan(20);
    expect(entries.slice(-100).map(({ offset }) => offset)).toEqual(upTo(window.head, window.head - 99));
  });

  test('leaves the newest half as it is: positions of those who come back soon are honoured', () => {
    const window = new Window(memory);
    const limits = { ...noLimits, bytes: 200_000 };
    for (const event of longAnswer(6_000)) {
      push(window, event);
      window.trim(limits, 0);
      const { head } = window;
      // Half of the room holds some 500 entries, and chunks, of 80 each, are joined as a whole.
      for (const back of [1, 10, 250]) if (head > back) expect(window.markAt(head - back)).toBe(markOf(head - back));
    }
    expect(readAll(window).some(({ first_seq }) => first_seq !== undefined)).toBe(true);
  });

  test('leaves the newest half as it is also when what was joined fills the other half by itself', () => {
    const window = new Window(memory);
    const limits = { ...noLimits, bytes: 80_000 };
    let dropped = 0;
    for (const event of longAnswer(8_000)) {
      push(window, event);
      window.trim(limits, 0);
      const { head, floor } = window;
      if (floor > 0) dropped = floor;
      // Half of the room holds some 230 entries; two chunks, of 95 each, may be joined or empty.
      const back = 40;
      if (head > back) expect(window.markAt(head - back)).toBe(markOf(head - back));
    }
    expect(dropped).toBeGreaterThan(0);
  });

  test('leaves the newest half as it is also when in the older one there is nothing to join', () => {
    const window = new Window(memory);
    for (let count = 0; count < 1_500; count++) push(window, aside('x'.repeat(100)));
    const older = window.bytes;
    while (window.bytes < older * 2) for (const event of longAnswer(20)) push(window, event);
    const { head } = window;
    // A chunk is joined as a whole, and of the last only a part may be used.
    const half = window.bytes * 0.35 - 32_768;
    window.trim({ ...noLimits, bytes: window.bytes * 0.7 }, 0);
    expect(window.floor).toBeGreaterThan(0);
    let newest = 0;
    for (let offset = head; newest < half; offset--) {
      expect(window.markAt(offset)).toBe(markOf(offset));
      newest += window.entryAt(offset).bytes.length;
    }
  });

  test('counts joined neighbours as one entry', () => {
    const window = new Window(memory);
    for (const event of longAnswer(300)) push(window, event);
    window.trim({ ...noLimits, entries: 120 }, 0);
    expect(window.floor).toBe(0);
    expect(readAll(window).length).toBeLessThanOrEqual(120);
  });

  test('drops the oldest only when nothing is left to join', () => {
    const window = new Window(memory);
    const limits = { ...noLimits, bytes: 40_000 };
    let dropped = 0;
    for (let count = 1; count <= 400; count++) {
      push(window, aside('x'.repeat(500)));
      window.trim(limits, 0);
      if (window.floor > dropped) expect(window.bytes).toBeGreaterThan(40_000 - 17_000);
      dropped = window.floor;
    }
    expect(dropped).toBeGreaterThan(200);
    expect(readAll(window)).toHaveLength(window.head - window.floor);
  });

  test('drops what is too old without joining it first', () => {
    const window = new Window(memory);
    const parse = vi.spyOn(JSON, 'parse');
    for (const event of longAnswer(500)) push(window, event, 1_000);
    push(window, aside('new'), 2_000);
    window.trim({ bytes: 1, entries: 1, ageMs: 500 }, 2_000);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
    expect(readAll(window).at(-1)?.data).toBe('new');
  });

  test('decodes no piece twice, and none that nobody could join', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const window = new Window(memory);
    let pieces = 0;
    for (let run = 0; run < 10; run++) {
      for (let seq = 1; seq <= 300; seq++) {
        push(window, seq % 50 === 0 ? said('acme.note', `r${run}`, seq, {}) : piece(`r${run}`, seq, 'token '));
        pieces += seq % 50 === 0 ? 0 : 1;
        window.trim({ ...noLimits, bytes: 20_000 }, 0);
      }
    }
    expect(parse.mock.calls.length).toBeGreaterThan(pieces / 2);
    expect(parse.mock.calls.length).toBeLessThanOrEqual(pieces);
  });
});

describe('what was joined', () => {
  function joinedWindow() {
    const window = new Window(memory);
    for (const event of longAnswer(400)) push(window, event);
    window.trim({ ...noLimits, bytes: window.bytes / 2 }, 0);
    const joined = readAll(window).find(({ first_seq }) => first_seq !== undefined) as ReadEntry;
    return { window, first: Number(joined.first_seq), last: joined.offset };
  }

  test('is one entry: inside of it there is no mark, and who reads on there is given all of it', () => {
    const { window, first, last } = joinedWindow();
    expect(last).toBeGreaterThan(first + 2);
    for (let offset = first; offset < last; offset++) {
      expect(window.markAt(offset)).toBeUndefined();
      expect(readAll(window, offset)[0]).toMatchObject({ offset: last, first_seq: first });
      expect(window.entryAt(offset).last).toBe(last);
    }
    expect(window.markAt(first - 1)).toBe(markOf(first - 1));
    expect(window.markAt(last)).toBe(markOf(last));
    expect(readAll(window, first - 1)[0]).toMatchObject({ offset: last, first_seq: first });
    expect(readAll(window, last)[0]?.offset).toBeGreaterThan(last);
  });

  test('leaves the right floor, and its mark, when it is dropped', () => {
    const { window, last } = joinedWindow();
    const floors: number[] = [];
    while (window.bytes > 0) {
      const entries = readAll(window);
      const ageMs = window.bytes > 17_000 ? 1e15 : 0;
      window.trim({ bytes: window.bytes - 1, entries: 1e9, ageMs }, 1);
      if (window.floor > 0) {
        floors.push(window.floor);
        expect(entries.map(({ offset }) => offset)).toContain(window.floor);
        expect(window.markAt(window.floor)).toBe(markOf(window.floor));
        expect(window.read(window.floor - 1, 1)).toBe('below_floor');
      }
      expect(window.bytes).toBe(memoryOf(window));
    }
    expect(floors.length).toBeGreaterThan(0);
    expect(window.floor).toBe(window.head);
    expect(window.floor).toBeGreaterThan(last);
  });

  test('does not touch a slice that was handed out', () => {
    const window = new Window(memory);
    for (const event of longAnswer(400)) push(window, event);
    const slices = [0, 1, 40, 200, 399].map((after) => window.read(after, 1e6));
    const handed = slices.flatMap((slice) => (typeof slice === 'object' ? [slice.bytes] : []));
    expect(handed).toHaveLength(slices.length);
    const copies = handed.map((bytes) => Buffer.from(bytes));
    window.trim({ ...noLimits, bytes: 5_000 }, 0);
    window.trim({ ...noLimits, bytes: 1 }, 0);
    for (const event of longAnswer(100)) push(window, event);
    window.clear();
    for (const [index, bytes] of handed.entries()) expect(bytes.equals(copies[index] as Buffer)).toBe(true);
  });
});

describe('S7 S8: whatever is said and however little room there is', () => {
  const trims = fc.record({
    share: fc.double({ min: 0.2, max: 1, noNaN: true }),
    entries: fc.oneof(fc.constant(1e9), fc.nat(60)),
    old: fc.boolean(),
  });
  const steps = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ say: fc.integer({ min: 1, max: 30 }) }) },
      { weight: 3, arbitrary: fc.record({ trim: trims }) },
      { weight: 1, arbitrary: fc.constant({ clear: true }) },
    ),
    { maxLength: 40, size: 'max' },
  );

  test('what is held folds to what was said behind the floor, by memory that is counted to the byte', () => {
    let joined = 0;
    fc.assert(
      fc.property(fc.array(anyEvents, { minLength: 1, maxLength: 3 }), steps, (batches, steps) => {
        // Runs of different batches are different runs: a log holds no event twice.
        const events = batches.flatMap((batch, index) =>
          batch.map((event) => (event.run_id === undefined ? event : { ...event, run_id: `${index}-${event.run_id}` })),
        );
        const originals = readEntries(framesOf(events));
        const window = new Window(memory);
        const handed: { readonly bytes: Buffer; readonly copy: Buffer }[] = [];
        const check = (now: number) => {
          const { head, floor } = window;
          expect(window.bytes).toBe(memoryOf(window));
          const held = readAll(window);
          expect(fold(held)).toEqual(fold(originals.slice(floor, head)));
          expect(window.markAt(floor)).toBe(floor === 0 ? '00000000' : markOf(floor));
          const own = new Set(held.map(({ offset }) => offset));
          for (let offset = floor + 1; offset <= head; offset++) {
            expect(window.markAt(offset)).toBe(own.has(offset) ? markOf(offset) : undefined);
            const next = held.find((entry) => entry.offset > offset);
            const read = window.read(offset, 1);
            expect(typeof read === 'object' ? readEntries(read.bytes) : read).toEqual(next && [next]);
          }
          const slice = window.read(floor, 1_000 + now);
          if (typeof slice === 'object') handed.push({ bytes: slice.bytes, copy: Buffer.from(slice.bytes) });
          if (held.some(({ first_seq }) => first_seq !== undefined)) joined += 1;
        };
        for (const [now, step] of steps.entries()) {
          if ('say' in step) {
            for (const event of events.slice(window.head, window.head + step.say)) push(window, event, now);
          } else if ('trim' in step) {
            const { share, entries, old } = step.trim;
            const bytes = Math.floor(window.bytes * share);
            const ageMs = old ? 15 : 1e9;
            window.trim({ bytes, entries, ageMs }, now);
            // The last chunk stays, however large, unless it is too old.
            const chunks = new Set(readAll(window).map(({ offset }) => window.entryAt(offset).bytes.buffer)).size;
            expect(window.bytes <= bytes || chunks <= 1).toBe(true);
            expect(readAll(window).length <= entries || chunks <= 1).toBe(true);
          } else {
            window.clear();
            expect(window).toMatchObject({ bytes: 0, floor: window.head });
          }
          check(now);
        }
        for (const { bytes, copy } of handed) expect(bytes.equals(copy)).toBe(true);
      }),
      { numRuns: 100 },
    );
    expect(joined).toBeGreaterThan(20);
  });
});
