// An event as the pieces it was said in: one that joins several (PROTOCOL.md, section 4.1) is taken apart again.
import { isDeepStrictEqual } from 'node:util';
import type { AgentEvent } from '@throughline/events/protocol';
import { short } from './frame.js';

/** What was said under one `seq`. */
export interface Piece {
  readonly seq: number;
  readonly type: string;
  readonly data: unknown;
  /** Part of an event that joins several: what joining takes away (`progress` in between) is not there. */
  readonly joined: boolean;
  /** Where in the history its event is. */
  readonly index: number;
}

/** An event of a run. */
export type RunEvent = AgentEvent & { readonly run_id: string; readonly seq: number };

export function isRunEvent(event: AgentEvent): event is RunEvent {
  return event.run_id !== undefined && event.seq !== undefined;
}

/** The first `seq` that an event holds. */
export function firstSeq({ seq, first_seq = seq }: RunEvent): number {
  return first_seq;
}

/**
 * Takes an event apart.
 *
 * @returns its pieces; a sentence that says what is wrong when it is no event that joins what it says it joins
 */
export function piecesOf(event: RunEvent, index: number): readonly Piece[] | string {
  const { seq, type, data, first_seq, pieces } = event;
  if (first_seq === undefined && pieces === undefined) return [{ seq, type, data, joined: false, index }];
  const field = type === 'partial_result' ? 'text' : 'reasoning';
  const { [field]: text, ...rest } = data as Readonly<Record<string, unknown>>;
  if (type !== 'partial_result' && type !== 'agent_thinking') return `Events of type ${type} are never joined.`;
  if (first_seq === undefined || pieces?.length !== seq - first_seq + 1) {
    return `It holds seq ${first_seq} to ${seq} and names the lengths of ${pieces?.length ?? 'no'} pieces.`;
  }
  if (typeof text !== 'string' || text.length !== pieces.reduce((sum, length) => sum + length, 0)) {
    return `Its pieces are ${pieces.join(' + ')} long; ${field} is ${short(text)}.`;
  }
  let from = 0;
  return pieces.map((length, place) => {
    const part = text.slice(from, from + length);
    from += length;
    return { seq: first_seq + place, type, data: { ...rest, [field]: part }, joined: true, index };
  });
}

/** Whether two pieces say the same. `progress` is not compared where one of them was joined: only the last survives. */
export function saysTheSame(one: Piece, other: Piece): boolean {
  if (one.type !== other.type) return false;
  if (!(one.joined || other.joined) || one.type !== 'agent_thinking') return isDeepStrictEqual(one.data, other.data);
  const { progress: _, ...first } = one.data as Readonly<Record<string, unknown>>;
  const { progress: __, ...second } = other.data as Readonly<Record<string, unknown>>;
  return isDeepStrictEqual(first, second);
}
