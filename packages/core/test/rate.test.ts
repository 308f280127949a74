import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimiter, TokenBucket } from '../src/rate.js';

test('R10 a bucket grants its burst at once, then one per interval', () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0, 1]);
  expect(bucket.take(499)).toBe(1);
  expect(bucket.take(500)).toBe(0);
  expect(bucket.take(500)).toBe(1);
  expect([bucket.take(10_000), bucket.take(10_000), bucket.take(10_000), bucket.take(10_000)]).toEqual([0, 0, 0, 1]);
});

test('over any stretch of time no more is granted than the burst and what the stretch earned', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 50 }), steps, (burst, perSecond, waits) => {
      const bucket = new TokenBucket({ burst, perSecond }, 0);
      let now = 0;
      let granted = 0;
      for (const wait of waits) {
        now += wait;
        if (bucket.take(now) === 0) granted += 1;
      }
      expect(granted).toBeLessThanOrEqual(burst + Math.ceil((now / 1_000) * perSecond));
    }),
  );
});

test('a clock that goes back grants nothing more', () => {
  const bucket = new TokenBucket({ burst: 1, perSecond: 1 }, 10_000);
  expect([bucket.take(10_000), bucket.take(5_000), bucket.take(5_500)]).toEqual([0, 1, 1]);
});

test('names do not share a bucket, and a flood of names forgets the oldest, not the memory limit', () => {
  const limiter = new RateLimiter({ burst: 1, perSecond: 0.001 });
  expect([limiter.take('a', 0), limiter.take('b', 0)]).toEqual([0, 0]);
  expect(limiter.take('a', 0)).toBeGreaterThan(0);
  for (let name = 0; name < 65_536; name++) limiter.take(`flood-${name}`, 0);
  expect(limiter.take('a', 0)).toBe(0);
});
