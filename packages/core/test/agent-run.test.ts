import { describe, expect, test } from 'vitest';
import type { WebSocketManager } from '../src/manager.js';
import { place, startManager } from './running-manager.js';
import { rejectionOf, turn } from './running-service.js';
import { expectWholeRun } from './stored-events.js';

describe('S8: a run', () => {
  test('says the five events and its text, each with the whole envelope', async () => {
    const { manager, events, scheduler } = await startManager();
    const options = {
      ...place,
      run_id: 'r-1',
      task_description: 'Costs',
      message_id: 'm-1',
      parent_run_id: 'r-0',
      metadata: { a: 1 },
    };
    const result = await manager.run(options, async (run) => {
      await run.thinking({ reasoning: 'Looking.', step_number: 1, progress: 0.5 });
      const tool = await run.toolExecuting({
        tool_name: 'sql',
        parameters: { query: 'select 1' },
        tool_call_id: 'c-1',
      });
      scheduler.advance(250);
      await tool.completed({ results: [1] });
      run.text('Costs fell.');
      await run.send('acme.note', { n: 1 });
      scheduler.advance(750);
      return { final_response: 'Costs fell.', usage: { tokens: 3 } };
    });
    expect(result).toEqual({ final_response: 'Costs fell.', usage: { tokens: 3 } });
    expectWholeRun(events());
    expect(events().map(({ type, data }) => [type, data])).toEqual([
      ['agent_started', { task_description: 'Costs', message_id: 'm-1', parent_run_id: 'r-0', metadata: { a: 1 } }],
      ['agent_thinking', { reasoning: 'Looking.', step_number: 1, progress: 0.5 }],
      ['tool_executing', { tool_call_id: 'c-1', tool_name: 'sql', parameters: { query: 'select 1' } }],
      ['tool_completed', { tool_call_id: 'c-1', tool_name: 'sql', success: true, results: [1], duration_ms: 250 }],
      ['partial_result', { text: 'Costs fell.' }],
      ['acme.note', { n: 1 }],
      [
        'agent_completed',
        { outcome: 'succeeded', final_response: 'Costs fell.', usage: { tokens: 3 }, duration_ms: 1_000 },
      ],
    ]);
    for (const event of events()) {
      expect(event).toMatchObject({ user_id: 'ada', thread_id: 't-1', run_id: 'r-1', agent_name: 'researcher' });
      expect(event.timestamp).toMatch(/^2026-11-20T00:00:0[01]\.\d{3}Z$/);
    }
  });

  test('returns the position of each event, and is counted as long as it lasts', async () => {
    const { manager, service, telemetry, events } = await startManager();
    const run = await manager.startRun(place);
    expect(service.health().runs).toBe(1);
    expect(await run.thinking({ reasoning: 'x' })).toMatch(/^[\w-]{16}\.2\.[0-9a-f]{8}$/);
    run.text('a');
    run.text('b');
    expect(await run.flushed()).toMatch(/\.4\./);
    expect(await run.flushed()).toMatch(/\.4\./);
    expect(await run.completed()).toMatch(/\.5\./);
    expect(service.health().runs).toBe(0);
    expect(telemetry).toEqual([
      { kind: 'run_started', run_id: run.run_id, user_id: 'ada', thread_id: 't-1', agent_name: 'researcher' },
      {
        kind: 'run_ended',
        run_id: run.run_id,
        user_id: 'ada',
        agent_name: 'researcher',
        outcome: 'succeeded',
        duration_ms: 0,
        events: 5,
      },
    ]);
    expectWholeRun(events());
  });

  test('has an id nobody can guess, unless it is given one', async () => {
    const { manager } = await startManager();
    expect((await manager.startRun(place)).run_id).toMatch(/^[\w-]{16}$/);
    expect((await manager.startRun({ ...place, run_id: 'mine' })).run_id).toBe('mine');
  });

  test('needs neither a tool nor a word', async () => {
    const { manager, events } = await startManager();
    await manager.run(place, async () => {});
    expect(expectWholeRun(events()).data).toEqual({ outcome: 'succeeded', duration_ms: 0 });
  });
});

describe('how a run ends', () => {
  test.each<[string, unknown, object]>([
    ['an error', new Error('no such table'), { code: 'AGENT_FAILED', message: 'no such table' }],
    [
      'an error with a code',
      Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
      { code: 'ECONNREFUSED', message: 'refused' },
    ],
    [
      'an error whose code is a number',
      Object.assign(new Error('x'), { code: 5 }),
      { code: 'AGENT_FAILED', message: 'x' },
    ],
    [
      'an error whose code is long',
      Object.assign(new Error('x'), { code: 'C'.repeat(500) }),
      { code: 'C'.repeat(128), message: 'x' },
    ],
    ['words', 'stop', { code: 'AGENT_FAILED', message: 'stop' }],
    ['undefined', undefined, { code: 'AGENT_FAILED', message: 'The agent failed.' }],
    ['null', null, { code: 'AGENT_FAILED', message: 'The agent failed.' }],
  ])('failed, when its work throws %s', async (_, thrown, error) => {
    const { manager, events } = await startManager();
    const ended = manager.run(place, () => Promise.reject(thrown));
    await expect(ended.catch((reason: unknown) => ({ reason }))).resolves.toEqual({ reason: thrown });
    expect(expectWholeRun(events()).data).toEqual({ outcome: 'failed', error, duration_ms: 0 });
  });

  test('failed, when its work throws before its first wait, or what it throws cannot be read', async () => {
    const { manager, events } = await startManager();
    const unreadable = {
      get message(): string {
        throw new Error('not even that');
      },
    };
    await expect(
      manager.run(place, () => {
        throw unreadable;
      }),
    ).rejects.toBe(unreadable);
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'AGENT_FAILED' } });
  });

  test('failed, when it is told so, with a reason that the user sees', async () => {
    const { manager, events } = await startManager();
    const run = await manager.startRun(place);
    await run.failed({ code: 'NO_DATA', message: 'There is no data.' });
    expect(expectWholeRun(events()).data).toMatchObject({
      outcome: 'failed',
      error: { code: 'NO_DATA', message: 'There is no data.' },
    });
  });

  test('S8: however it ends, with its last words in front of the end', async () => {
    for (const end of ['failed', 'interrupted'] as const) {
      const { manager, events, service } = await startManager();
      const run = await manager.startRun(place);
      run.text('The first goes at once, ');
      run.text('what follows waits.');
      if (end === 'failed') await run.failed(new Error('no more'));
      else await service.close();
      expectWholeRun(events());
      const words = events().flatMap(({ type, data }) => (type === 'partial_result' ? [data.text] : []));
      expect(words.join('')).toBe('The first goes at once, what follows waits.');
    }
  });

  test('failed, when its scope is left without an outcome', async () => {
    const { manager, events } = await startManager();
    {
      await using run = await manager.startRun(place);
      await run.thinking({ reasoning: 'x' });
    }
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'RUN_ABANDONED' } });
  });

  test('as it was told, when its scope is left after that', async () => {
    const { manager, events } = await startManager();
    {
      await using run = await manager.startRun(place);
      await run.completed({ final_response: 1 });
    }
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'succeeded', final_response: 1 });
  });

  test('once: whoever comes second gets the first verdict', async () => {
    const { manager, events } = await startManager();
    const run = await manager.startRun(place);
    const verdicts = await Promise.all([
      run.completed(),
      run.failed(new Error('late')),
      run.completed({ final_response: 2 }),
    ]);
    expect(new Set(verdicts).size).toBe(1);
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'succeeded' });
  });

  test('failed, when it takes longer than it may, and its work hears so', async () => {
    const { manager, events, scheduler } = await startManager({ maxRunMs: 60_000 });
    let signal: AbortSignal | undefined;
    const ended = manager.run(place, (run) => {
      signal = run.signal;
      return new Promise<void>(() => {});
    });
    const verdict = rejectionOf(ended);
    await turn();
    scheduler.advance(59_999);
    expect(signal?.aborted).toBe(false);
    scheduler.advance(1);
    expect(await verdict).toMatchObject({ code: 'RUN_TIMED_OUT' });
    expect(signal).toMatchObject({ aborted: true, reason: { code: 'RUN_TIMED_OUT' } });
    expect(expectWholeRun(events()).data).toMatchObject({
      outcome: 'failed',
      error: { code: 'RUN_TIMED_OUT' },
      duration_ms: 60_000,
    });
  });

  test('though the clock is set back meanwhile', async () => {
    const { manager, events, scheduler } = await startManager();
    const run = await manager.startRun(place);
    await run.toolExecuting({ tool_name: 'sql' });
    const now = scheduler.now();
    Object.assign(scheduler, { now: () => now - 3_600_000 });
    await run.completed();
    expect(expectWholeRun(events()).data).toEqual({ outcome: 'succeeded', duration_ms: 0 });
  });

  test('and holds no timer but the one that waits for somebody to acknowledge it', async () => {
    const { manager, scheduler } = await startManager({ undeliveredAfterMs: 30_000 });
    const before = scheduler.waiting;
    await manager.run(place, async (run) => {
      run.text('a');
      run.text('b');
    });
    expect(scheduler.waiting).toBe(before + 1);
    scheduler.advance(30_000);
    expect(scheduler.waiting).toBe(before);
  });
});

test('R8: nothing follows the end, and each late send hears why', async () => {
  const { manager, events } = await startManager();
  const run = await manager.startRun(place);
  const tool = await run.toolExecuting({ tool_name: 'a' });
  await run.completed();
  run.text('late');
  const late = [
    run.thinking({ reasoning: 'x' }),
    run.send('acme.note', 1),
    run.toolExecuting({ tool_name: 'b' }),
    tool.completed({}),
  ];
  for (const verdict of late) await expect(verdict).rejects.toMatchObject({ code: 'RUN_ENDED' });
  expectWholeRun(events());
});

test.each(['', 'note', 'Acme.note'])('%j is no type of an event, also behind one that is', async (type) => {
  const { manager, events } = await startManager();
  const run = await manager.startRun(place);
  await run.send('acme.note', {});
  await run.send('acme.note', {});
  await expect(run.send(type as 'acme.note', {})).rejects.toMatchObject({ code: 'EVENT_INVALID' });
  await run.completed();
  expect(events().map(({ type: known }) => known)).toEqual([
    'agent_started',
    'acme.note',
    'acme.note',
    'agent_completed',
  ]);
});

test.each<[string, object]>([
  ['agent_started', {}],
  ['agent_thinking', { reasoning: 'x' }],
  ['tool_executing', { tool_call_id: 'c', tool_name: 't', parameters: {} }],
  ['tool_completed', { tool_call_id: 'c', tool_name: 't', success: true, duration_ms: 0 }],
  ['agent_completed', { outcome: 'succeeded', duration_ms: 0 }],
  ['partial_result', {}],
])('an agent has no other way to %s than its function', async (type, data) => {
  const { manager, events } = await startManager();
  const run = await manager.startRun(place);
  const { send } = run as unknown as { send(this: unknown, type: string, data: unknown): Promise<unknown> };
  await expect(send.call(run, type, data)).rejects.toMatchObject({ code: 'EVENT_INVALID' });
  await run.completed();
  expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'EVENT_INVALID' } });
  expect(events()).toHaveLength(2);
});

describe('the id of a run', () => {
  test('is taken while the run lasts', async () => {
    const { manager } = await startManager();
    await manager.startRun({ ...place, run_id: 'r-1' });
    await expect(manager.startRun({ ...place, run_id: 'r-1' })).rejects.toMatchObject({ code: 'RUN_DUPLICATE' });
  });

  test('stays with the run that had it first: who comes second leaves it as it was', async () => {
    const { manager, service, events } = await startManager();
    const run = await manager.startRun({ ...place, run_id: 'r-1' });
    await expect(manager.startRun({ ...place, run_id: 'r-1' })).rejects.toMatchObject({ code: 'RUN_DUPLICATE' });
    // Were it not counted any more, nobody could cancel it, and no drain would wait for it.
    expect(service.health().runs).toBe(1);
    await run.completed();
    expectWholeRun(events());
    expect(service.health().runs).toBe(0);
  });

  test('is taken as long as the log holds the run: a second one of that id would be dropped without a word', async () => {
    const { manager, events, service } = await startManager();
    await manager.run({ ...place, run_id: 'r-1' }, async () => ({ final_response: 1 }));
    await expect(manager.run({ ...place, run_id: 'r-1' }, async () => ({ final_response: 2 }))).rejects.toMatchObject({
      code: 'RUN_DUPLICATE',
    });
    expect(service.health().runs).toBe(0);
    expect(expectWholeRun(events()).data).toMatchObject({ final_response: 1 });
  });

  test('is free for each user', async () => {
    const { manager, managerOf, events } = await startManager();
    const other: WebSocketManager = await managerOf('bob');
    await Promise.all([manager, other].map((each) => each.run({ ...place, run_id: 'r-1' }, async () => {})));
    for (const user of ['ada', 'bob']) expect(expectWholeRun(events(user))).toMatchObject({ user_id: user });
  });
});
