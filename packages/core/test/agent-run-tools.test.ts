// The tools and the text of a run.
import { describe, expect, test } from 'vitest';
import { place, startManager } from './running-manager.js';
import { expectWholeRun } from './stored-events.js';

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
