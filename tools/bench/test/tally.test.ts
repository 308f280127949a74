// A figure counts only when everything came: the check must find each way in which it does not.
import { describe, expect, test } from 'vitest';
import { isComplete } from '../src/load/arrival.js';
import { Tally } from '../src/load/tally.js';

function received(numbers: readonly (number | 'told')[]) {
  const tally = new Tally();
  for (const n of numbers) {
    if (n === 'told') tally.excuse();
    else tally.take(n);
  }
  return { tally, failure: tally.faults[0] };
}

describe('the check of what came', () => {
  test('is content with all events in order, and waits for those that are yet to come', () => {
    expect(isComplete('u1', received([0, 1, 2]), 3, false)).toBe(true);
    expect(isComplete('u1', received([0, 1]), 3, false)).toBe(false);
    expect(isComplete('u1', received([]), 0, false)).toBe(true);
  });

  test.each<[string, number[], string]>([
    ['a lost event', [0, 1, 3, 4], 'u1: event 3 instead of 2: events are missing before it'],
    ['a doubled event', [0, 1, 1, 2], 'u1: event 1 instead of 2: it came before, or too late'],
    ['two swapped events', [0, 2, 1, 3], 'u1: event 2 instead of 1: events are missing before it'],
    ['a lost beginning', [1, 2], 'u1: event 1 instead of 0: events are missing before it'],
    ['an event too many', [0, 1, 2, 3, 4], 'u1: 5 events came of 4'],
  ])('finds %s', (_, numbers, reason) => {
    expect(() => isComplete('u1', received(numbers), 4, false)).toThrow(reason);
  });

  test('takes it that some are lost only when the peer said so, and only forward', () => {
    expect(isComplete('u1', received([0, 'told', 5, 6]), 7, true)).toBe(true);
    expect(isComplete('u1', received([0, 'told', 5]), 7, true)).toBe(false);
    expect(() => isComplete('u1', received([0, 'told', 5, 6]), 7, false)).toThrow('was told');
    expect(() => isComplete('u1', received([0, 1, 'told', 0]), 7, true)).toThrow('event 0 instead of 2');
    expect(() => isComplete('u1', received([0, 'told', 3, 5]), 7, true)).toThrow('event 5 instead of 4');
  });
});
