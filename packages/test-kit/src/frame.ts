// What a service says, in the words of PROTOCOL.md, and how it is shown to a person.
import type { AgentEvent, ServerFrame } from '@throughline/events/protocol';

/** Anything a service says. A type that this version does not know is here too, as it came. */
export type Frame = AgentEvent | ServerFrame;

/** The longest piece of a payload that is shown. */
const mostShown = 60;

/** Whether a frame is an event: the only frames with a number as `offset`. */
export function isEvent(frame: Frame): frame is AgentEvent {
  return 'offset' in frame && typeof frame.offset === 'number';
}

/**
 * A frame in one line.
 *
 * @param redact takes out what must not be shown, before anything is cut: half a secret is found by nobody
 */
export function describeFrame(frame: Frame, redact: (text: string) => string = (text) => text): string {
  if (!isEvent(frame)) {
    const { type, ...fields } = frame;
    return `${type} ${short(fields, redact)}`;
  }
  const { type, user_id, run_id, seq, first_seq, offset, data } = frame;
  const number = first_seq === undefined ? `${seq}` : `${first_seq}–${seq}`;
  const place = run_id === undefined ? 'outside a run' : `of ${run_id}, seq ${number}`;
  return redact(`${type} ${place}, offset ${offset}, for ${user_id}: ${short(data, redact)}`);
}

/** A value as JSON, cut where it grows long. */
export function short(value: unknown, redact: (text: string) => string = (text) => text): string {
  const text = redact(JSON.stringify(value) ?? 'undefined');
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
}
