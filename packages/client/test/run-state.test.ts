import type { AgentEvent } from '@throughline/events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold, noRuns, type RunState } from '../src/store.js';
import { event, wholeRun } from './script.js';

const runOf = (events: readonly AgentEvent[], run_id = 'r-1'): RunState =>
  events.reduce<typeof noRuns>((state, one) => fold(state, one), noRuns).runs.get(run_id) as RunState;

test('a whole run', () => {
  expect(runOf(wholeRun(['Costs fell ', '12 %.']))).toEqual({
    run_id: 'r-1',
    thread_id: 't-1',
    agent_name: 'researcher',
    message_id: 'm-r-1',
    task_description: 'Look',
    status: 'succeeded',
    text: 'Costs fell 12 %.',
    thoughts: [{ reasoning: 'Where to look', step_number: 1, progress: 0.5 }],
    tools: [
      {
        tool_call_id: 'c-1',
        tool_name: 'sql',
        parameters: { query: 'select 1' },
        status: 'succeeded',
        results: [1],
        duration_ms: 3,
      },
    ],
    final_response: 'Costs fell 12 %.',
    started_at: '2026-11-20T09:30:00.000Z',
    ended_at: '2026-11-20T09:30:00.000Z',
    last_seq: 9,
    truncated: false,
    other_events: 1,
  });
});

test.each(['succeeded', 'failed', 'cancelled', 'interrupted'] as const)('a run that ended as %s', (outcome) => {
  const error = outcome === 'failed' ? { code: 'AGENT_FAILED', message: 'no data' } : undefined;
  const run = runOf([
    event(1, 1, 'agent_started', {}),
    event(2, 2, 'agent_completed', { outcome, error, usage: { tokens: 3 } }),
  ]);
  expect(run).toMatchObject({ status: outcome, usage: { tokens: 3 } });
  expect(run.error).toEqual(error);
});

test('a tool executes, then succeeds or fails, beside others', () => {
  const begin = (seq: number, id: string) =>
    event(seq, seq, 'tool_executing', { tool_call_id: id, tool_name: id, parameters: {} });
  const events = [
    event(1, 1, 'agent_started', {}),
    begin(2, 'a'),
    begin(3, 'b'),
    event(4, 4, 'tool_completed', {
      tool_call_id: 'a',
      tool_name: 'a',
      success: false,
      error: { code: 'X', message: 'x' },
      duration_ms: 1,
    }),
  ];
  expect(runOf(events.slice(0, 3)).tools.map(({ status }) => status)).toEqual(['executing', 'executing']);
  expect(runOf(events).tools).toMatchObject([
    { tool_call_id: 'a', status: 'failed', error: { code: 'X', message: 'x' } },
    { tool_call_id: 'b', status: 'executing' },
  ]);
});

test('a run whose beginning is gone is truncated, and still shows what is there', () => {
  const [, , , , ...rest] = wholeRun(['a', 'b']);
  const run = runOf(rest);
  expect(run).toMatchObject({ truncated: true, text: 'ab', status: 'succeeded' });
  expect(run.message_id).toBeUndefined();
  expect(run.tools).toMatchObject([{ tool_call_id: 'c-1', parameters: {}, status: 'succeeded' }]);
});

test('a hole makes a run truncated; joined pieces that fit do not', () => {
  const start = event(1, 1, 'agent_started', {});
  expect(runOf([start, event(3, 3, 'partial_result', { text: 'b' })]).truncated).toBe(true);
  const joined = { ...event(3, 3, 'partial_result', { text: 'ab' }), first_seq: 2 } as AgentEvent;
  expect(runOf([start, joined])).toMatchObject({ truncated: false, text: 'ab', last_seq: 3 });
});

test('thoughts of one step are one thought; without a step each stands alone', () => {
  const think = (seq: number, reasoning: string, step_number?: number, progress?: number) =>
    event(seq, seq, 'agent_thinking', { reasoning, step_number, progress });
  expect(
    runOf([think(1, 'a', 1, 0.2), think(2, 'b', 2), think(3, 'c', 1), think(4, 'x'), think(5, 'y')]).thoughts,
  ).toEqual([
    { reasoning: 'ac', step_number: 1, progress: 0.2 },
    { reasoning: 'b', step_number: 2 },
    { reasoning: 'x' },
    { reasoning: 'y' },
  ]);
});

test('folding changes nothing that was there, and gives the same object when there is nothing to fold', () => {
  const events = wholeRun(['a', 'b']);
  const before = events.slice(0, 6).reduce<typeof noRuns>((state, one) => fold(state, one), noRuns);
  const copy = structuredClone(before);
  const after = events.reduce<typeof noRuns>((state, one) => fold(state, one), before);
  expect(before).toEqual(copy);
  expect(after).not.toBe(before);
  expect(events.reduce<typeof noRuns>((state, one) => fold(state, one), after)).toBe(after);
  expect(fold(after, event(99, 0, 'acme.invoice_ready', {}))).toBe(after);
  expect(noRuns.runs.size).toBe(0);
});

test('what an event does not touch keeps its identity', () => {
  const events = wholeRun(['a', 'b']);
  const before = runOf(events.slice(0, 6));
  const after = runOf(events.slice(0, 7));
  expect(events[6]?.type).toBe('partial_result');
  const state = { runs: new Map([['r-1', before]]) };
  const next = fold(state, events[6] as AgentEvent).runs.get('r-1') as RunState;
  expect(next).toEqual(after);
  expect(next.tools).toBe(before.tools);
  expect(next.thoughts).toBe(before.thoughts);
});

test('S8: however a run is cut, replayed and sent twice, it folds to the same', () => {
  const pieces = fc.array(fc.string(), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 10 }), (texts, replays) => {
      const events = wholeRun(texts);
      const undisturbed = runOf(events);
      // Each replay begins at or before what is held, as one from an older position does.
      let held = 0;
      const read: AgentEvent[] = [];
      for (const [back, length] of replays) {
        const from = Math.max(0, held - back);
        read.push(...events.slice(from, from + length));
        held = Math.max(held, Math.min(events.length, from + length));
      }
      expect(runOf([...read, ...events])).toEqual(undisturbed);
    }),
  );
});

test('ten thousand pieces cost no square: ten times as many take far less than a hundred times as long', () => {
  const cost = (count: number) => {
    const texts = Array.from({ length: count }, (_, index) => `token ${index} `);
    const events = wholeRun(texts);
    let steps = 0;
    // Counts what a fold copies: the entries of the objects and arrays it makes.
    let state = noRuns;
    for (const one of events) {
      state = fold(state, one);
      const run = state.runs.get('r-1') as RunState;
      steps += Object.keys(run).length + run.thoughts.length + run.tools.length;
    }
    expect(state.runs.get('r-1')?.text).toBe(texts.join(''));
    return steps;
  };
  expect(cost(10_000)).toBeLessThan(cost(1_000) * 11);
});
