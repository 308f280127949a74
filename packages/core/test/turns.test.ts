// The end of a turn is asked for once, for all users: what one of them does there must cost no other anything.
import { expect, test } from 'vitest';
import type { TelemetryEvent } from '../src/telemetry.js';
import { Turns, type TurnTaker } from '../src/turns.js';
import { fakeScheduler } from './fake-scheduler.js';

/** Turns that end when a test says so. */
function makeTurns() {
  const scheduled: (() => void)[] = [];
  const told: TelemetryEvent[] = [];
  const scheduler = { ...fakeScheduler(), turn: (task: () => void) => void scheduled.push(task) };
  const turns = new Turns(scheduler, (event) => void told.push(event));
  const endTurn = () => {
    for (const task of scheduled.splice(0)) task();
  };
  const had: string[] = [];
  const flushed: string[] = [];
  const member = (name: string, then: () => void = () => {}): TurnTaker => ({
    endTurn() {
      had.push(name);
      then();
    },
    flush() {
      flushed.push(name);
      then();
    },
  });
  return { turns, scheduled, told, had, flushed, endTurn, member };
}

test('all who ask have their turn once, in the order in which they asked, at one end', () => {
  const { turns, scheduled, had, endTurn, member } = makeTurns();
  for (const name of ['a', 'b', 'c']) turns.ask(member(name));
  expect(scheduled).toHaveLength(1);
  expect(had).toEqual([]);
  endTurn();
  expect(had).toEqual(['a', 'b', 'c']);
  endTurn();
  expect(had).toHaveLength(3);
});

test('S9: what fails for one user is told, and everybody else has their turn all the same', () => {
  const { turns, told, had, endTurn, member } = makeTurns();
  const fails = () => {
    throw new Error('out of order');
  };
  turns.ask(member('a'));
  turns.ask(member('b', fails));
  turns.ask(member('c'));
  endTurn();
  expect(had).toEqual(['a', 'b', 'c']);
  expect(told).toEqual([{ kind: 'fault', where: 'turn', message: 'out of order' }]);
  turns.ask(member('b'));
  endTurn();
  expect(had.at(-1)).toBe('b');
});

test('who asks while a turn ends has the next one, and so has who asks behind them', async () => {
  const { turns, scheduled, had, endTurn, member } = makeTurns();
  turns.ask(member('a', () => turns.ask(member('a again'))));
  turns.ask(member('b'));
  endTurn();
  expect(had).toEqual(['a', 'b']);
  await Promise.resolve();
  turns.ask(member('c'));
  expect(scheduled).toHaveLength(1);
  endTurn();
  expect(had).toEqual(['a', 'b', 'a again', 'c']);
});

test('once 64 wait they are flushed, and have their turn at its end as everybody else', () => {
  const { turns, scheduled, had, flushed, endTurn, member } = makeTurns();
  const names = Array.from({ length: 200 }, (_, index) => `user ${index}`);
  for (const [index, name] of names.entries()) {
    turns.ask(member(name));
    // Not who asks: what comes next is most likely for the same user.
    expect(flushed).toEqual(names.slice(0, index - (index % 64)));
  }
  expect(scheduled).toHaveLength(1);
  expect(had).toEqual([]);
  endTurn();
  expect(had).toEqual(names);
  expect(flushed).toHaveLength(192);
  turns.ask(member('again'));
  expect(flushed).toHaveLength(192);
});

test('S9: what fails for one user before the end of a turn keeps nobody waiting either', () => {
  const { turns, told, flushed, endTurn, member } = makeTurns();
  const fails = () => {
    throw new Error('out of order');
  };
  turns.ask(member('a', fails));
  for (let index = 0; index < 64; index++) turns.ask(member('b'));
  expect(flushed).toHaveLength(64);
  expect(told).toEqual([{ kind: 'fault', where: 'turn', message: 'out of order' }]);
  endTurn();
});
