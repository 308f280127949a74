// Events as a service would number them.
import type { AgentEvent } from '@throughline/events';
import { formatPosition, noMark, type Position } from '@throughline/events/protocol';

export const epoch = 'q3kJ0x9Zb1Qm';

const markOf = (offset: number) =>
  offset === 0 ? noMark : (offset * 2_654_435_761).toString(16).padStart(8, '0').slice(-8);

/** The position after the entry at an offset. */
export const at = (offset: number, of = epoch): Position => formatPosition(of, offset, markOf(offset));

/** One event of a run, or, with a custom type and no run, one outside any. */
export function event(offset: number, seq: number, type: string, data: unknown, run_id = 'r-1'): AgentEvent {
  const place = { offset, mark: markOf(offset), type, user_id: 'ada', thread_id: 't-1' };
  const run = seq === 0 ? {} : { run_id, seq, agent_name: 'researcher' };
  return { ...place, ...run, timestamp: '2026-11-20T09:30:00.000Z', data } as unknown as AgentEvent;
}

/** A whole run: started, thinking, a tool, the answer in pieces, completed. */
export function wholeRun(pieces: readonly string[], run_id = 'r-1', before = 0): AgentEvent[] {
  const says: [string, unknown][] = [
    ['agent_started', { message_id: `m-${run_id}`, task_description: 'Look' }],
    ['agent_thinking', { reasoning: 'Where ', step_number: 1 }],
    ['agent_thinking', { reasoning: 'to look', step_number: 1, progress: 0.5 }],
    ['tool_executing', { tool_call_id: 'c-1', tool_name: 'sql', parameters: { query: 'select 1' } }],
    ['tool_completed', { tool_call_id: 'c-1', tool_name: 'sql', success: true, results: [1], duration_ms: 3 }],
    ...pieces.map((text): [string, unknown] => ['partial_result', { text }]),
    ['acme.cited', { source: 'a' }],
    ['agent_completed', { outcome: 'succeeded', final_response: pieces.join(''), duration_ms: 9 }],
  ];
  return says.map(([type, data], index) => event(before + index + 1, index + 1, type, data, run_id));
}
