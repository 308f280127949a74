import { describe, expect, test } from 'vitest';
import { TranslatedFrames } from '../src/translated-frames.js';

const frame = (size: number) => Buffer.alloc(size, 'x');

/** What is kept while so many sessions read. */
function readBy(readers: number): TranslatedFrames {
  const frames = new TranslatedFrames();
  for (let reader = 0; reader < readers; reader++) frames.join();
  return frames;
}

describe('S7 what is kept of a user in a dialect', () => {
  test('is known by its offset, and by the length of the entry: a joined one is another', () => {
    const frames = readBy(2);
    frames.put(7, 100, frame(10));
    expect(frames.get(7, 100)).toEqual(frame(10));
    expect(frames.get(7, 130)).toBeUndefined();
    expect(frames.get(8, 100)).toBeUndefined();
  });

  test('has a bound in bytes: the oldest go first', () => {
    const frames = readBy(2);
    for (let offset = 1; offset <= 1_000; offset++) {
      frames.put(offset, 50, frame(1_000));
      expect(frames.bytes).toBeLessThanOrEqual(262_144);
    }
    expect(frames.get(1, 50)).toBeUndefined();
    expect(frames.get(1_000, 50)).toBeDefined();
    expect(frames.bytes).toBeGreaterThan(200_000);
  });

  test('counts also what says nothing: a million that were left out are not kept', () => {
    const frames = readBy(2);
    for (let offset = 1; offset <= 10_000; offset++) frames.put(offset, 50, frame(0));
    expect(frames.get(1, 50)).toBeUndefined();
    expect(frames.bytes).toBeLessThanOrEqual(262_144);
  });

  test('does not hold what is larger than all of it', () => {
    const frames = readBy(2);
    frames.put(1, 50, frame(300_000));
    expect(frames.get(1, 50)).toBeUndefined();
    expect(frames.bytes).toBe(0);
  });

  test('is counted once, however often it is put', () => {
    const frames = readBy(2);
    for (let times = 0; times < 5; times++) frames.put(1, 50, frame(1_000));
    expect(frames.bytes).toBe(1_600);
  });

  test('is of one incarnation of the log', () => {
    const frames = readBy(2);
    frames.enter('one');
    frames.put(1, 50, frame(10));
    frames.enter('one');
    expect(frames.get(1, 50)).toBeDefined();
    frames.enter('two');
    expect(frames.get(1, 50)).toBeUndefined();
    expect(frames.bytes).toBe(0);
  });

  test('is nothing while one session reads alone, from the first or after all others have gone', () => {
    const frames = readBy(1);
    for (let offset = 1; offset <= 100; offset++) frames.put(offset, 50, frame(200));
    expect(frames.bytes).toBe(0);
    frames.join();
    frames.put(1, 50, frame(200));
    expect(frames.get(1, 50)).toBeDefined();
    frames.leave();
    expect(frames.get(1, 50)).toBeUndefined();
    expect(frames.bytes).toBe(0);
  });
});
