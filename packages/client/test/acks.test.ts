import type { AckFrame } from '@throughline/events/protocol';
import { expect, test } from 'vitest';
import { createAcks } from '../src/acks.js';
import { createClock } from './clock.js';
import { at } from './script.js';

function setUp() {
  const clock = createClock();
  const sent: string[] = [];
  const said: AckFrame[] = [];
  const acks = createAcks(clock.after, (ack) => {
    said.push(ack);
    sent.push(ack.position);
  });
  return { clock, sent, said, acks };
}

test('what a service waits for is acknowledged at once', () => {
  const { acks, sent } = setUp();
  acks.processed(at(1), 100);
  expect(sent).toEqual([]);
  acks.processed(at(2), 100, true);
  expect(sent).toEqual([at(2)]);
});

test('one second after the first event that is not acknowledged, once, with the position of the last', () => {
  const { acks, clock, sent } = setUp();
  acks.processed(at(1), 100);
  clock.advance(900);
  acks.processed(at(2), 100);
  expect(clock.pending).toEqual([100]);
  clock.advance(99);
  expect(sent).toEqual([]);
  clock.advance(1);
  expect(sent).toEqual([at(2)]);
});

test('no timer when there is nothing to acknowledge', () => {
  const { acks, clock, sent } = setUp();
  expect(clock.pending).toEqual([]);
  acks.processed(at(1), 100);
  clock.advance(1_000);
  expect(clock.pending).toEqual([]);
  clock.advance(60_000);
  expect(sent).toEqual([at(1)]);
});

test('at once after 16 KiB, and the second begins anew', () => {
  const { acks, clock, sent } = setUp();
  acks.processed(at(1), 16_383);
  expect(sent).toEqual([]);
  acks.processed(at(2), 1);
  expect(sent).toEqual([at(2)]);
  expect(clock.pending).toEqual([]);
  acks.processed(at(3), 16_383);
  expect(sent).toEqual([at(2)]);
  expect(clock.pending).toEqual([1_000]);
});

test('what is not yet sent is forgotten with its connection', () => {
  const { acks, clock, sent } = setUp();
  acks.processed(at(1), 10_000);
  acks.stop();
  clock.advance(5_000);
  acks.processed(at(2), 10_000);
  expect(sent).toEqual([]);
});

test('what was met is told once, with the next ack; what was not is left out', () => {
  const { acks, clock, said } = setUp();
  acks.met('duplicates');
  acks.met('duplicates');
  acks.processed(at(1), 100);
  clock.advance(1_000);
  acks.met('gaps');
  acks.processed(at(2), 100);
  clock.advance(1_000);
  acks.processed(at(3), 100);
  clock.advance(1_000);
  expect(said).toEqual([
    { type: 'ack', position: at(1), duplicates: 2 },
    { type: 'ack', position: at(2), gaps: 1 },
    { type: 'ack', position: at(3) },
  ]);
});

test('what was met is kept until it could be told, on whatever connection', () => {
  const { acks, clock, said } = setUp();
  acks.met('gaps');
  acks.processed(at(1), 100);
  acks.stop();
  acks.met('gaps');
  clock.advance(60_000);
  acks.processed(at(2), 16_384);
  expect(said).toEqual([{ type: 'ack', position: at(2), gaps: 2 }]);
});
