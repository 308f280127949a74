import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBackoff } from '../src/backoff.js';

test('the bound starts at 250 ms and doubles up to 30 s', () => {
  const backoff = createBackoff(() => 1);
  expect(Array.from({ length: 10 }, () => backoff.next())).toEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test('the jitter is full: any delay from 0 to the bound', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(2_000), (chance, failures) => {
      const backoff = createBackoff(() => chance);
      for (let failure = 0; failure < failures; failure++) backoff.next();
      const delay = backoff.next();
      expect(delay).toBe(chance * Math.min(30_000, 250 * 2 ** failures));
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThan(30_000);
    }),
  );
});

test('"at once" counts once in a row', () => {
  const backoff = createBackoff(() => 1);
  expect([backoff.atOnce(), backoff.atOnce()]).toEqual([true, false]);
});

test('all begins anew after a connection that lived for 10 s, and not before', () => {
  const backoff = createBackoff(() => 1);
  backoff.next();
  backoff.atOnce();
  backoff.lived(9_999);
  expect([backoff.next(), backoff.atOnce()]).toEqual([500, false]);
  backoff.lived(10_000);
  expect([backoff.next(), backoff.atOnce()]).toEqual([250, true]);
});
