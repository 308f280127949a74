// What a run was, read off its events as somebody received them; and whether it was a legal one.
import type { AgentEvent } from '@throughline/events';

export interface RunRecord {
  readonly types: readonly string[];
  /** The pieces of the answer, joined. */
  readonly text: string;
  readonly outcome: string | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly finalResponse: unknown;
}

/**
 * Reads a run.
 *
 * @param events what one reader received, in order, and nothing dropped from it: the service itself must not repeat
 * @throws when it breaks a promise of PROTOCOL.md, section 4: begins otherwise than with `agent_started`, repeats or
 *   leaves out a `seq`, leaves a tool open, goes on after its end
 */
export function recordOf(events: readonly AgentEvent[], run_id: string): RunRecord {
  const own = events.filter((event) => event.run_id === run_id);
  const openTools = new Set<string>();
  let text = '';
  let end: Extract<AgentEvent, { type: 'agent_completed' }> | undefined;
  let last = 0;
  for (const event of own) {
    if (end) throw new Error(`${run_id}: ${event.type} follows agent_completed.`);
    const { seq = 0, first_seq = seq } = event;
    if (first_seq !== last + 1) throw new Error(`${run_id}: seq ${first_seq} stands where ${last + 1} should.`);
    if ((event.type === 'agent_started') !== (last === 0)) throw new Error(`${run_id}: ${event.type} is at ${seq}.`);
    last = seq;
    if (event.type === 'partial_result') text += (event as Extract<AgentEvent, { type: 'partial_result' }>).data.text;
    const { tool_call_id = '' } = event.data as { tool_call_id?: string };
    if (event.type === 'tool_executing') openTools.add(tool_call_id);
    if (event.type === 'tool_completed' && !openTools.delete(tool_call_id)) {
      throw new Error(`${run_id}: tool_completed of ${tool_call_id}, which is not open.`);
    }
    if (event.type === 'agent_completed') end = event as Extract<AgentEvent, { type: 'agent_completed' }>;
  }
  if (end && openTools.size > 0) throw new Error(`${run_id}: ended with open tools.`);
  return {
    types: own.map(({ type }) => type),
    text,
    outcome: end?.data.outcome,
    error: end?.data.error,
    finalResponse: end?.data.final_response,
  };
}

/** Whether offsets are dense, joined events standing for all they join. @throws when one is missing, repeated or out of order */
export function expectDense(events: readonly AgentEvent[]): void {
  for (const [index, { offset, seq = 0, first_seq = seq }] of events.entries()) {
    const before = events[index - 1]?.offset;
    const first = offset - (seq - first_seq);
    if (before !== undefined && first !== before + 1) throw new Error(`Offset ${first} follows ${before}.`);
  }
}
