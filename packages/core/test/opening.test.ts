import { type From, formatPosition, type ResetCause } from '@throughline/events/protocol';
import { describe, expect, test } from 'vitest';
import { envelopeOf } from '../src/envelope.js';
import type { Awaitable, NewEntry, UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { findOpening } from '../src/opening.js';
import { fakeScheduler } from './fake-scheduler.js';
import { type Hooks, hookedLog, promises } from './hooked-log.js';

const key = { tenant_id: 'default', user_id: 'ada' };

function entry(text = 'x', thread_id = 't'): NewEntry {
  const body = `${envelopeOf(key)},"type":"acme.note","thread_id":"${thread_id}","data":${JSON.stringify(text)}}`;
  return { key, body, type: 'acme.note', thread_id, ends: false };
}

function run(seq: number, { ends = false, thread_id = 't', run_id = 'r' } = {}): NewEntry {
  return { ...entry('x', thread_id), run_id, seq, ends };
}

/** A piece of an answer, as it is stored: neighbours of it may be joined. */
function piece(seq: number, text = 'x'.repeat(100)): NewEntry {
  const body = `${envelopeOf(key)},"type":"partial_result","seq":${seq},"thread_id":"t","run_id":"r","data":${JSON.stringify({ text })}}`;
  return { key, body, type: 'partial_result', thread_id: 't', run_id: 'r', seq, ends: false };
}

function makeLog(hooks: Hooks = {}, entriesPerUser = 50_000): UserLog {
  return hookedLog(memoryLog({ entriesPerUser }, fakeScheduler()), hooks).open(key) as UserLog;
}

async function positionAt(log: UserLog, offset: number): Promise<string> {
  return formatPosition(log.epoch, offset, (await log.markAt(offset)) as string);
}

const active: From = { active: true };
const at = (position: string, orActive = false): From => ({ active: orActive, position: position as never });
const find = (log: UserLog, from: From, threads?: readonly string[]) =>
  findOpening(log, from, threads && new Set(threads));

/** A log whose beginning is gone, with an unfinished run behind `head - 2`. */
function shortened(): UserLog {
  const log = makeLog({}, 10);
  for (let count = 0; count < 500; count++) void log.append([entry('x'.repeat(100))]);
  void log.append([run(1), entry()]);
  return log;
}

describe('S7: active', () => {
  test('opens before the oldest unfinished run, else at the head', async () => {
    const log = makeLog();
    void log.append([entry(), run(1), entry()]);
    expect(await find(log, active)).toEqual({
      after: 1,
      epoch: log.epoch,
      position: await positionAt(log, 1),
      head: 3,
    });
    void log.append([run(2, { ends: true })]);
    expect(await find(log, active)).toEqual({
      after: 4,
      epoch: log.epoch,
      position: await positionAt(log, 4),
      head: 4,
    });
  });

  test('R12: looks at the runs of the threads that are read, and at no others', async () => {
    const log = makeLog();
    const ofThread = (thread_id: string) => ({ thread_id, run_id: `r-${thread_id}` });
    void log.append([run(1, ofThread('a')), run(1, ofThread('b')), run(1, ofThread('c')), entry()]);
    void log.append([run(2, { ...ofThread('b'), ends: true })]);
    expect(await find(log, active)).toMatchObject({ after: 0 });
    expect(await find(log, active, ['c', 'b'])).toMatchObject({ after: 2 });
    expect(await find(log, active, ['b'])).toMatchObject({ after: 5 });
    expect(await find(log, active, [])).toMatchObject({ after: 5 });
  });

  test('has a mark though the pieces before it were joined', async () => {
    const log = makeLog({}, 20);
    void log.append([run(1)]);
    for (let seq = 2; seq < 400; seq++) void log.append([piece(seq)]);
    void log.append([run(1, { run_id: 'other' })]);
    for (let count = 0; count < 60; count++) void log.append([entry('x'.repeat(100))]);
    const opening = await find(log, active);
    expect(opening.position).toBe(await positionAt(log, opening.after));
  });
});

describe('a position', () => {
  test.each([{}, { markAt: promises, active: promises }])('is honoured to the entry', async (hooks) => {
    const log = makeLog(hooks);
    void log.append([entry(), entry(), entry()]);
    for (let offset = 0; offset <= 3; offset++) {
      const position = await positionAt(log, offset);
      expect(await find(log, at(position))).toEqual({ after: offset, epoch: log.epoch, position, head: 3 });
    }
  });

  test('at the floor is honoured: what follows is all there', async () => {
    const log = shortened();
    expect(log.floor).toBeGreaterThan(0);
    const position = await positionAt(log, log.floor);
    expect(await find(log, at(position))).toEqual({ after: log.floor, epoch: log.epoch, position, head: log.head });
  });

  test('with active is whichever is earlier', async () => {
    const log = makeLog();
    void log.append([entry(), entry(), run(1), entry()]);
    expect(await find(log, at(await positionAt(log, 1), true))).toMatchObject({ after: 1 });
    expect(await find(log, at(await positionAt(log, 2), true))).toMatchObject({ after: 2 });
    expect(await find(log, at(await positionAt(log, 4), true))).toMatchObject({ after: 2 });
    expect(await find(log, at(await positionAt(log, 4), true), ['elsewhere'])).toMatchObject({ after: 4 });
    expect(await find(log, at('another.1.00000000', true))).toMatchObject({ after: 2, reset: 'unknown_epoch' });
  });

  test.each<[ResetCause, (log: UserLog) => string]>([
    ['unknown_epoch', () => 'another.1.00000000'],
    ['unknown_epoch', () => 'no position'],
    ['beyond_head', (log) => `${log.epoch}.${log.head + 1}.00000000`],
    ['below_floor', (log) => `${log.epoch}.${log.floor - 1}.00000000`],
    ['mark_mismatch', (log) => `${log.epoch}.${log.head}.00000000`],
    ['mark_mismatch', (log) => `${log.epoch}.${log.floor}.00000000`],
  ])('R8 of silence: %s is said, and reading opens where active would', async (reset, from) => {
    const log = shortened();
    const after = log.head - 2;
    const position = await positionAt(log, after);
    expect(await find(log, at(from(log)))).toEqual({ after, epoch: log.epoch, position, head: log.head, reset });
    const elsewhere = await find(log, at(from(log)), ['elsewhere']);
    expect(elsewhere).toMatchObject({ after: log.head, reset });
  });

  test('inside of what was joined is as gone as what was dropped', async () => {
    const log = makeLog({}, 100);
    void log.append([run(1)]);
    const positions: string[] = [];
    for (let seq = 2; seq < 200; seq++) {
      void log.append([piece(seq)]);
      positions.push(await positionAt(log, seq));
    }
    expect(log.floor).toBe(0);
    const verdicts = await Promise.all(positions.map(async (position) => (await find(log, at(position))).reset));
    expect(new Set(verdicts)).toEqual(new Set(['below_floor', undefined]));
    for (const [index, verdict] of verdicts.entries()) {
      expect(verdict === undefined).toBe((await log.markAt(index + 2)) !== undefined);
    }
  });

  test('at the beginning, where no entry is, must have the mark of no entry', async () => {
    const log = makeLog();
    expect(await find(log, at(`${log.epoch}.0.00000000`))).toMatchObject({ after: 0 });
    expect(await find(log, at(`${log.epoch}.0.00000001`))).toMatchObject({ reset: 'mark_mismatch' });
  });
});

describe('a log that moves on while it is asked', () => {
  /** Does something once, between a question and its answer. */
  function meanwhile(act: () => void) {
    let acted = false;
    return async <T>(answer: () => Awaitable<T>) => {
      const answered = await answer();
      if (!acted) act();
      acted = true;
      return answered;
    };
  }

  test('by dropping the entry before the oldest run: it is asked again', async () => {
    const hooks: Hooks = {};
    const log = makeLog(hooks, 10);
    void log.append([entry(), run(1)]);
    hooks.active = meanwhile(() => {
      for (let count = 0; count < 500; count++) void log.append([entry('x'.repeat(100))]);
    });
    const opening = await find(log, active);
    expect(opening).toMatchObject({ after: log.floor, position: await positionAt(log, log.floor), head: log.head });
    expect(log.floor).toBeGreaterThan(1);
  });

  test('by dropping the position that was right a moment ago: that is said', async () => {
    const hooks: Hooks = {};
    const log = makeLog(hooks, 10);
    void log.append([entry(), entry(), run(1), entry()]);
    const position = await positionAt(log, 1);
    hooks.markAt = meanwhile(() => {
      for (let count = 0; count < 500; count++) void log.append([entry('x'.repeat(100))]);
    });
    expect(await find(log, at(position, true))).toMatchObject({ after: log.floor, reset: 'below_floor' });
  });

  test.each(['active', 'markAt'] as const)(
    'by being erased (%s): no offset of one goes with the name of another',
    async (question) => {
      const hooks: Hooks = {};
      const log = makeLog(hooks);
      void log.append([entry(), entry(), entry()]);
      const position = await positionAt(log, 3);
      for (const from of [active, at(position), at(position, true)]) {
        hooks[question] = meanwhile(() => {
          void log.erase();
          void log.append([entry()]);
        });
        const opening = await find(log, from);
        delete hooks[question];
        expect(opening.position).toBe(await positionAt(log, opening.after));
        expect(opening.after).toBeLessThanOrEqual(log.head);
        if (from.position && question === 'markAt') expect(opening.reset).toBe('unknown_epoch');
      }
    },
  );
});
