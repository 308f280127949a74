// What pages of a legacy manager say, and what it means.
import type { Hearing } from '@throughline/core';
import { type ClientFrame, FrameError, type MessageId, type RunId, type ThreadId } from '@throughline/events/protocol';
import { type Fields, partsOf } from './legacy-event.js';

/** The types under which such pages send what a person says. */
const messageTypes: readonly string[] = ['user_message', 'chat', 'chat_message', 'message', 'start_agent'];

/** The fields that hold it, in the order in which they are looked at. */
const textNames: readonly string[] = ['text', 'content', 'user_request', 'message', 'prompt', 'query', 'value'];

/** Names of what is not part of what a person says. */
const addressing: readonly string[] = ['id', 'message_id', 'messageId', 'thread_id', 'threadId', 'timestamp'];

/**
 * The frames that a text of such a page stands for: none when nobody knows its type.
 *
 * @throws FrameError when it is no JSON object
 */
export function hearLegacy(text: string, hearing: Hearing): readonly ClientFrame[] {
  const value = objectIn(text);
  if (typeof value['type'] !== 'string') return [];
  const { type, said } = partsOf(value);
  if (type === 'ping') return [{ type, id: textAt(said, 'id') ?? hearing.id() }];
  if (type === 'stop_agent') return stop(said, hearing);
  return messageTypes.includes(type) ? [messageOf(said, hearing)] : [];
}

/** One run where one is named; else all that are unfinished, of the thread where one is named. */
function stop(said: Fields, { runs, id }: Hearing): readonly ClientFrame[] {
  const named = textAt(said, 'run_id', 'runId');
  if (named !== undefined) return [{ type: 'cancel', id: id(), run_id: named as RunId }];
  const thread = textAt(said, 'thread_id', 'threadId');
  const meant = runs.filter(({ thread_id }) => thread === undefined || thread_id === thread);
  return meant.map(({ run_id }) => ({ type: 'cancel', id: id(), run_id }));
}

/** A message without a thread begins one. Its data is what the page said, with its words under `text` as well. */
function messageOf(said: Fields, { id }: Hearing): ClientFrame {
  const data = Object.fromEntries(Object.entries(said).filter(([name]) => !addressing.includes(name)));
  const words = textAt(said, ...textNames);
  return {
    type: 'message',
    id: (textAt(said, 'message_id', 'messageId', 'id') ?? id()) as MessageId,
    thread_id: (textAt(said, 'thread_id', 'threadId') ?? id()) as ThreadId,
    data: words === undefined ? data : { ...data, text: words },
  };
}

/** The first of these fields that holds text. */
function textAt(said: Fields, ...names: readonly string[]): string | undefined {
  return names.map((name) => said[name]).find((value): value is string => typeof value === 'string' && value !== '');
}

function objectIn(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FrameError('not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FrameError('not a JSON object');
  return value as Fields;
}
