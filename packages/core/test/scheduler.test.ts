import { expect, test } from 'vitest';
import { systemScheduler } from '../src/scheduler.js';

const scheduler = systemScheduler();

test('a turn runs when the code that runs now has finished, promises included', async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    scheduler.turn(() => {
      order.push('turn');
      resolve();
    });
    void Promise.resolve().then(() => order.push('promise'));
    order.push('now');
  });
  expect(order).toEqual(['now', 'promise', 'turn']);
});

test('what waits is run once or again and again, until it is cancelled', async () => {
  let often = 0;
  const stop = scheduler.every(1, () => often++);
  const cancelled = scheduler.after(1, () => expect.unreachable());
  cancelled();
  await expect.poll(() => often).toBeGreaterThan(2);
  stop();
  const before = often;
  await new Promise<void>((resolve) => void scheduler.after(5, resolve));
  expect(often).toBe(before);
});

test('ids are 16 characters that nobody can guess', () => {
  const ids = Array.from({ length: 1_000 }, () => scheduler.id());
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{16}$/);
});

test('time and chance are those of the process', () => {
  expect(Math.abs(scheduler.now() - Date.now())).toBeLessThan(1_000);
  const chance = scheduler.random();
  expect(chance >= 0 && chance < 1).toBe(true);
});
