// A run pieced together from the frames of several sockets, as PROTOCOL.md, section 4, asks of a client. It is a second
// reading of that page: the client's own code has no part in it.
import type { AgentEvent } from '@throughline/events/protocol';
import { eventsOf, type SocketRecord } from './socket-record.js';

export interface ReceivedRun {
  /** Of each event that was new, in order; of joined ones, of each of them. */
  readonly types: readonly string[];
  /** The pieces of the answer, joined. */
  readonly text: string;
  readonly outcome: string | undefined;
  readonly finalResponse: unknown;
  /** How many events came again. */
  readonly repeated: number;
}

/**
 * @param sockets of one life of a page, in order
 * @throws when an event is missing, when the run does not begin with its beginning, or when something follows its end
 */
export function receivedRun(sockets: readonly SocketRecord[], run_id: string): ReceivedRun {
  const types: string[] = [];
  let last = 0;
  let text = '';
  let repeated = 0;
  let end: Extract<AgentEvent, { type: 'agent_completed' }> | undefined;
  for (const event of sockets.flatMap(eventsOf)) {
    if (event.run_id !== run_id) continue;
    const { seq = 0, type } = event;
    if (seq <= last) {
      repeated += 1;
      continue;
    }
    const { first_seq = seq, pieces = [] } = event;
    if (first_seq > last + 1) throw new Error(`${run_id}: seq ${first_seq} follows ${last}.`);
    if (end) throw new Error(`${run_id}: ${type} follows agent_completed.`);
    if ((type === 'agent_started') !== (last === 0)) throw new Error(`${run_id}: ${type} is at ${seq}.`);
    // Of joined pieces only the rest may be news.
    const held = pieces.slice(0, last + 1 - first_seq).reduce((sum, length) => sum + length, 0);
    if (first_seq <= last && held === 0) throw new Error(`${run_id}: seq ${first_seq} to ${seq} follows ${last}.`);
    for (let part = Math.max(first_seq, last + 1); part <= seq; part++) types.push(type);
    last = seq;
    if (type === 'partial_result') {
      text += (event as Extract<AgentEvent, { type: 'partial_result' }>).data.text.slice(held);
    }
    if (type === 'agent_completed') end = event as Extract<AgentEvent, { type: 'agent_completed' }>;
  }
  return { types, text, repeated, outcome: end?.data.outcome, finalResponse: end?.data.final_response };
}
