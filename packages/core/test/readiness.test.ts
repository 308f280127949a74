import { expect, test } from 'vitest';
import { Readiness } from '../src/readiness.js';
import { fakeScheduler } from './fake-scheduler.js';

test('R16: a service without dependencies is ready at once', () => {
  expect(new Readiness([], fakeScheduler()).missing).toEqual([]);
});

test('R16: each dependency is missing until it has answered once, by value or by promise', async () => {
  const scheduler = fakeScheduler();
  let redisUp = false;
  const readiness = new Readiness(
    [
      { name: 'database', check: () => 'yes' },
      { name: 'redis', check: () => redisUp || Promise.reject(new Error('connection refused')) },
    ],
    scheduler,
  );
  expect(readiness.missing).toEqual(['database', 'redis']);
  await scheduler.pass(0);
  expect(readiness.missing).toEqual(['redis']);
  await scheduler.pass(3_000);
  expect(readiness.missing).toEqual(['redis']);
  redisUp = true;
  await scheduler.pass(1_000);
  expect(readiness.missing).toEqual([]);
  expect(scheduler.waiting).toBe(0);
});

test('a check that throws is a check that failed', async () => {
  const scheduler = fakeScheduler();
  const check = () => {
    throw new Error('not yet');
  };
  const readiness = new Readiness([{ name: 'redis', check }], scheduler);
  await scheduler.pass(2_000);
  expect(readiness.missing).toEqual(['redis']);
  readiness.stop();
});

test('a check that never answers is asked again', async () => {
  const scheduler = fakeScheduler();
  let asked = 0;
  const check = () => (++asked === 1 ? new Promise(() => {}) : undefined);
  const readiness = new Readiness([{ name: 'redis', check }], scheduler);
  await scheduler.pass(4_999);
  expect(asked).toBe(1);
  await scheduler.pass(1_001);
  expect(asked).toBe(2);
  expect(readiness.missing).toEqual([]);
});

test('two dependencies of one name are two', async () => {
  const scheduler = fakeScheduler();
  const readiness = new Readiness(
    [
      { name: 'redis', check: () => Promise.reject(new Error('down')) },
      { name: 'redis', check: () => undefined },
    ],
    scheduler,
  );
  await scheduler.pass(0);
  expect(readiness.missing).toEqual(['redis']);
  readiness.stop();
});

test.each([
  ['while it waits to ask again', () => Promise.reject(new Error('down'))],
  ['while it waits for an answer', () => new Promise(() => {})],
])('stopped %s, it holds no timer and asks no more', async (_, check) => {
  const scheduler = fakeScheduler();
  let asked = 0;
  const readiness = new Readiness(
    [
      {
        name: 'redis',
        check: () => {
          asked += 1;
          return check();
        },
      },
    ],
    scheduler,
  );
  await scheduler.pass(0);
  readiness.stop();
  await scheduler.pass(0);
  expect(scheduler.waiting).toBe(0);
  await scheduler.pass(60_000);
  expect(asked).toBe(1);
});
