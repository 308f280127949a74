import { describe, expect, test } from 'vitest';
import { fittedExponent, median } from '../src/report/statistics.js';

const sizes = [500, 1_000, 2_000, 4_000];
const points = (cost: (size: number) => number) => sizes.map((size) => ({ size, value: cost(size) }));

describe('the fitted exponent', () => {
  test.each<[string, (size: number) => number, number]>([
    ['nothing that grows', () => 7, 0],
    ['linear growth', (size) => 3 * size, 1],
    ['quadratic growth', (size) => 0.01 * size * size, 2],
    ['a root', (size) => Math.sqrt(size), 0.5],
  ])('of %s', (_, cost, exponent) => {
    expect(fittedExponent(points(cost))).toBeCloseTo(exponent, 10);
  });

  test('is between those of its parts, and noise moves it little', () => {
    expect(fittedExponent(points((size) => 1_000 + size))).toBeGreaterThan(0.4);
    expect(fittedExponent(points((size) => 1_000 + size))).toBeLessThan(1);
    const noise = [1.05, 0.95, 1.05, 0.95];
    const noisy = points((size) => size).map(({ size, value }, index) => ({
      size,
      value: value * (noise[index] ?? 1),
    }));
    expect(Math.abs(fittedExponent(noisy) - 1)).toBeLessThan(0.1);
  });

  test('is none of one size, of what is not above 0, or of nothing', () => {
    expect(fittedExponent([{ size: 1, value: 1 }])).toBeNaN();
    expect(fittedExponent(points(() => 0))).toBeNaN();
    expect(fittedExponent(points(() => -1))).toBeNaN();
    expect(fittedExponent([])).toBeNaN();
  });
});

test('the median of odd and even numbers of values, and of none', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});
