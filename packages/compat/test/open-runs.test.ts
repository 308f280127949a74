import { narrowUserContext } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { createWebSocketManager } from '../src/index.js';
import { rejectionOf, startLegacyService, told } from './legacy-service.js';

const thread_id = 't-1';

describe('S8 what legacy code says event by event becomes a run', () => {
  test('in the order in which it was said, though nothing was awaited', async () => {
    const { managerOf, stored } = await startLegacyService();
    const manager = await managerOf('ada');
    void manager.emitAgentStarted({ agent_name: 'researcher', thread_id, task: 'Compare costs' });
    void manager.emitAgentThinking({ thought: 'Looking' });
    void manager.emitToolExecuting({ name: 'sql', params: { query: 'select 1' } });
    void manager.emitToolCompleted({ name: 'sql', output: [1] });
    void manager.emitAgentEvent('ada', 'stream_chunk', { content: 'Costs fell' });
    expect(await manager.emitAgentCompleted({ result: 'Costs fell 12 %.', duration: 1.5 })).toBe(true);
    expect(told(stored)).toEqual([
      ['agent_started', { task_description: 'Compare costs' }],
      ['agent_thinking', { reasoning: 'Looking' }],
      ['tool_executing', { tool_call_id: expect.any(String), tool_name: 'sql', parameters: { query: 'select 1' } }],
      ['tool_completed', expect.objectContaining({ tool_name: 'sql', success: true, results: [1] })],
      ['partial_result', { text: 'Costs fell' }],
      [
        'agent_completed',
        expect.objectContaining({
          outcome: 'succeeded',
          final_response: 'Costs fell 12 %.',
          usage: { duration_ms: 1_500 },
        }),
      ],
    ]);
    expect(new Set(stored.map(({ run_id, agent_name }) => `${run_id} ${agent_name}`)).size).toBe(1);
  });

  test('though each event is said through a manager and a context of its own', async () => {
    const { managerOf, stored } = await startLegacyService();
    const say = () => managerOf('ada');
    await (await say()).notifyAgentStarted('researcher', { thread_id });
    await (await say()).notifyAgentThinking('researcher', { reasoning: 'Looking' });
    await (await say()).notifyToolExecuting('researcher', { tool_name: 'sql' });
    await (await say()).notifyToolCompleted('researcher', { tool_name: 'sql', error: 'no table' });
    await (await say()).notifyAgentCompleted('researcher', { status: 'failed', error: 'gave up' });
    expect(stored.map(({ type }) => type)).toEqual([
      'agent_started',
      'agent_thinking',
      'tool_executing',
      'tool_completed',
      'agent_completed',
    ]);
    expect(stored[3]?.data).toMatchObject({ success: false, error: { message: 'no table' } });
    expect(stored[4]?.data).toMatchObject({ outcome: 'failed', error: { message: 'gave up' } });
    expect(new Set(stored.map(({ run_id }) => run_id)).size).toBe(1);
  });

  test('which begins when nobody said so, as do its tools', async () => {
    const { managerOf, stored } = await startLegacyService();
    const manager = await managerOf('ada');
    await manager.emitToolCompleted({ tool_name: 'sql', thread_id, run_id: 'r-1', results: 1 });
    await manager.emitAgentCompleted({ run_id: 'r-1' });
    expect(stored.map(({ type, run_id }) => [type, run_id])).toEqual(
      ['agent_started', 'tool_executing', 'tool_completed', 'agent_completed'].map((type) => [type, 'r-1']),
    );
  });

  test('and tools of one name end in the order in which they began, or by their id', async () => {
    const { managerOf, stored } = await startLegacyService();
    const manager = await managerOf('ada');
    await manager.emitAgentStarted({ thread_id });
    for (const tool_call_id of ['c-1', 'c-2', 'c-3'])
      await manager.emitToolExecuting({ tool_name: 'sql', tool_call_id });
    await manager.emitToolCompleted({ tool_name: 'sql', tool_call_id: 'c-2' });
    await manager.emitToolCompleted({ tool_name: 'sql' });
    await manager.emitToolCompleted({ tool_name: 'sql' });
    const ended = stored.filter(({ type }) => type === 'tool_completed').map(({ data }) => data);
    expect(ended).toMatchObject([{ tool_call_id: 'c-2' }, { tool_call_id: 'c-1' }, { tool_call_id: 'c-3' }]);
  });
});

describe('R9 which run an event is of is never guessed', () => {
  test('by its id, by its agent, by its thread', async () => {
    const { managerOf, stored } = await startLegacyService();
    const manager = await managerOf('ada');
    await manager.emitAgentStarted({ agent_name: 'one', thread_id, run_id: 'r-1' });
    await manager.emitAgentStarted({ agent_name: 'two', thread_id, run_id: 'r-2' });
    await manager.emitAgentStarted({ agent_name: 'two', thread_id: 't-2', run_id: 'r-3' });
    await manager.emitAgentThinking({ run_id: 'r-1', reasoning: 'a' });
    await manager.emitAgentThinking({ agent_name: 'one', reasoning: 'b' });
    await manager.emitAgentThinking({ thread_id: 't-2', reasoning: 'c' });
    const thoughts = stored.filter(({ type }) => type === 'agent_thinking').map(({ run_id }) => run_id);
    expect(thoughts).toEqual(['r-1', 'r-1', 'r-3']);
    expect(await rejectionOf(manager.emitAgentThinking({ thread_id, reasoning: 'd' }))).toMatchObject({
      code: 'RUN_AMBIGUOUS',
    });
    expect(await rejectionOf(manager.emitAgentThinking({ reasoning: 'd' }))).toMatchObject({ code: 'RUN_AMBIGUOUS' });
  });

  test('a run whose end was said is not meant any more', async () => {
    const { managerOf, stored } = await startLegacyService();
    const manager = await managerOf('ada');
    void manager.emitAgentStarted({ thread_id, run_id: 'r-1' });
    void manager.emitAgentCompleted({});
    void manager.emitAgentStarted({ thread_id, run_id: 'r-2' });
    await manager.emitAgentThinking({ reasoning: 'a' });
    expect(stored.find(({ type }) => type === 'agent_thinking')?.run_id).toBe('r-2');
  });

  test('R12 an event without a thread is refused, unless the context is narrowed to one', async () => {
    const { contextOf, managerOf, stored } = await startLegacyService();
    const manager = await managerOf('ada');
    expect(await rejectionOf(manager.emitAgentStarted({}))).toMatchObject({ code: 'THREAD_UNKNOWN' });
    expect(await rejectionOf(manager.emitAgentEvent('ada', 'note'))).toMatchObject({ code: 'THREAD_UNKNOWN' });
    const narrowed = createWebSocketManager(narrowUserContext(await contextOf('ada'), { thread_id: 't-9' }));
    await narrowed.emitAgentStarted({});
    await narrowed.emitAgentThinking({ reasoning: 'a' });
    expect(stored.map(({ thread_id }) => thread_id)).toEqual(['t-9', 't-9']);
  });

  test('runs of one user are no runs of another', async () => {
    const { managerOf, stored } = await startLegacyService();
    await (await managerOf('ada')).emitAgentStarted({ thread_id, run_id: 'r-1' });
    await (await managerOf('bob')).emitAgentThinking({ thread_id: 't-2', run_id: 'r-1', reasoning: 'mine' });
    expect(stored.map(({ type, thread_id }) => [type, thread_id])).toEqual([
      ['agent_started', thread_id],
      ['agent_started', 't-2'],
      ['agent_thinking', 't-2'],
    ]);
  });
});

describe('R11 what is not stored is told', () => {
  test('as core says it', async () => {
    const { managerOf } = await startLegacyService();
    const manager = await managerOf('ada');
    await manager.emitAgentStarted({ thread_id, run_id: 'r-1' });
    expect(await rejectionOf(manager.emitAgentThinking({}))).toMatchObject({ code: 'EVENT_INVALID' });
    const other = await managerOf('bob');
    expect(await rejectionOf(other.emitAgentStarted({ thread_id, run_id: 'no id' }))).toMatchObject({
      code: 'ID_INVALID',
    });
  });

  test('after the end of a run, and of the service', async () => {
    const { managerOf, service } = await startLegacyService();
    const manager = await managerOf('ada');
    await manager.emitAgentStarted({ thread_id, run_id: 'r-1' });
    await manager.emitAgentCompleted({});
    expect(await rejectionOf(manager.emitAgentThinking({ run_id: 'r-1', thread_id, reasoning: 'late' }))).toMatchObject(
      {
        code: expect.stringMatching(/^RUN_/),
      },
    );
    void manager.emitAgentStarted({ thread_id, run_id: 'r-2' });
    await service.close();
    expect(await rejectionOf(manager.emitAgentThinking({ thread_id, reasoning: 'late' }))).toMatchObject({
      name: 'ThroughlineError',
    });
  });
});
