import { expect, test } from 'vitest';
import { createOrder as createOrderOf } from '../src/order.js';
import { event } from './script.js';

const piece = (offset: number, seq: number, run_id = 'r-1', first_seq?: number) => ({
  ...event(offset, seq, 'partial_result', { text: '.' }, run_id),
  ...(first_seq && { first_seq }),
});

/** One thread, read in order. */
function createOrder() {
  let seen = 0;
  const order = createOrderOf(() => seen);
  return {
    ...order,
    note(one: Parameters<typeof order.note>[0]) {
      seen = Math.max(seen, one.offset);
      order.note(one);
    },
    restart(offset: number) {
      seen = offset;
      order.restart();
    },
  };
}
const anyThread = () => true;

/** Judges, and notes what is new. */
function take(order: ReturnType<typeof createOrder>, offset: number, seq: number, run_id?: string, first?: number) {
  const one = piece(offset, seq, run_id, first);
  const verdict = order.judge(one);
  if (verdict === 'new') order.note(one);
  return verdict;
}

test('an event of a run is judged by its seq, whatever its offset', () => {
  const order = createOrder();
  expect(take(order, 1, 1)).toBe('new');
  expect(take(order, 2, 2)).toBe('new');
  expect(take(order, 3, 2)).toBe('held');
  expect(take(order, 4, 1)).toBe('held');
  expect(take(order, 5, 3)).toBe('new');
  expect(take(order, 6, 5)).toBe('gap');
});

test('a run whose beginning is no longer in the log is taken up where it is', () => {
  const order = createOrder();
  expect(take(order, 40, 17)).toBe('new');
  expect(take(order, 41, 18)).toBe('new');
  expect(take(order, 42, 20)).toBe('gap');
});

test('joined pieces are judged from the first to the last', () => {
  const order = createOrder();
  expect(take(order, 3, 3, 'r-1', 1)).toBe('new');
  expect(take(order, 9, 9, 'r-1', 4)).toBe('new');
  expect(take(order, 9, 9, 'r-1', 4)).toBe('held');
  expect(take(order, 12, 12, 'r-1', 11)).toBe('gap');
});

test('of pieces joined across what is held the rest is taken, and of such as do not tell their lengths nothing', () => {
  const order = createOrder();
  take(order, 1, 1);
  take(order, 2, 2);
  expect(take(order, 4, 4, 'r-1', 2)).toBe('gap');
  const joined = { ...event(5, 5, 'partial_result', { text: 'onetwo three' }), first_seq: 1, pieces: [3, 0, 3, 4, 2] };
  expect(order.judge(joined)).toBe('new');
  expect(order.rest(joined)).toEqual({ ...joined, first_seq: 3, pieces: [3, 4, 2], data: { text: 'two three' } });
  order.note(joined);
  expect(order.judge(joined)).toBe('held');
});

test('of joined thoughts the rest of the words is taken, with the step and the progress', () => {
  const order = createOrder();
  take(order, 1, 1);
  const data = { reasoning: 'Looking at it.', step_number: 2, progress: 0.5 };
  const joined = { ...event(3, 3, 'agent_thinking', data), first_seq: 1, pieces: [8, 3, 3] };
  expect(order.rest(joined)).toEqual({
    ...joined,
    first_seq: 2,
    pieces: [3, 3],
    data: { reasoning: 'at it.', step_number: 2, progress: 0.5 },
  });
});

test('an event outside a run is judged by its offset', () => {
  const order = createOrder();
  const invoice = event(5, 0, 'acme.invoice_ready', {});
  expect(order.judge(invoice)).toBe('new');
  order.note(invoice);
  expect(order.judge(invoice)).toBe('held');
  expect(order.judge(event(6, 0, 'acme.invoice_ready', {}))).toBe('new');
});

test('what was appended twice after its run had ended is a duplicate', () => {
  const order = createOrder();
  take(order, 1, 1);
  const end = event(2, 2, 'agent_completed', {});
  order.note(end);
  expect(order.judge({ ...end, offset: 3 })).toBe('held');
});

test('the memory is bounded, and a replay of a run that was forgotten is still dropped', () => {
  const order = createOrder();
  let offset = 0;
  for (let run = 0; run < 5_000; run++) take(order, ++offset, 1, `r-${run}`);
  // Forgotten: judged by its offset.
  expect(order.judge(piece(1, 1, 'r-0'))).toBe('held');
  // Forgotten and going on: taken up as a run whose beginning is not known, even with a jump.
  expect(order.judge(piece(6_000, 7, 'r-0'))).toBe('new');
  // Remembered: a jump shows.
  expect(order.judge(piece(6_000, 7, 'r-4999'))).toBe('gap');
  expect(order.judge(piece(6_000, 7, 'r-4000'))).toBe('gap');
  expect(order.judge(piece(6_000, 7, 'r-3999'))).toBe('new');
});

test('a run that goes on speaking is not forgotten', () => {
  const order = createOrder();
  let offset = 0;
  let seq = 0;
  for (let run = 0; run < 3_000; run++) {
    if (run % 500 === 0) take(order, ++offset, ++seq, 'long');
    take(order, ++offset, 1, `r-${run}`);
  }
  expect(order.judge(piece(++offset, seq + 2, 'long'))).toBe('gap');
});

test('after a restart nothing is held', () => {
  const order = createOrder();
  take(order, 7, 1);
  order.restart(3);
  expect(order.judge(piece(3, 1))).toBe('held');
  expect(order.judge(piece(4, 1))).toBe('new');
});

test('a reader that begins after the last event of an open run may miss the rest of it', () => {
  const order = createOrder();
  take(order, 10, 1);
  take(order, 11, 1, 'r-2');
  expect(order.mayMiss(10, anyThread)).toBe(false);
  expect(order.mayMiss(11, anyThread)).toBe(true);
  order.note(event(12, 2, 'agent_completed', {}, 'r-1'));
  expect(order.mayMiss(11, anyThread)).toBe(false);
  order.note(event(13, 2, 'agent_completed', {}, 'r-2'));
  expect(order.mayMiss(1_000, anyThread)).toBe(false);
});

test('only threads that are read from elsewhere than where they were left can miss anything', () => {
  const order = createOrder();
  take(order, 10, 1);
  expect(order.mayMiss(11, (thread) => thread === 't-1')).toBe(true);
  expect(order.mayMiss(11, (thread) => thread === 't-2')).toBe(false);
});

test('the place of a jump stays the same until something before it comes', () => {
  const order = createOrder();
  take(order, 1, 1);
  const place = order.place(piece(4, 3));
  expect(order.place(piece(9, 8, 'r-1', 3))).toBe(place);
  expect(order.place(piece(4, 3, 'r-2'))).not.toBe(place);
  take(order, 5, 2);
  expect(order.place(piece(9, 8))).not.toBe(place);
});
