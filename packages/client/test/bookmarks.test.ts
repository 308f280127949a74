import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBookmarks } from '../src/bookmarks.js';
import { at } from './script.js';

/** Reads threads from one offset to another. */
function read(bookmarks: ReturnType<typeof createBookmarks>, threads: string[] | undefined, from: number, to: number) {
  bookmarks.open(threads, from);
  bookmarks.reach(to);
  bookmarks.put(at(to));
}

test('what was never read is read from active; what was read, from where it was left', () => {
  const bookmarks = createBookmarks();
  expect(bookmarks.from(['a'])).toBe('active');
  expect(bookmarks.from(undefined)).toBe('active');
  expect(bookmarks.from([])).toBe('active');
  read(bookmarks, ['a'], 0, 10);
  expect(bookmarks.from(['a'])).toBe(at(10));
  expect(bookmarks.from(['b'])).toBe('active');
  expect(bookmarks.from([])).toBe('active');
});

test('of several threads the earliest counts, and active as well if one was never read', () => {
  const bookmarks = createBookmarks();
  read(bookmarks, ['a'], 0, 90);
  read(bookmarks, ['b'], 0, 100);
  read(bookmarks, ['c'], 0, 9);
  expect(bookmarks.from(['a', 'b'])).toBe(at(90));
  expect(bookmarks.from(['b', 'c', 'a'])).toBe(at(9));
  expect(bookmarks.from(['b', 'never'])).toBe(`active,${at(100)}`);
  expect(bookmarks.from(undefined)).toBe(`active,${at(9)}`);
});

test('once all were read none was never read', () => {
  const bookmarks = createBookmarks();
  read(bookmarks, undefined, 0, 10);
  read(bookmarks, ['a'], 10, 20);
  expect(bookmarks.from(['a'])).toBe(at(20));
  expect(bookmarks.from(['b'])).toBe(at(10));
  expect(bookmarks.from(undefined)).toBe(at(10));
  read(bookmarks, undefined, 10, 30);
  expect(bookmarks.from(['a'])).toBe(at(30));
});

test('a thread that was left further on keeps its place when a reading ends before it came there', () => {
  const bookmarks = createBookmarks();
  read(bookmarks, ['a'], 0, 30);
  read(bookmarks, ['a', 'b'], 5, 12);
  expect(bookmarks.from(['a'])).toBe(at(30));
  expect(bookmarks.from(['b'])).toBe(at(12));
  read(bookmarks, undefined, 5, 20);
  expect(bookmarks.from(['a'])).toBe(at(30));
  expect(bookmarks.from(['b'])).toBe(at(20));
  expect([bookmarks.seen('a'), bookmarks.seen('b'), bookmarks.seen('c')]).toEqual([30, 20, 20]);
});

test('what is not read now is seen up to where it was left, what is read now up to where reading stands', () => {
  const bookmarks = createBookmarks();
  read(bookmarks, ['a'], 0, 10);
  bookmarks.open(['b'], 4);
  bookmarks.reach(40);
  bookmarks.reach(39);
  expect([bookmarks.seen('a'), bookmarks.seen('b'), bookmarks.seen('c')]).toEqual([10, 40, 0]);
});

test('a torn thread is read again from active, and what is held of it stays held; the others stay', () => {
  const bookmarks = createBookmarks();
  read(bookmarks, ['a', 'b'], 0, 20);
  expect(bookmarks.anew('a')).toBe(false);
  bookmarks.tear('a');
  expect([bookmarks.anew('a'), bookmarks.anew('b')]).toEqual([true, false]);
  expect(bookmarks.from(['a'])).toBe('active');
  expect(bookmarks.from(['b', 'a'])).toBe(`active,${at(20)}`);
  expect(bookmarks.seen('a')).toBe(20);
  read(bookmarks, ['a'], 3, 25);
  expect(bookmarks.from(['a'])).toBe(at(25));
});

test('a torn thread of a reading of all', () => {
  const bookmarks = createBookmarks();
  read(bookmarks, undefined, 0, 20);
  bookmarks.tear('a');
  expect(bookmarks.from(undefined)).toBe(`active,${at(20)}`);
  expect(bookmarks.from(['b'])).toBe(at(20));
  read(bookmarks, undefined, 3, 21);
  expect(bookmarks.from(undefined)).toBe(at(21));
});

test('after a restart nothing was ever read', () => {
  const bookmarks = createBookmarks();
  read(bookmarks, undefined, 0, 20);
  read(bookmarks, ['a'], 0, 30);
  bookmarks.restart(7);
  expect([bookmarks.seen('a'), bookmarks.seen('b')]).toEqual([7, 0]);
  expect([bookmarks.from(['a']), bookmarks.from(undefined)]).toEqual(['active', 'active']);
  bookmarks.put(at(7));
  expect(bookmarks.from(['a'])).toBe(at(7));
});

test('a thousand threads are remembered: the one noted longest ago goes first, and counts as never read', () => {
  const bookmarks = createBookmarks();
  read(bookmarks, ['old'], 0, 1);
  read(bookmarks, ['again'], 0, 1);
  for (let thread = 0; thread < 998; thread++) read(bookmarks, [`t-${thread}`], 1, 2);
  expect(bookmarks.from(['old'])).toBe(at(1));
  read(bookmarks, ['again'], 1, 3);
  read(bookmarks, ['one more'], 3, 4);
  expect(bookmarks.from(['old'])).toBe('active');
  expect(bookmarks.anew('old')).toBe(false);
  bookmarks.open(['old'], 4);
  expect(bookmarks.anew('old')).toBe(true);
  expect(bookmarks.from(['again'])).toBe(at(3));
});

test('whatever is read and left, no thread is read on behind the place up to which it was read', () => {
  const threads = fc.option(fc.subarray(['a', 'b', 'c']), { nil: undefined });
  fc.assert(
    fc.property(fc.array(fc.record({ threads, events: fc.nat(9) }), { maxLength: 30, size: 'max' }), (readings) => {
      const bookmarks = createBookmarks();
      const reached = new Map<string, number>();
      for (const { threads: wanted, events } of readings) {
        const asked = bookmarks.from(wanted).split(',').at(-1) as string;
        const opens = asked === 'active' ? 50 : Number(asked.split('.')[1]);
        for (const thread of wanted ?? ['a', 'b', 'c']) {
          expect(opens).toBeLessThanOrEqual(reached.get(thread) ?? Infinity);
          reached.set(thread, Math.max(reached.get(thread) ?? 0, opens + events));
        }
        read(bookmarks, wanted, opens, opens + events);
        for (const [thread, offset] of reached) expect(bookmarks.seen(thread)).toBe(offset);
      }
    }),
  );
});
