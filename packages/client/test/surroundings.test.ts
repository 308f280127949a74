import { afterEach, expect, test, vi } from 'vitest';
import { here } from '../src/surroundings.js';

afterEach(() => {
  vi.useRealTimers();
});

test('a timer beyond 24.8 days does not fire at once', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let rung = 0;
  here.after(30 * 86_400_000, () => rung++);
  vi.advanceTimersByTime(2 ** 31 - 2);
  expect(rung).toBe(0);
  vi.advanceTimersByTime(1);
  expect(rung).toBe(1);
});

test('a timer that was called off does not ring', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let rung = 0;
  here.after(10, () => rung++)();
  vi.advanceTimersByTime(100);
  expect(rung).toBe(0);
});

test('time and chance are those of the engine', () => {
  const before = Date.now();
  expect(here.now()).toBeGreaterThanOrEqual(before);
  expect(here.random()).toBeLessThan(1);
});
