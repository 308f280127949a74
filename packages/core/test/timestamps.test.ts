import { expect, test } from 'vitest';
import { createTimestamps } from '../src/timestamps.js';

test('the time of events is ISO 8601, UTC, in milliseconds', () => {
  let now = 0;
  const timestamp = createTimestamps(() => now);
  expect(timestamp()).toBe('1970-01-01T00:00:00.000Z');
  now = 1_700_000_000_123;
  expect([timestamp(), timestamp()]).toEqual(['2023-11-14T22:13:20.123Z', '2023-11-14T22:13:20.123Z']);
});

test('a time that is none throws each time: no event gets the one before', () => {
  let now = 0;
  const timestamp = createTimestamps(() => now);
  timestamp();
  now = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 2; times++) expect(timestamp).toThrow(RangeError);
});
