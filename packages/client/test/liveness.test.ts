import { expect, test } from 'vitest';
import { createLiveness } from '../src/liveness.js';
import { createClock } from './clock.js';

function setUp(heartbeatMs = 20_000) {
  const clock = createClock();
  const said: string[] = [];
  const liveness = createLiveness(
    clock,
    () => said.push('ping'),
    () => said.push('lost'),
  );
  liveness.start(heartbeatMs);
  return { clock, said, liveness };
}

test('asks when a heartbeat is late, and gives up 2 s later', () => {
  const { clock, said } = setUp();
  clock.advance(29_999);
  expect(said).toEqual([]);
  clock.advance(1);
  expect(said).toEqual(['ping']);
  clock.advance(1_999);
  expect(said).toEqual(['ping']);
  clock.advance(1);
  expect(said).toEqual(['ping', 'lost']);
});

test('any frame counts as an answer', () => {
  const { clock, said, liveness } = setUp();
  liveness.ask();
  clock.advance(1_999);
  liveness.heard();
  clock.advance(29_999);
  expect(said).toEqual(['ping']);
  clock.advance(1);
  expect(said).toEqual(['ping', 'ping']);
});

test('frames put the check off without a timer each', () => {
  const { clock, said, liveness } = setUp();
  for (let frame = 0; frame < 100; frame++) {
    clock.advance(1_000);
    liveness.heard();
    expect(clock.pending).toHaveLength(1);
  }
  expect(said).toEqual([]);
  clock.advance(30_000);
  expect(said).toEqual(['ping']);
});

test('asks once at a time', () => {
  const { clock, said, liveness } = setUp();
  liveness.ask();
  clock.advance(1_500);
  liveness.ask();
  expect(said).toEqual(['ping']);
  clock.advance(500);
  expect(said).toEqual(['ping', 'lost']);
});

test('stopped it is silent, sets nothing and answers nothing', () => {
  const { clock, said, liveness } = setUp();
  liveness.ask();
  liveness.stop();
  liveness.ask();
  liveness.heard();
  expect(clock.pending).toEqual([]);
  clock.advance(100_000);
  expect(said).toEqual(['ping']);
});

test.each([0, -5, Number.NaN, undefined])(
  'a service that names %s as its interval does not cause a storm',
  (interval) => {
    const { clock, said, liveness } = setUp(interval as number);
    for (let answered = 0; answered < 50; answered++) {
      clock.advance(100);
      liveness.heard();
    }
    expect(said.length).toBeLessThanOrEqual(50);
    expect(said).not.toContain('lost');
  },
);
