// What pages of a legacy manager say, and what it means.
import { createHash } from 'node:crypto';
import type { Hearing } from '@throughline/core';
import { type ClientFrame, isId, type ThreadId } from '@throughline/events/protocol';
import { type Fields, partsOf } from './legacy-event.js';

/** The types under which such pages send what a person says. */
const messageTypes: readonly string[] = ['user_message', 'chat', 'chat_message', 'message', 'start_agent'];

/** The fields that hold it, in the order in which they are looked at. */
const textNames: readonly string[] = ['text', 'content', 'user_request', 'message', 'prompt', 'query', 'value'];

const messageNames: readonly string[] = ['message_id', 'messageId'];
const threadNames: readonly string[] = ['thread_id', 'threadId'];
const runNames: readonly string[] = ['run_id', 'runId'];

/** Names of what is not part of what a person says. `id` is: pages number with it what they please, often anew after each reload. */
const addressing: readonly string[] = [...messageNames, ...threadNames, 'timestamp'];

/** The frames that a text of such a page stands for: none when nobody knows its type, or when it is no JSON object. */
export function hearLegacy(text: string, hearing: Hearing): readonly ClientFrame[] {
  const value = objectIn(text);
  if (typeof value?.['type'] !== 'string') return [];
  const { type, said } = partsOf(value);
  if (type === 'ping') return [{ type, id: idAt(said, 'id') ?? hearing.id() }];
  if (type === 'stop_agent') return stop(said, hearing);
  return messageTypes.includes(type) ? [messageOf(said, hearing)] : [];
}

/**
 * One run where one is named; else all that are unfinished, of the thread where one is named. Nothing where something is named that can
 * be neither: who meant one thing must not lose all others.
 */
function stop(said: Fields, { runs, id }: Hearing): readonly ClientFrame[] {
  const isUnclear = [...runNames, ...threadNames].some((name) => said[name] !== undefined && !isText(said[name]));
  if (isUnclear || said['value'] !== undefined) return [];
  const run_id = textAt(said, ...runNames);
  if (run_id !== undefined) return isId(run_id) ? [{ type: 'cancel', id: id(), run_id }] : [];
  const thread = threadAt(said);
  const meant = runs.filter(({ thread_id }) => thread === undefined || thread_id === thread);
  return meant.map((run) => ({ type: 'cancel', id: id(), run_id: run.run_id }));
}

/** A message without a thread begins one. Its data is what the page said, with its words under `text` as well. */
function messageOf(said: Fields, { id }: Hearing): ClientFrame {
  const data = Object.fromEntries(Object.entries(said).filter(([name]) => !addressing.includes(name)));
  const words = textAt(said, ...textNames);
  return {
    type: 'message',
    id: idAt(said, ...messageNames) ?? id(),
    thread_id: threadAt(said) ?? id(),
    data: words === undefined ? data : { ...data, text: words },
  };
}

/** The thread that is named. A name that is no id here, such as one of two words, stands for one: always the same for the same name. */
function threadAt(said: Fields): ThreadId | undefined {
  const name = textAt(said, ...threadNames);
  if (name === undefined || isId(name)) return name;
  return `legacy-${createHash('sha256').update(name).digest('base64url')}`;
}

/** The id that is named, unless it is none here. */
function idAt(said: Fields, ...names: readonly string[]): string | undefined {
  const name = textAt(said, ...names);
  return isId(name) ? name : undefined;
}

/** The first of these fields that holds text. */
function textAt(said: Fields, ...names: readonly string[]): string | undefined {
  return names.map((name) => said[name]).find(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** The object that a text is, if it is one: some pages say `ping` as a bare word, and closed for it they would come back and say it again. */
function objectIn(text: string): Fields | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
