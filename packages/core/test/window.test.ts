import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkMemory } from '../src/chunk-memory.js';
import { Window, type WindowLimits } from '../src/window.js';
import { entryOf, markOf, piece } from './agent-events.js';
import { readEntries } from './frame-reader.js';

const memory = new ChunkMemory(1_048_576);

const noLimits: WindowLimits = { bytes: Number.MAX_SAFE_INTEGER, entries: Number.MAX_SAFE_INTEGER, ageMs: 1e15 };

function bodyOf(text: string): string {
  return `"user_id":"ada","type":"acme.note","thread_id":"t","data":${JSON.stringify(text)}}`;
}

/** A body so long that the payload of the frame has exactly `length` bytes. */
function bodyFor(offset: number, length: number): string {
  const rest = Buffer.byteLength(`{"offset":${offset},"mark":"${markOf(offset)}",${bodyOf('')}`);
  return bodyOf('x'.repeat(length - rest));
}

/** Reads from an offset to the head, slice by slice. */
function readAll(window: Window, after: number, maxBytes: number) {
  const entries = [];
  for (let at = after; ; ) {
    const slice = window.read(at, maxBytes);
    if (slice === undefined) return entries;
    if (slice === 'below_floor') throw new RangeError(`below the floor at ${at}`);
    const read = readEntries(slice.bytes);
    expect(read.map(({ offset }) => offset)).toEqual(read.map((_, index) => at + 1 + index));
    expect(read.at(-1)?.offset).toBe(slice.last);
    expect(read.length === 1 || slice.bytes.length <= maxBytes).toBe(true);
    entries.push(...read);
    at = slice.last;
  }
}

describe('what a window holds', () => {
  test('is nothing at first', () => {
    const window = new Window(memory);
    expect(window).toMatchObject({ head: 0, floor: 0, bytes: 0 });
    expect(window.read(0, 100)).toBeUndefined();
    expect(window.markAt(0)).toBe('00000000');
    expect(window.markAt(1)).toBeUndefined();
  });

  test.each([126, 127, 65_534, 65_535, 65_536, 65_537])('is an entry whose frame has %i bytes', (length) => {
    const window = new Window(memory);
    for (let offset = 1; offset <= 3; offset++) window.push(markOf(offset), bodyFor(offset, length), 0);
    expect(readAll(window, 0, 1).map(({ mark }) => mark)).toEqual([markOf(1), markOf(2), markOf(3)]);
    expect(window.markAt(2)).toBe(markOf(2));
  });

  test('is an entry of any length, beside neighbours of any length, where headers grow by a byte or six', () => {
    const window = new Window(memory);
    const lengths = [110, 124, 125, 126, 127, 400, 65_535, 110, 65_536, 125, 126];
    for (const [index, length] of lengths.entries()) window.push(markOf(index + 1), bodyFor(index + 1, length), 0);
    const texts = readAll(window, 0, 1e6).map((entry) => JSON.stringify(entry).length);
    expect(texts).toEqual(lengths);
  });

  test('is owned by the window alone: no byte of the shared pool is retained', () => {
    const window = new Window(memory);
    window.push(markOf(1), bodyOf('x'), 0);
    const slice = window.read(0, 1e6);
    if (typeof slice !== 'object') throw new TypeError('nothing was read');
    expect(slice.bytes.buffer.byteLength).toBe(window.bytes);
    expect(slice.bytes.buffer).not.toBe(Buffer.from('x').buffer);
  });

  test('does not change once it was handed out', () => {
    const window = new Window(memory);
    window.push(markOf(1), bodyOf('first'), 0);
    const slice = window.read(0, 1e6);
    if (typeof slice !== 'object') throw new TypeError('nothing was read');
    const copy = Buffer.from(slice.bytes);
    for (let offset = 2; offset < 500; offset++) window.push(markOf(offset), bodyOf('later'), 0);
    window.clear();
    for (let offset = 500; offset < 600; offset++) window.push(markOf(offset), bodyOf('after'), 0);
    expect(slice.bytes.equals(copy)).toBe(true);
  });
});

describe('what a window drops', () => {
  test('is old entries, whole chunks of them, until its bytes are within their limit', () => {
    const window = new Window(memory);
    for (let offset = 1; offset <= 2_000; offset++) {
      window.push(markOf(offset), bodyOf('x'.repeat(100)), 0);
      window.trim({ ...noLimits, bytes: 50_000 }, 0);
      expect(window.bytes).toBeLessThanOrEqual(50_000);
    }
    expect(window.head).toBe(2_000);
    expect(window.floor).toBeGreaterThan(1_000);
    expect(readAll(window, window.floor, 1e6)).toHaveLength(window.head - window.floor);
  });

  test('is never the entry that was just added, however large it is', () => {
    const window = new Window(memory);
    window.push(markOf(1), bodyOf('x'.repeat(100_000)), 0);
    window.trim({ ...noLimits, bytes: 1_000 }, 0);
    expect(readAll(window, 0, 1)).toHaveLength(1);
  });

  test('is everything that is too old, the newest too', () => {
    const window = new Window(memory);
    window.push(markOf(1), bodyOf('x'), 1_000);
    window.trim({ ...noLimits, ageMs: 500 }, 1_500);
    expect(window.floor).toBe(0);
    window.trim({ ...noLimits, ageMs: 500 }, 1_501);
    expect(window).toMatchObject({ head: 1, floor: 1, bytes: 0 });
    expect(window.markAt(1)).toBe(markOf(1));
  });
});

test('what somebody says who says little goes in time too, however little it is', () => {
  const window = new Window(memory);
  const [minute, hour] = [60_000, 3_600_000];
  for (let now = 0; now < 5 * hour; now += minute / 4) {
    window.push(markOf(window.head + 1), bodyOf('x'), now);
    window.trim({ ...noLimits, ageMs: hour }, now);
    const oldest = window.floor * (minute / 4);
    expect(now - oldest).toBeLessThanOrEqual(hour + 2 * minute);
  }
  expect(window.floor).toBeGreaterThan(0);
});

test('what has been joined goes in time, with the neighbours of its minute and no others', () => {
  const window = new Window(memory);
  const [everyMs, minute, hour] = [10_000, 60_000, 3_600_000];
  for (let now = 0; now < 12 * hour; now += everyMs) {
    const seq = window.head + 1;
    window.push(markOf(seq), entryOf(piece('r', seq, 'token ')).body, now);
    // Less than an hour of pieces takes, and more than they take once they are joined.
    window.trim({ ...noLimits, bytes: 45_000, ageMs: hour }, now);
    const oldest = window.floor * everyMs;
    expect(now - oldest).toBeLessThanOrEqual(hour + 2 * minute);
    if (window.floor > 0) expect(now - oldest + everyMs).toBeGreaterThan(hour);
  }
  expect(window.floor).toBeGreaterThan(0);
  expect(window.entries).toBeLessThan((window.head - window.floor) / 2);
});

test.each([100, 3_000, 20_000])(
  'what is said seldom, with %i bytes, takes little more room than it needs',
  (length) => {
    const window = new Window(memory);
    const hour = 3_600_000;
    for (let count = 0; count < 100; count++) {
      window.push(markOf(window.head + 1), bodyFor(window.head + 1, length), (count * hour) / 2);
      expect(window.bytes).toBeLessThanOrEqual(window.entries * Math.max(512, length * 1.1));
    }
    expect(window.entries).toBe(100);
  },
);

test('S7: what cannot be joined does not leave a quarter of its room empty', () => {
  const window = new Window(memory);
  const bytes = 4 * 1_048_576;
  for (let count = 0; count < 2_000; count++) {
    window.push(markOf(window.head + 1), bodyFor(window.head + 1, 6_000), 0);
    window.trim({ ...noLimits, bytes }, 0);
    expect(window.bytes).toBeLessThanOrEqual(bytes);
  }
  expect(window.entries).toBeGreaterThanOrEqual(590);
  expect(readAll(window, window.floor, 65_536)).toHaveLength(window.head - window.floor);
});

/** What is done to a window, and to the array that it must equal. */
interface Step {
  readonly name: string;
  run(window: Window, model: string[]): void;
}

const step = (name: string, run: Step['run']): Step => ({ name, run });

const push = (text: string) =>
  step(`push ${text.length}`, (window, model) => {
    model.push(text);
    window.push(markOf(model.length), bodyOf(text), 0);
  });

const read = ([back, maxBytes]: [number, number]) =>
  step(`read ${back} back, ${maxBytes} bytes`, (window, model) => {
    const after = Math.max(window.floor, window.head - back);
    expect(readAll(window, after, maxBytes).map(({ data }) => data)).toEqual(model.slice(after));
  });

const trim = ([bytes, entries]: [number, number]) =>
  step(`trim to ${bytes} bytes, ${entries} entries`, (window) => {
    const { floor } = window;
    window.trim({ ...noLimits, bytes, entries }, 0);
    expect(window.floor).toBeGreaterThanOrEqual(floor);
  });

const clear = () =>
  step('clear', (window, model) => {
    window.clear();
    expect(window).toMatchObject({ floor: model.length, bytes: 0 });
  });

const longTexts = ['ä'.repeat(9_000), '🐘'.repeat(17_000), 'x'.repeat(66_000)];

const steps = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'grapheme', maxLength: 400 }).map(push) },
  { weight: 2, arbitrary: fc.constantFrom(...longTexts).map(push) },
  { weight: 2, arbitrary: fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 70_000 })).map(read) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(60_000), fc.nat(40)).map(trim) },
  { weight: 1, arbitrary: fc.constant(null).map(clear) },
);

test('S8: a window is an array that forgets its beginning, whatever is done to it', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 80 }), (steps) => {
      const window = new Window(memory);
      const model: string[] = [];
      for (const step of steps) {
        step.run(window, model);
        const { head, floor } = window;
        expect(head).toBe(model.length);
        expect(window.markAt(floor)).toBe(floor === 0 ? '00000000' : markOf(floor));
        expect(window.markAt(floor - 1)).toBeUndefined();
        expect(window.markAt(head + 1)).toBeUndefined();
        expect(window.read(floor - 1, 1)).toBe('below_floor');
      }
      expect(readAll(window, window.floor, 65_536).map(({ data }) => data)).toEqual(model.slice(window.floor));
      for (let offset = window.floor + 1; offset <= window.head; offset++) {
        expect(window.markAt(offset)).toBe(markOf(offset));
      }
    }),
    { numRuns: 150 },
  );
});
