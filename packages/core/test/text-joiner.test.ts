import { expect, test } from 'vitest';
import { TextJoiner } from '../src/text-joiner.js';
import { fakeScheduler } from './fake-scheduler.js';

function makeJoiner() {
  const scheduler = fakeScheduler();
  const sent: string[] = [];
  return { scheduler, sent, joiner: new TextJoiner(scheduler, (text) => sent.push(text)) };
}

test('the first piece goes at once', () => {
  const { joiner, sent } = makeJoiner();
  joiner.push('Costs ');
  expect(sent).toEqual(['Costs ']);
});

test('what follows is joined for 25 ms', () => {
  const { joiner, sent, scheduler } = makeJoiner();
  for (const piece of ['Costs ', 'fell ', '12 ', '%.']) joiner.push(piece);
  scheduler.advance(24);
  expect(sent).toEqual(['Costs ']);
  scheduler.advance(1);
  expect(sent).toEqual(['Costs ', 'fell 12 %.']);
});

test('what follows is joined up to 1 KiB', () => {
  const { joiner, sent } = makeJoiner();
  joiner.push('a');
  joiner.push('b'.repeat(1_023));
  expect(sent).toEqual(['a']);
  joiner.push('c');
  expect(sent).toEqual(['a', `${'b'.repeat(1_023)}c`]);
});

test('a stream of pieces is joined again and again; after a pause the next goes at once', () => {
  const { joiner, sent, scheduler } = makeJoiner();
  for (let ms = 0; ms < 100; ms++) {
    joiner.push('x');
    scheduler.advance(1);
  }
  expect(sent.join('')).toBe('x'.repeat(100));
  expect(sent).toHaveLength(5);
  scheduler.advance(50);
  expect(scheduler.waiting).toBe(0);
  joiner.push('y');
  expect(sent.at(-1)).toBe('y');
});

test('a flush sends what is held, once, and nothing when nothing is', () => {
  const { joiner, sent, scheduler } = makeJoiner();
  joiner.flush();
  joiner.push('a');
  joiner.push('b');
  joiner.flush();
  joiner.flush();
  expect(sent).toEqual(['a', 'b']);
  scheduler.advance(100);
  expect(sent).toEqual(['a', 'b']);
});

test('nothing is no piece', () => {
  const { joiner, sent, scheduler } = makeJoiner();
  joiner.push('');
  expect(sent).toEqual([]);
  expect(scheduler.waiting).toBe(0);
});

test('once stopped it holds no timer', () => {
  const { joiner, scheduler } = makeJoiner();
  joiner.push('a');
  expect(scheduler.waiting).toBe(1);
  joiner.stop();
  expect(scheduler.waiting).toBe(0);
});

test('a single letter waits no longer than anything else', () => {
  const { joiner, sent, scheduler } = makeJoiner();
  joiner.push('Yes');
  joiner.push('.');
  scheduler.advance(25);
  expect(sent).toEqual(['Yes', '.']);
});
