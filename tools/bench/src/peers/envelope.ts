// The event as the peers send it: the fields that Throughline puts on the wire, without those of its log.
import type { EventData } from './peer.js';

/** What an application without Throughline would build for each event. */
export interface PeerEvent {
  readonly type: string;
  readonly user_id: string;
  readonly thread_id: string;
  readonly run_id: string;
  readonly agent_name: string;
  readonly seq: number;
  readonly timestamp: string;
  readonly data: EventData;
}

export const eventType = 'bench.token';
export const agentName = 'answerer';

/** As long as the ids that Throughline makes. */
export function placeOf(user: string): { readonly thread_id: string; readonly run_id: string } {
  return { thread_id: `t-${user}`, run_id: `r-${user.padStart(14, '0')}` };
}

/** Makes the events of one user. */
export function envelope(user: string): (data: EventData) => PeerEvent {
  const { thread_id, run_id } = placeOf(user);
  let seq = 0;
  return (data) => {
    seq += 1;
    const timestamp = new Date().toISOString();
    return { type: eventType, user_id: user, thread_id, run_id, agent_name: agentName, seq, timestamp, data };
  };
}
