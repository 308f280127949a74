// What storage, data and haste can do to a run, and that it is a run all the same.
import { describe, expect, test } from 'vitest';
import type { EventDraft } from '../src/event-body.js';
import type { Run } from '../src/run.js';
import { type Hooks, promises, rejects, storesThenRejects, storesThenThrows, throws } from './hooked-log.js';
import { place, startManager } from './running-manager.js';
import { startService, turn } from './running-service.js';
import { expectWholeRun } from './stored-events.js';

/** The hook for some appends, counted from 1; the others are answered. */
function failing(
  which: readonly number[],
  hook: NonNullable<Hooks['append']>,
  other: NonNullable<Hooks['append']> = (answer) => answer(),
): Hooks {
  let count = 0;
  return { append: (answer) => (which.includes(++count) ? hook(answer) : other(answer)) };
}

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

describe('R13: what cannot be stored as data', () => {
  test.each<[string, string, (run: Run) => Promise<unknown>]>([
    ['EVENT_INVALID', 'a field of another type', (run) => run.thinking({ reasoning: 7 as unknown as string })],
    ['EVENT_INVALID', 'NaN', (run) => run.send('acme.note', { a: Number.NaN })],
    ['EVENT_INVALID', 'a cycle', (run) => run.send('acme.note', cyclic)],
    ['EVENT_INVALID', 'a BigInt', (run) => run.send('acme.note', 7n)],
    ['EVENT_INVALID', 'undefined', (run) => run.send('acme.note', undefined)],
    ['EVENT_INVALID', 'a type that is none', (run) => run.send('Acme.Note', 1)],
    [
      'EVENT_INVALID',
      'the parameters of a tool',
      (run) => run.toolExecuting({ tool_name: 't', parameters: cyclic as Record<string, unknown> }),
    ],
    ['EVENT_TOO_LARGE', 'more than fits', (run) => run.send('acme.note', 'x'.repeat(3_000))],
  ])('%s: %s is refused, sticks, and ends the run failed', async (code, _, send) => {
    const { manager, events } = await startManager({ maxEventBytes: 2_048 });
    const run = await manager.startRun(place);
    await expect(send(run)).rejects.toMatchObject({ code });
    await expect(run.thinking({ reasoning: 'x' })).rejects.toMatchObject({ code });
    await expect(run.flushed()).rejects.toMatchObject({ code });
    await run.completed({ final_response: 'as if nothing had happened' });
    expect(expectWholeRun(events()).data).toEqual({
      outcome: 'failed',
      error: { code, message: expect.any(String) },
      duration_ms: 0,
    });
    expect(events()).toHaveLength(2);
  });

  test('S11: a failure that nobody awaited ends manager.run, and no process', async () => {
    const { manager, events } = await startManager();
    const ended = manager.run(place, async (run) => {
      void run.send('acme.note', Number.NaN);
      await turn();
    });
    await expect(ended).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'EVENT_INVALID' } });
  });

  test.each<[string, string, unknown]>([
    ['EVENT_INVALID', 'a cycle', cyclic],
    ['EVENT_INVALID', 'NaN', { deep: [Number.NaN] }],
    ['EVENT_TOO_LARGE', 'more than fits', 'x'.repeat(3_000)],
  ])('%s: an answer that cannot be stored (%s) ends the run failed, without it', async (code, _, final_response) => {
    const { manager, events } = await startManager({ maxEventBytes: 2_048 });
    await expect(manager.run(place, async () => ({ final_response }))).rejects.toMatchObject({ code });
    expect(expectWholeRun(events()).data).toEqual({
      outcome: 'failed',
      error: { code, message: expect.any(String) },
      duration_ms: 0,
    });
  });

  test('a usage that is none ends the run failed, though its very names are too long to repeat', async () => {
    const { manager, events } = await startManager({ maxEventBytes: 2_048 });
    const usage = { ['x'.repeat(100_000)]: 'many' as unknown as number };
    await expect(manager.run(place, async () => ({ usage }))).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed' });
  });

  test('a message of an error that is too long ends the run failed, without it', async () => {
    const { manager, events } = await startManager({ maxEventBytes: 2_048 });
    const error = new Error('x'.repeat(10_000));
    await expect(manager.run(place, () => Promise.reject(error))).rejects.toBe(error);
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'EVENT_TOO_LARGE' } });
  });

  test.each<[string, (draft: EventDraft) => unknown]>([
    [
      'throws at every end',
      ({ type, data }) => {
        if (type === 'agent_completed' || type === 'tool_completed') throw new Error('no such field');
        return data;
      },
    ],
    ['returns nothing', ({ type, data }) => (type.endsWith('_completed') ? undefined : data)],
  ])('a redaction that %s cannot keep a run from ending', async (_, redact) => {
    const { manager, events } = await startManager({ redact });
    const ended = manager.run(place, async (run) => {
      await run.toolExecuting({ tool_name: 'sql' });
      return { final_response: 's3cret' };
    });
    await expect(ended).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'EVENT_INVALID' } });
    expect(JSON.stringify(events())).not.toContain('s3cret');
  });

  test('a beginning that is refused never was: nothing is stored, nothing has to end', async () => {
    const { manager, events, service, scheduler } = await startManager();
    const before = scheduler.waiting;
    await expect(manager.startRun({ ...place, metadata: cyclic as Record<string, unknown> })).rejects.toMatchObject({
      code: 'EVENT_INVALID',
    });
    expect(events()).toEqual([]);
    expect(service.health().runs).toBe(0);
    expect(scheduler.waiting).toBe(before);
  });
});

describe('a store that fails', () => {
  const faults: [string, NonNullable<Hooks['append']>][] = [
    ['throws', throws],
    ['rejects', rejects],
    ['stores, then throws', storesThenThrows],
    ['stores, then rejects', storesThenRejects],
  ];

  test.each(faults)('%s in the middle: the run ends failed, its numbers dense', async (_, fault) => {
    const { manager, events } = await startManager({}, failing([3], fault));
    const ended = manager.run(place, async (run) => {
      await run.thinking({ reasoning: 'one' });
      await run.thinking({ reasoning: 'two' });
      await run.thinking({ reasoning: 'three' });
    });
    await expect(ended).rejects.toMatchObject({ code: 'STORE_FAILED', cause: expect.any(Error) });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'STORE_FAILED' } });
    const thoughts = events().filter(({ type }) => type === 'agent_thinking');
    expect(thoughts.map(({ data }) => data.reasoning)).toEqual(['one', 'two']);
  });

  test.each(faults)('%s at the end: it is tried again, later and later, until it is stored, once', async (_, fault) => {
    const attempts: number[] = [];
    const hooks: Hooks = {
      append: (answer) => {
        attempts.push(scheduler.now());
        return attempts.length > 1 && attempts.length < 12 ? fault(answer) : answer();
      },
    };
    const { manager, events, scheduler, telemetry, service } = await startManager({}, hooks);
    const ended = manager.run(place, async () => ({ final_response: 'kept' }));
    await scheduler.pass(200_000);
    expect(await ended).toEqual({ final_response: 'kept' });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'succeeded', final_response: 'kept' });
    const pauses = attempts.slice(1).map((time, index) => time - (attempts[index] as number));
    expect(pauses.slice(1)).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000]);
    expect(telemetry.filter(({ kind }) => kind === 'fault')).toHaveLength(10);
    expect(service.health().runs).toBe(0);
  });

  test.each(faults)('%s at the beginning: the caller hears it, and the run ends all the same', async (_, fault) => {
    const hooks: Hooks = { append: fault };
    const { manager, events, scheduler, service } = await startManager({}, hooks);
    await expect(manager.run(place, () => expect.unreachable())).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await scheduler.pass(5_000);
    expect(service.health().runs).toBe(1);
    delete hooks.append;
    await scheduler.pass(20_000);
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'STORE_FAILED' } });
    expect(service.health().runs).toBe(0);
  });

  test.each(faults)('%s while a tool begins or ends: it is closed once', async (_, fault) => {
    for (const which of [2, 3]) {
      const { manager, events } = await startManager({}, failing([which], fault));
      const ended = manager.run(place, async (run) => {
        const tool = await run.toolExecuting({ tool_name: 'sql' });
        await tool.completed({ results: 1 });
      });
      await expect(ended).rejects.toMatchObject({ code: 'STORE_FAILED' });
      expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed' });
    }
  });

  test('is given up when the service closes: nothing is left behind', async () => {
    const hooks: Hooks = {};
    const { manager, service, scheduler, events } = await startManager({}, hooks);
    const before = scheduler.waiting;
    const run = await manager.startRun(place);
    hooks.append = rejects;
    const end = run.completed();
    await scheduler.pass(1_000);
    await service.close();
    await expect(end).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(scheduler.waiting).toBeLessThan(before);
    expect(events()).toHaveLength(1);
  });

  test('does not harm what is sent outside a run', async () => {
    const hooks: Hooks = { append: rejects };
    const { manager, events } = await startManager({}, hooks);
    await expect(manager.send('acme.note', 1, { thread_id: 't' })).rejects.toMatchObject({ code: 'STORE_FAILED' });
    hooks.append = throws;
    await expect(manager.send('acme.note', 2, { thread_id: 't' })).rejects.toMatchObject({ code: 'STORE_FAILED' });
    delete hooks.append;
    await manager.send('acme.note', 3, { thread_id: 't' });
    expect(events().map(({ data }) => data)).toEqual([3]);
  });
});

describe('a store that takes its time', () => {
  test('stores the events of a run in their order, awaited or not', async () => {
    const hooks: Hooks = {
      append: async (answer) => {
        await turn();
        return answer();
      },
    };
    const { manager, events } = await startManager({}, hooks);
    await manager.run(place, async (run) => {
      for (let number = 0; number < 20; number++) void run.send('acme.note', number);
      run.text('a');
      const tool = await run.toolExecuting({ tool_name: 'sql' });
      void tool.completed({ results: 1 });
      for (let number = 20; number < 40; number++) void run.send('acme.note', number);
    });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'succeeded' });
    const numbers = events()
      .filter(({ type }) => type === 'acme.note')
      .map(({ data }) => data);
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => index));
  });

  test('and fails under the last event: what did not succeed is not said to have', async () => {
    const { manager, events } = await startManager({}, failing([3], rejects, promises));
    const run = await manager.startRun(place);
    void run.thinking({ reasoning: 'one' });
    void run.thinking({ reasoning: 'two' });
    await run.completed();
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'STORE_FAILED' } });
  });

  test('and fails: what waits behind that is refused for the same reason, and never stored', async () => {
    const { manager, events } = await startManager({}, failing([3], rejects, promises));
    const run = await manager.startRun(place);
    const verdicts = ['one', 'two', 'three'].map((reasoning) => run.thinking({ reasoning }));
    const outcomes = await Promise.allSettled(verdicts);
    const refused = { status: 'rejected', reason: expect.objectContaining({ code: 'STORE_FAILED' }) };
    expect(outcomes).toEqual([expect.objectContaining({ status: 'fulfilled' }), refused, refused]);
    await run.completed();
    expectWholeRun(events());
    // Of the second nobody knew whether it was stored: it went along with the end, so that no number is missing.
    const thoughts = events().filter(({ type }) => type === 'agent_thinking');
    expect(thoughts.map(({ data }) => data.reasoning)).toEqual(['one', 'two']);
  });

  test('and fails before a tool has begun or ended: the pairs are whole', async () => {
    for (const which of [2, 3]) {
      const { manager, events } = await startManager({}, failing([which], rejects, promises));
      const run = await manager.startRun(place);
      const tool = run.toolExecuting({ tool_name: 'a' });
      void run.toolExecuting({ tool_name: 'b' });
      void tool.then((call) => call.completed({ results: 1 })).catch(() => {});
      await run.completed();
      expect(expectWholeRun(events()).data.outcome).toBe('failed');
    }
  });
});

describe('haste', () => {
  test('that never awaits is refused, and ends the run failed', async () => {
    const { manager, events, service } = await startManager({ maxPendingBytes: 10_000 });
    const run = await manager.startRun(place);
    const verdicts = Array.from({ length: 100 }, () => run.send('acme.note', 'x'.repeat(1_000)));
    const outcomes = await Promise.allSettled(verdicts);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(80);
    for (const outcome of refused) expect(outcome).toMatchObject({ reason: { code: 'PRODUCER_TOO_FAST' } });
    await run.completed();
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'PRODUCER_TOO_FAST' } });
    expect(events()).toHaveLength(2 + 100 - refused.length);
    expect(service.health().runs).toBe(0);
  });

  test('that never awaits a slow store is refused as well', async () => {
    const hooks: Hooks = {
      append: async (answer) => {
        await turn();
        return answer();
      },
    };
    const { manager, events } = await startManager({ maxPendingBytes: 10_000 }, hooks);
    const run = await manager.startRun(place);
    for (let turns = 0; turns < 100; turns++) {
      void run.send('acme.note', 'x'.repeat(1_000));
      if (turns % 5 === 4) await turn();
    }
    await run.completed();
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'PRODUCER_TOO_FAST' } });
  });

  test('is forgotten with the turn', async () => {
    const { manager, events } = await startManager({ maxPendingBytes: 10_000 });
    await manager.run(place, async (run) => {
      for (let turns = 0; turns < 30; turns++) {
        await Promise.all(Array.from({ length: 5 }, () => run.send('acme.note', 'x'.repeat(1_000))));
        await turn();
      }
    });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'succeeded' });
  });

  test('S8: that awaits each verdict leaves a healthy reader whole, 20,000 events long', async () => {
    const { enter, managerOf } = await startService();
    const manager = await managerOf('ada');
    const client = await enter('ada', { acks: true });
    let unacked = 0;
    client.webSocket.on('message', (data: Buffer) => {
      unacked += data.length;
      if (unacked < 16_384) return;
      unacked = 0;
      client.send({ type: 'ack', position: client.position });
    });
    await manager.run(place, async (run) => {
      for (let number = 2; number <= 20_001; number++) await run.send('acme.note', number);
    });
    // What a client owes after a second of quiet.
    client.send({ type: 'ack', position: client.position });
    await client.until('agent_completed');
    expect(client.frames.some(({ type }) => type === 'reset')).toBe(false);
    expect(client.offsets).toEqual(Array.from({ length: 20_002 }, (_, index) => index + 1));
  });
});
