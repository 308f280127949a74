// What a log really holds, and whether it is a run.
import { expect } from 'vitest';
import type { EventLog, Slice } from '../src/log.js';
import { readEntries } from './frame-reader.js';

export interface StoredEvent {
  readonly type: string;
  readonly offset: number;
  readonly run_id?: string;
  readonly seq?: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** Reads the log of a user past every hook: `log` is the one that is wrapped. */
export function storedEvents(log: EventLog, user_id = 'ada'): StoredEvent[] {
  const userLog = log.open({ tenant_id: 'default', user_id });
  if (userLog instanceof Promise) throw new TypeError('This log answers with promises.');
  const events: StoredEvent[] = [];
  for (let at = userLog.floor; at < userLog.head; ) {
    const { bytes, last } = userLog.read(at, 65_536) as Slice;
    events.push(...(readEntries(bytes) as unknown as StoredEvent[]));
    at = last;
  }
  userLog.release();
  return events;
}

/** S8, S11: what every run is, however it ended. Returns its last event. */
export function expectWholeRun(events: readonly StoredEvent[], run_id?: string): StoredEvent {
  const run = events.filter((event) => event.run_id === (run_id ?? events.find((event) => event.run_id)?.run_id));
  const types = run.map(({ type }) => type);
  expect(run.map(({ seq }) => seq)).toEqual(run.map((_, index) => index + 1));
  expect(types[0]).toBe('agent_started');
  expect(types.filter((type) => type === 'agent_started')).toHaveLength(1);
  expect(types.at(-1)).toBe('agent_completed');
  expect(types.filter((type) => type === 'agent_completed')).toHaveLength(1);
  const open: unknown[] = [];
  for (const { type, data } of run) {
    if (type === 'tool_executing') {
      expect(open).not.toContain(data.tool_call_id);
      open.push(data.tool_call_id);
    } else if (type === 'tool_completed') {
      expect(open).toContain(data.tool_call_id);
      open.splice(open.indexOf(data.tool_call_id), 1);
    }
  }
  expect(open).toEqual([]);
  return run.at(-1) as StoredEvent;
}
