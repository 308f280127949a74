// A history as it should be, and the same with a bug planted in it.
import type { AgentEvent } from '@throughline/events';
import type { Frame } from '../src/index.js';

const epoch = 'q3kJ0x9Zb1Qm';

function markOf(offset: number): string {
  return offset === 0 ? '00000000' : (offset * 2_654_435_761).toString(16).slice(0, 8).padStart(8, '0');
}

export function positionAt(offset: number, of: string = epoch): string {
  return `${of}.${offset}.${markOf(offset)}`;
}

export function welcomeAt(offset: number, changes: Readonly<Record<string, unknown>> = {}): Frame {
  const fields = { session_id: 's-1', user_id: 'ada', position: positionAt(offset), head: 9, heartbeat_ms: 25_000 };
  return { type: 'welcome', ...fields, expires_in_ms: null, max_frame_bytes: 65_536, ...changes } as Frame;
}

export function resetAt(offset: number, cause = 'lagged'): Frame {
  return { type: 'reset', cause, position: positionAt(offset) } as Frame;
}

/** An event of the run `r-1` at an offset. */
export function event(offset: number, seq: number, type: string, data: unknown, changes: object = {}): AgentEvent {
  const envelope = { user_id: 'ada', thread_id: 't-1', run_id: 'r-1', agent_name: 'a', timestamp: `at ${offset}` };
  return { offset, mark: markOf(offset), ...envelope, seq, type, data, ...changes } as unknown as AgentEvent;
}

/** All five types, in three pieces of text. */
export const whole: readonly AgentEvent[] = [
  event(1, 1, 'agent_started', {}),
  event(2, 2, 'agent_thinking', { reasoning: 'First I look. ', step_number: 1 }),
  event(3, 3, 'agent_thinking', { reasoning: 'There.', step_number: 1, progress: 0.5 }),
  event(4, 4, 'tool_executing', { tool_call_id: 'c-1', tool_name: 'sql', parameters: {} }),
  event(5, 5, 'tool_completed', { tool_call_id: 'c-1', tool_name: 'sql', success: true, duration_ms: 1 }),
  event(6, 6, 'partial_result', { text: 'Costs ' }),
  event(7, 7, 'partial_result', { text: 'fell ' }),
  event(8, 8, 'partial_result', { text: '12 %.' }),
  event(9, 9, 'agent_completed', { outcome: 'succeeded', duration_ms: 9 }),
];

/** Events 6 to 8 of {@link whole} as one. */
export const joined: AgentEvent = event(
  8,
  8,
  'partial_result',
  { text: 'Costs fell 12 %.' },
  { first_seq: 6, pieces: [6, 5, 5] },
);

/** {@link whole} with the events at some offsets replaced: by others, by none. */
export function withChanges(changes: Readonly<Record<number, readonly AgentEvent[]>>): AgentEvent[] {
  return whole.flatMap((one) => changes[one.offset] ?? [one]);
}

/** The events of {@link whole} from one offset to another. */
export function part(first: number, last: number): AgentEvent[] {
  return whole.slice(first - 1, last);
}
