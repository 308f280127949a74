import { expect, test } from 'vitest';
import { Breaker } from '../src/breaker.js';

test('five failures in a row open it, a pause lets newcomers try, one success closes it', () => {
  let now = 0;
  let changes = 0;
  const breaker = new Breaker(
    () => now,
    () => (changes += 1),
  );
  for (let failure = 0; failure < 4; failure++) breaker.failed();
  breaker.worked();
  for (let failure = 0; failure < 4; failure++) breaker.failed();
  expect([breaker.failing, breaker.open, changes]).toEqual([false, false, 0]);
  breaker.failed();
  expect([breaker.failing, breaker.open, changes]).toEqual([true, true, 1]);
  now += 5_000;
  expect([breaker.failing, breaker.open]).toEqual([true, false]);
  breaker.failed();
  expect([breaker.open, changes]).toEqual([true, 1]);
  breaker.worked();
  expect([breaker.failing, breaker.open, changes]).toEqual([false, false, 2]);
});
