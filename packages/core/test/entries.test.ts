import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodedThreads, forEachEntry, lastOffset, selectEntries } from '../src/entries.js';
import { ada, anyEvents, anyId, anyKey, aside, framesOf, piece, type SaidEvent, said } from './agent-events.js';
import { fold } from './fold-model.js';
import { type ReadEntry, readEntries, readTextFrames } from './frame-reader.js';

const think = (run_id: string, seq: number, data: object, thread_id = 't') =>
  said('agent_thinking', run_id, seq, data, thread_id);

function textLength({ data }: ReadEntry): number {
  const { text, reasoning = '' } = data as { text?: string; reasoning?: string };
  return (text ?? reasoning).length;
}

/** What comes out of events, decoded. */
function selected(events: readonly SaidEvent[], threads?: readonly string[], join = true): ReadEntry[] {
  return readEntries(selectEntries(framesOf(events), threads && encodedThreads(threads), join));
}

function offsetsOf(entries: readonly ReadEntry[]): number[] {
  return entries.map(({ offset }) => offset);
}

describe('neighbours', () => {
  test('S8: pieces of one run become one, which has its place from the last and its texts in order', () => {
    const [joined, ...others] = selected([piece('r', 4, 'Costs '), piece('r', 5, ''), piece('r', 6, 'fell.')]);
    const [last] = readEntries(framesOf([piece('r', 6, 'fell.')], 3));
    expect(others).toEqual([]);
    expect(joined).toEqual({ ...last, first_seq: 4, pieces: [6, 0, 5], data: { text: 'Costs fell.' } });
  });

  test('thoughts of one step become one thought, whose progress is the last that was given', () => {
    const [joined, ...others] = selected([
      think('r', 1, { reasoning: 'a', step_number: 2, progress: 0.5 }),
      think('r', 2, { reasoning: 'b', step_number: 2, progress: 0 }),
      think('r', 3, { reasoning: 'c', step_number: 2 }),
    ]);
    expect(others).toEqual([]);
    expect(joined).toMatchObject({ seq: 3, first_seq: 1, data: { reasoning: 'abc', step_number: 2, progress: 0 } });
  });

  test('halves of a character become the character', () => {
    const [joined] = selected([piece('r', 1, 'an \ud83d'), piece('r', 2, '\udc18!')]);
    expect(joined?.data).toEqual({ text: 'an \u{1f418}!' });
  });

  test('may have been joined before', () => {
    const once = selectEntries(framesOf([piece('r', 1, 'a'), piece('r', 2, 'b')]), undefined, true);
    const more = framesOf([piece('r', 3, 'c'), piece('r', 4, 'd')], 3);
    const twice = selectEntries(more, undefined, true);
    for (const rest of [more, twice]) {
      const entries = readEntries(selectEntries(Buffer.concat([once, rest]), undefined, true));
      expect(entries).toMatchObject([
        { offset: 4, seq: 4, first_seq: 1, pieces: [1, 1, 1, 1], data: { text: 'abcd' } },
      ]);
    }
  });

  test('stay neighbours though something of another thread, which is not read, lies between them', () => {
    const events = [piece('r', 1, 'a'), piece('s', 1, 'b', 'u'), piece('r', 2, 'c')];
    expect(selected(events, ['t'])).toMatchObject([{ offset: 3, first_seq: 1, data: { text: 'ac' } }]);
    expect(offsetsOf(selected(events))).toEqual([1, 2, 3]);
  });

  test.each<[string, SaidEvent, SaidEvent]>([
    ['of two runs', piece('r', 1, 'a'), piece('s', 2, 'b')],
    ['of two types', piece('r', 1, 'a'), think('r', 2, { reasoning: 'b', step_number: 1 })],
    [
      'of two steps',
      think('r', 1, { reasoning: 'a', step_number: 1 }),
      think('r', 2, { reasoning: 'b', step_number: 2 }),
    ],
    ['of no step', think('r', 1, { reasoning: 'a' }), think('r', 2, { reasoning: 'b' })],
    ['with and without a step', think('r', 1, { reasoning: 'a', step_number: 1 }), think('r', 2, { reasoning: 'b' })],
    ['beyond a hole', piece('r', 1, 'a'), piece('r', 3, 'b')],
    ['in the wrong order', piece('r', 2, 'a'), piece('r', 1, 'b')],
    ['that are one event twice', piece('r', 1, 'a'), piece('r', 1, 'a')],
    [
      'of a type that a team made up',
      said('acme.note', 'r', 1, { text: 'a' }),
      said('acme.note', 'r', 2, { text: 'b' }),
    ],
    ['outside of runs', aside('a'), aside('b')],
    ['that only look like it', said('acme.partial_result', 'r', 1, { text: '' }), piece('r', 2, '')],
  ])('%s stay apart, byte for byte', (_, one, other) => {
    const bytes = framesOf([one, other]);
    expect(selectEntries(bytes, undefined, true).equals(bytes)).toBe(true);
  });

  test('between which something else of their run was said stay apart', () => {
    const events = [piece('r', 1, 'a'), said('acme.note', 'r', 2, {}), piece('r', 3, 'b'), piece('r', 4, 'c')];
    expect(selected(events)).toMatchObject([{ offset: 1 }, { offset: 2 }, { offset: 4, first_seq: 3 }]);
  });
});

describe('R12: threads', () => {
  const events = [
    aside('a', 't'),
    piece('r', 1, 'b', 'u'),
    aside('c', 't"'),
    piece('r', 2, 'd', 'u'),
    aside('e', 't\\'),
  ];

  test.each<[readonly string[], number[]]>([
    [['t'], [1]],
    [['u'], [2, 4]],
    [
      ['t"', 't\\'],
      [3, 5],
    ],
    [
      ['t', 't"', 't\\', 'u'],
      [1, 2, 3, 4, 5],
    ],
    [['t\\"', '"', 'T'], []],
    [[], []],
  ])('%j: what is said in them, as it was said', (threads, offsets) => {
    expect(offsetsOf(selected(events, threads, false))).toEqual(offsets);
  });

  test('and their ids are looked for where they stand, and nowhere else', () => {
    const trick = { user_id: '","thread_id":"t-1","x":"', tenant_id: ',"type":"partial_result"' };
    const spoken = [
      { ...piece('r', 1, ',"thread_id":"t-1",'), agent_name: '","thread_id":"t-1' },
      said('acme.note', 's', 1, { thread_id: 't-1', type: 'partial_result' }, 'other'),
    ];
    const bytes = framesOf(spoken, 1, trick);
    expect(selectEntries(bytes, encodedThreads(['t-1']), false)).toHaveLength(0);
    expect(selectEntries(bytes, encodedThreads(['t', 'other']), true).equals(bytes)).toBe(true);
  });
});

test('an entry of any length is found, and so is the last', () => {
  const events = [0, 1, 20, 125, 126, 127, 60_000, 66_000, 3].map((length, index) =>
    index % 2 === 0 ? aside('x'.repeat(length)) : piece(`r${index}`, 1, 'x'.repeat(length)),
  );
  const bytes = framesOf(events, 97);
  const found: [number, number][] = [];
  forEachEntry(bytes, (offset, end) => found.push([offset, end]));
  expect(found.map(([offset]) => offset)).toEqual(events.map((_, index) => 97 + index));
  expect(found.map(([, end]) => end)).toEqual(
    events.map((_, index) => framesOf(events.slice(0, index + 1), 97).length),
  );
  expect(lastOffset(bytes)).toBe(97 + events.length - 1);
});

/** What an event must be for another to be joined to it. */
function joinable(one: ReadEntry, other: ReadEntry): boolean {
  const step = (entry: ReadEntry) => (entry.data as { step_number?: number }).step_number;
  return (
    one.type === other.type &&
    one.run_id === other.run_id &&
    Number(one.seq) + 1 === Number(other.first_seq ?? other.seq) &&
    (one.type === 'partial_result' ||
      (one.type === 'agent_thinking' && step(one) !== undefined && step(one) === step(other)))
  );
}

describe('S8 R12: whatever is said, whatever is read, joined or not', () => {
  const worlds = fc.record({
    key: anyKey,
    events: anyEvents,
    first: fc.constantFrom(1, 8, 95, 99_990),
    threads: fc.option(fc.array(anyId, { maxLength: 3 }), { nil: undefined }),
    ownThreads: fc.boolean(),
    join: fc.boolean(),
    cut: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  test('it folds to the same; what is not joined is the same; nothing is joined that must not be', () => {
    fc.assert(
      fc.property(worlds, ({ key, events, first, threads, ownThreads, join, cut }) => {
        const bytes = framesOf(events, first, key);
        const copy = Buffer.from(bytes);
        // Half of the time a thread that is really there is read.
        const wanted =
          threads && ownThreads ? [...threads, ...events.slice(0, 1).map((event) => event.thread_id)] : threads;
        const filter = wanted && encodedThreads(wanted);
        const selection = selectEntries(bytes, filter, join);
        expect(bytes.equals(copy)).toBe(true);

        const originals = readEntries(bytes);
        const expected = originals.filter((entry) => wanted?.includes(String(entry.thread_id)) ?? true);
        const got = readEntries(selection);
        expect(fold(got)).toEqual(fold(expected));
        if (!join) expect(got).toEqual(expected);

        // Untouched is the same bytes, joined is what may be joined, and places go up.
        const texts = new Set(readTextFrames(bytes));
        const seen = readTextFrames(selection);
        let at = 0;
        for (const [index, entry] of got.entries()) {
          const parts: ReadEntry[] = [];
          for (; at < expected.length && (expected[at] as ReadEntry).offset <= entry.offset; at++)
            parts.push(expected[at] as ReadEntry);
          if (parts.length === 1) expect(texts.has(seen[index] as string)).toBe(true);
          for (const [place, part] of parts.slice(1).entries())
            expect(joinable(parts[place] as ReadEntry, part)).toBe(true);
          const last = parts.at(-1) as ReadEntry;
          const { data, first_seq, pieces, ...envelope } = entry;
          const { data: _, ...lastEnvelope } = last;
          expect(envelope).toEqual(lastEnvelope);
          expect(first_seq).toBe(parts.length === 1 ? undefined : parts[0]?.seq);
          expect(pieces).toEqual(parts.length === 1 ? undefined : parts.map(textLength));
          expect(Object.keys(data as object)).toEqual(expect.arrayContaining(Object.keys(last.data as object)));
        }
        expect(at).toBe(expected.length);
        // And all is joined that may be.
        if (join)
          for (const [index, entry] of got.slice(1).entries())
            expect(joinable(got[index] as ReadEntry, entry)).toBe(false);

        // Again, and in parts, it comes to the same.
        expect(selectEntries(selection, filter, join).equals(selection)).toBe(true);
        const ends: number[] = [0];
        forEachEntry(bytes, (_, end) => ends.push(end));
        const middle = ends[Math.floor(cut * (ends.length - 1))] as number;
        const parts = [bytes.subarray(0, middle), bytes.subarray(middle)].map((part) =>
          selectEntries(part, filter, join),
        );
        const rejoined = selectEntries(Buffer.concat(parts), filter, join);
        expect(rejoined.equals(selection)).toBe(true);
        if (selection.length > 0) expect(lastOffset(selection)).toBe(expected.at(-1)?.offset);
      }),
      { numRuns: 400 },
    );
  });

  test('nothing is made of nothing', () => {
    expect(selectEntries(Buffer.alloc(0), undefined, true)).toHaveLength(0);
    expect(selectEntries(framesOf([], 1, ada), encodedThreads(['t']), true)).toHaveLength(0);
  });
});

/** Bytes that can be looked at only so often: what would go on for ever fails instead. */
function countedBytes(bytes: Buffer, most: number) {
  let looks = 0;
  const counted = new Proxy(bytes, {
    get(target, name) {
      looks += 1;
      if (looks > most) throw new Error('This has been looked at too often.');
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { counted, looks: () => looks };
}

test.each<[string, readonly string[] | undefined, boolean]>([
  ['for neighbours', undefined, true],
  ['for threads', ['t'], false],
  ['for both', ['t'], true],
])('R8: a search %s ends with the bytes, wherever an entry is cut off', (_, threads, join) => {
  const events = [aside('a'), piece('r', 1, 'b'), said('acme.note', 'r', 2, 'c')];
  for (const key of [ada, { tenant_id: 'acme', user_id: '"\\' }]) {
    const whole = framesOf(events, 1, key);
    const most = whole.length * 4;
    for (let end = 1; end <= whole.length; end++) {
      const { counted, looks } = countedBytes(whole.subarray(0, end), most);
      try {
        const { length } = selectEntries(counted, threads && encodedThreads(threads), join);
        expect(length).toBeLessThanOrEqual(end);
      } catch (error) {
        // What is left of an entry may be no JSON, and no header.
        if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
        expect(end).toBeLessThan(whole.length);
      }
      expect(looks()).toBeGreaterThan(0);
    }
  }
});
