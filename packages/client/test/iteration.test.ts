import type { AgentEvent } from '@throughline/events';
import { expect, test } from 'vitest';
import { clientError } from '../src/errors.js';
import { createIteration } from '../src/iteration.js';
import { event } from './script.js';

function setUp() {
  const settled: number[] = [];
  const faults: string[] = [];
  const iteration = createIteration((fault) => faults.push(fault.code));
  const deliver = (offset: number, dropped = false) =>
    iteration.deliver(dropped ? undefined : event(offset, offset, 'partial_result', { text: '.' }), () =>
      settled.push(offset),
    );
  return { iteration, settled, faults, deliver };
}
const offsetOf = (result: IteratorResult<AgentEvent, void>) => result.value?.offset;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('as long as nobody iterates, an event is settled at once', () => {
  const { deliver, settled } = setUp();
  deliver(1);
  deliver(2, true);
  expect(settled).toEqual([1, 2]);
});

test('an event is settled when the loop comes back for the next one', async () => {
  const { iteration, deliver, settled } = setUp();
  const loop = iteration.iterate();
  const first = loop.next();
  deliver(1);
  deliver(2);
  expect(offsetOf(await first)).toBe(1);
  expect(settled).toEqual([]);
  expect(offsetOf(await loop.next())).toBe(2);
  expect(settled).toEqual([1]);
});

test('the slowest of several loops decides, and each gets everything', async () => {
  const { iteration, deliver, settled } = setUp();
  const [fast, slow] = [iteration.iterate(), iteration.iterate()];
  const began = [fast.next(), slow.next()];
  for (const offset of [1, 2, 3]) deliver(offset);
  await Promise.all(began);
  await fast.next();
  await fast.next();
  expect(settled).toEqual([]);
  expect(offsetOf(await slow.next())).toBe(2);
  expect(settled).toEqual([1]);
  expect(offsetOf(await slow.next())).toBe(3);
  expect(settled).toEqual([1, 2]);
});

test('what was dropped is settled in its turn, and no loop sees it', async () => {
  const { iteration, deliver, settled } = setUp();
  const loop = iteration.iterate();
  const first = loop.next();
  deliver(1);
  deliver(2, true);
  deliver(3);
  await first;
  expect(settled).toEqual([]);
  expect(offsetOf(await loop.next())).toBe(3);
  expect(settled).toEqual([1, 2]);
});

test('a loop that is left holds nothing back', async () => {
  const { iteration, deliver, settled } = setUp();
  const loop = iteration.iterate();
  const first = loop.next();
  for (const offset of [1, 2]) deliver(offset);
  await first;
  await loop.return();
  expect(settled).toEqual([1, 2]);
  deliver(3);
  expect(settled).toEqual([1, 2, 3]);
});

test('an iterator that nobody asks for anything holds nothing back', () => {
  const { iteration, deliver, settled } = setUp();
  iteration.iterate();
  deliver(1);
  expect(settled).toEqual([1]);
});

test('a loop that begins later sees what comes later', async () => {
  const { iteration, deliver, settled } = setUp();
  const early = iteration.iterate();
  const first = early.next();
  deliver(1);
  await first;
  const late = iteration.iterate();
  const next = late.next();
  deliver(2);
  expect(offsetOf(await next)).toBe(2);
  await early.next();
  expect(settled).toEqual([1]);
});

test('a reset takes back what was not taken, and settles none of it', async () => {
  const { iteration, deliver, settled } = setUp();
  const loop = iteration.iterate();
  const first = loop.next();
  for (const offset of [1, 2, 3]) deliver(offset);
  await first;
  iteration.clear();
  deliver(4);
  deliver(5);
  expect(offsetOf(await loop.next())).toBe(4);
  expect(offsetOf(await loop.next())).toBe(5);
  expect(settled).toEqual([4]);
});

test.each([undefined, clientError('CLOSED', 'closed')])(
  'ended (%s), a loop gets what still waits, then knows',
  async (error) => {
    const { iteration, deliver, settled } = setUp();
    const loop = iteration.iterate();
    const first = loop.next();
    for (const offset of [1, 2]) deliver(offset);
    await first;
    iteration.end(error);
    expect(offsetOf(await loop.next())).toBe(2);
    const [last] = await Promise.allSettled([loop.next()]);
    expect(last).toEqual(
      error ? { status: 'rejected', reason: error } : { status: 'fulfilled', value: { done: true, value: undefined } },
    );
    expect(settled).toEqual([1, 2]);
  },
);

test('a loop that waits for an event is woken by the end', async () => {
  const { iteration } = setUp();
  const waiting = iteration.iterate().next();
  await turn();
  iteration.end(undefined);
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('a loop that stands still takes no other with it', async () => {
  const { iteration, deliver, settled } = setUp();
  const [stuck, fine] = [iteration.iterate(), iteration.iterate()];
  const began = [stuck.next(), fine.next()];
  deliver(1);
  await Promise.all(began);
  for (let offset = 2; offset <= 10_001; offset++) {
    deliver(offset);
    expect(offsetOf(await fine.next())).toBe(offset);
  }
  await expect(stuck.next()).rejects.toMatchObject({ code: 'LOOP_TOO_SLOW' });
  expect(settled).toHaveLength(10_000);
  deliver(10_002);
  expect(offsetOf(await fine.next())).toBe(10_002);
});

test('a loop that stands still does not grow without end: it is told, and lets go of everything', async () => {
  const { iteration, deliver, settled, faults } = setUp();
  const loop = iteration.iterate();
  const first = loop.next();
  deliver(1);
  await first;
  for (let offset = 2; offset <= 10_000; offset++) deliver(offset);
  expect(settled).toEqual([]);
  deliver(10_001);
  expect(faults).toEqual(['LOOP_TOO_SLOW']);
  expect(settled).toHaveLength(10_001);
  deliver(10_002);
  expect(settled).toHaveLength(10_002);
  await expect(loop.next()).rejects.toMatchObject({ code: 'LOOP_TOO_SLOW' });
});
