import type { RunState } from '@throughline/client/store';
import { describe, expect, it } from 'vitest';
import type { FinishedRun, History } from '../src/history.js';
import { createMerge } from '../src/page/runs.js';

const finished = (number: number, text = `recorded ${number}`): FinishedRun => ({
  run_id: `run-${number}`,
  thread_id: 'thread-1',
  message_id: `message-${number}`,
  agent_name: 'researcher',
  question: `Question ${number}?`,
  status: 'succeeded',
  text,
  thoughts: [],
  tools: [],
  started_at: `2026-01-01T00:00:0${number}.000Z`,
  ended_at: `2026-01-01T00:00:0${number}.500Z`,
});

const live = (number: number, more: Partial<RunState> = {}): RunState => ({
  run_id: `run-${number}`,
  thread_id: 'thread-1',
  agent_name: 'researcher',
  task_description: `Question ${number}?`,
  status: 'running',
  text: `live ${number}`,
  thoughts: [],
  tools: [],
  last_seq: 3,
  truncated: false,
  other_events: 0,
  started_at: `2026-01-01T00:00:0${number}.000Z`,
  ...more,
});

const history = (runs: readonly FinishedRun[]): History => ({
  name: 'ada',
  position: 'epoch.0.00000000',
  threads: [],
  runs,
  files: 1,
});
const mapOf = (...runs: RunState[]): ReadonlyMap<string, RunState> => new Map(runs.map((run) => [run.run_id, run]));

describe('where history and the live tail meet', () => {
  it('has each run once, by the time it began', () => {
    const { runs, shared } = createMerge(history([finished(1), finished(3)]))(mapOf(live(4), live(2)));
    expect(runs.map(({ run_id, source }) => [run_id, source])).toEqual([
      ['run-1', 'history'],
      ['run-2', 'live'],
      ['run-3', 'history'],
      ['run-4', 'live'],
    ]);
    expect(shared.size).toBe(0);
  });

  it('recognises a run that came both ways by its id, and shows it as it came live', () => {
    const { runs, shared } = createMerge(history([finished(1), finished(2)]))(mapOf(live(2, { status: 'succeeded' })));
    expect(runs.map(({ run_id, source, text }) => [run_id, source, text])).toEqual([
      ['run-1', 'history', 'recorded 1'],
      ['run-2', 'live', 'live 2'],
    ]);
    expect(shared).toEqual(new Map([['thread-1', 1]]));
  });

  it('shows the record where the live part has lost its beginning', () => {
    const { runs } = createMerge(history([finished(2)]))(mapOf(live(2, { truncated: true })));
    expect(runs).toEqual([expect.objectContaining({ source: 'history', text: 'recorded 2' })]);
  });

  it('draws again only what changed', () => {
    const merge = createMerge(history([finished(1)]));
    const unchanged = live(2);
    const before = merge(mapOf(unchanged, live(3))).runs;
    const after = merge(mapOf(unchanged, live(3, { text: 'live 3, longer' }))).runs;
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(after[2]).not.toBe(before[2]);
  });
});
