import { describe, expect, test } from 'vitest';
import type { WebSocketManager } from '../src/manager.js';
import { memoryLog } from '../src/memory-log.js';
import type { ServiceOptions } from '../src/options.js';
import type { Run } from '../src/run.js';
import { fakeScheduler } from './fake-scheduler.js';
import { rejectionOf, startService, turn } from './running-service.js';
import { expectWholeRun, type StoredEvent, storedEvents } from './stored-events.js';

const place = { agent_name: 'researcher', thread_id: 't-1' };

async function startManager(options: Partial<ServiceOptions> = {}) {
  const scheduler = fakeScheduler();
  const log = memoryLog({}, scheduler);
  const running = await startService({ scheduler, log, ...options });
  return { ...running, scheduler, log, manager: await running.managerOf('ada'), events: () => storedEvents(log) };
}

const typesOf = (events: readonly StoredEvent[]) => events.map(({ type }) => type);

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
    const { manager, service, telemetry, log } = await startManager();
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
      { kind: 'run_started', run_id: run.run_id, user_id: 'ada' },
      { kind: 'run_ended', run_id: run.run_id, user_id: 'ada', outcome: 'succeeded' },
    ]);
    expectWholeRun(storedEvents(log));
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

  test('and holds no timer then', async () => {
    const { manager, scheduler } = await startManager();
    const before = scheduler.waiting;
    await manager.run(place, async (run) => {
      run.text('a');
      run.text('b');
    });
    expect(scheduler.waiting).toBe(before);
  });
});

describe('a cancel', () => {
  async function startCancelled(work: (run: Run) => Promise<void>) {
    const started = await startManager({ cancelGraceMs: 5_000 });
    const client = await started.enter('ada');
    const ended = started.manager.run({ ...place, run_id: 'r-1' }, work).then(
      () => 'returned',
      (error: unknown) => error,
    );
    await client.until('agent_started');
    client.send({ type: 'cancel', id: 'c-1', run_id: 'r-1' });
    await client.until('accepted', { id: 'c-1' });
    return { ...started, client, ended };
  }

  const untilAborted = ({ signal }: Run) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

  test('that the agent heeds by returning ends the run as cancelled', async () => {
    const { ended, events } = await startCancelled(untilAborted);
    expect(await ended).toBe('returned');
    expect(expectWholeRun(events()).data).toEqual({ outcome: 'cancelled', duration_ms: 0 });
  });

  test('that the agent heeds by throwing ends the run as cancelled', async () => {
    const aborted = new Error('aborted');
    const { ended, events } = await startCancelled(async (run) => {
      await untilAborted(run);
      throw aborted;
    });
    expect(await ended).toBe(aborted);
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'cancelled', error: { code: 'RUN_CANCELLED' } });
  });

  test('leaves the agent its time to say what it still has to say', async () => {
    const { ended, events } = await startCancelled(async (run) => {
      await untilAborted(run);
      await run.thinking({ reasoning: 'Cleaning up.' });
    });
    await ended;
    expect(typesOf(events())).toEqual(['agent_started', 'agent_thinking', 'agent_completed']);
  });

  test('that the agent ignores ends the run without it, five seconds later', async () => {
    let late: Promise<unknown> | undefined;
    let go: () => void = () => {};
    const { ended, events, scheduler, client } = await startCancelled(async (run) => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      late = run.thinking({ reasoning: 'Still here.' }).catch((error: unknown) => error);
    });
    await scheduler.pass(4_999);
    expect(typesOf(events())).toEqual(['agent_started']);
    await scheduler.pass(1);
    expect(await ended).toMatchObject({ code: 'RUN_CANCELLED' });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'cancelled' });
    await client.until('agent_completed');
    go();
    await turn();
    expect(await late).toMatchObject({ code: 'RUN_ENDED' });
    expect(events()).toHaveLength(2);
  });

  test('comes once: a second one neither prolongs nor shortens the time', async () => {
    const { scheduler, client, events } = await startCancelled(() => new Promise(() => {}));
    await scheduler.pass(3_000);
    client.send({ type: 'cancel', id: 'c-2', run_id: 'r-1' });
    await client.until('accepted', { id: 'c-2' });
    await scheduler.pass(1_999);
    expect(typesOf(events())).toEqual(['agent_started']);
    await scheduler.pass(1);
    expectWholeRun(events());
    client.send({ type: 'cancel', id: 'c-3', run_id: 'r-1' });
    expect(await client.until('error')).toMatchObject({ id: 'c-3', code: 'RUN_UNKNOWN' });
  });
});

describe('tools', () => {
  test('are paired by an id of their own, beside one another', async () => {
    const { manager, events } = await startManager();
    await manager.run(place, async (run) => {
      const tools = await Promise.all([run.toolExecuting({ tool_name: 'a' }), run.toolExecuting({ tool_name: 'b' })]);
      expect(tools[0].tool_call_id).not.toBe(tools[1].tool_call_id);
      await tools[1].failed(new Error('broken'));
      await tools[0].completed({});
    });
    expectWholeRun(events());
    expect(
      events()
        .slice(3, 5)
        .map(({ data }) => [data.tool_name, data.success]),
    ).toEqual([
      ['b', false],
      ['a', true],
    ]);
  });

  test('have one id each while they are at work', async () => {
    const { manager, events } = await startManager();
    const run = await manager.startRun(place);
    await run.toolExecuting({ tool_name: 'a', tool_call_id: 'c-1' });
    await expect(run.toolExecuting({ tool_name: 'b', tool_call_id: 'c-1' })).rejects.toMatchObject({
      code: 'TOOL_CALL_DUPLICATE',
    });
    await run.completed();
    expectWholeRun(events());
  });

  test('end once', async () => {
    const { manager, events } = await startManager();
    const run = await manager.startRun(place);
    const tool = await run.toolExecuting({ tool_name: 'a' });
    await tool.completed({ results: 1 });
    await expect(tool.completed({ results: 2 })).rejects.toMatchObject({ code: 'TOOL_CALL_ENDED' });
    await expect(tool.failed(new Error('x'))).rejects.toMatchObject({ code: 'TOOL_CALL_ENDED' });
    await run.completed();
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'succeeded' });
  });

  test('that are open at the end are closed before it', async () => {
    const { manager, events } = await startManager();
    await manager.run(place, async (run) => {
      await run.toolExecuting({ tool_name: 'a' });
      await run.toolExecuting({ tool_name: 'b' });
    });
    expectWholeRun(events());
    expect(
      events()
        .slice(3, 5)
        .map(({ data }) => data),
    ).toMatchObject([
      { tool_name: 'a', success: false, error: { code: 'RUN_ENDED' } },
      { tool_name: 'b', success: false, error: { code: 'RUN_ENDED' } },
    ]);
  });

  test('whose results cannot be stored are closed as well', async () => {
    const { manager, events } = await startManager({ maxEventBytes: 1_024 });
    const ended = manager.run(place, async (run) => {
      const tool = await run.toolExecuting({ tool_name: 'read' });
      await tool.completed({ results: 'x'.repeat(2_000) });
    });
    await expect(ended).rejects.toMatchObject({ code: 'EVENT_TOO_LARGE' });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'EVENT_TOO_LARGE' } });
  });
});

describe('run.text', () => {
  test('is joined, and its pieces are the text', async () => {
    const { manager, events, scheduler } = await startManager();
    const run = await manager.startRun(place);
    const words = Array.from({ length: 200 }, (_, index) => `w${index} `);
    for (const word of words) {
      run.text(word);
      scheduler.advance(2);
    }
    await run.completed();
    const pieces = events()
      .filter(({ type }) => type === 'partial_result')
      .map(({ data }) => data.text);
    expect(pieces.join('')).toBe(words.join(''));
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.length).toBeLessThan(40);
  });

  test('comes before what is said after it', async () => {
    const { manager, events } = await startManager();
    await manager.run(place, async (run) => {
      run.text('a');
      run.text('b');
      void run.thinking({ reasoning: 'x' });
      run.text('c');
      const tool = await run.toolExecuting({ tool_name: 'sql' });
      run.text('d');
      await tool.completed({});
      run.text('e');
    });
    expect(events().map(({ type, data }) => (type === 'partial_result' ? data.text : type))).toEqual([
      'agent_started',
      'a',
      'b',
      'agent_thinking',
      'c',
      'tool_executing',
      'd',
      'tool_completed',
      'e',
      'agent_completed',
    ]);
  });

  test('may be cut anywhere, in the middle of a character too', async () => {
    const { manager, events } = await startManager();
    const elephant = '🐘';
    await manager.run(place, async (run) => {
      run.text(elephant.slice(0, 1));
      run.text(elephant.slice(1));
    });
    const pieces = events()
      .filter(({ type }) => type === 'partial_result')
      .map(({ data }) => data.text);
    expect(pieces.join('')).toBe(elephant);
  });

  test.each([undefined, null, 7, {}, ['a']])('that is no text (%j) fails the run', async (delta) => {
    const { manager, events } = await startManager();
    await expect(manager.run(place, async (run) => run.text(delta as unknown as string))).rejects.toMatchObject({
      code: 'EVENT_INVALID',
    });
    expect(expectWholeRun(events()).data).toMatchObject({ outcome: 'failed', error: { code: 'EVENT_INVALID' } });
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
    const { manager, managerOf, log } = await startManager();
    const other: WebSocketManager = await managerOf('bob');
    await Promise.all([manager, other].map((each) => each.run({ ...place, run_id: 'r-1' }, async () => {})));
    for (const user of ['ada', 'bob']) expect(expectWholeRun(storedEvents(log, user))).toMatchObject({ user_id: user });
  });
});
