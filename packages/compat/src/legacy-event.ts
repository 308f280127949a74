// What legacy code calls its events and fields, and what they are called here. The only place that knows.
import { compatError } from './errors.js';

export type Fields = Readonly<Record<string, unknown>>;

/** Event types by their legacy names. */
const eventTypes: Readonly<Record<string, string>> = {
  agent_start: 'agent_started',
  agent_complete: 'agent_completed',
  tool_execute: 'tool_executing',
  tool_complete: 'tool_completed',
  agent_failed: 'agent_completed',
  agent_error: 'agent_completed',
  agent_fallback: 'agent_completed',
  stream_chunk: 'partial_result',
  agent_response_chunk: 'partial_result',
};

const failures = ['agent_failed', 'agent_error', 'agent_fallback'];

/** Legacy field names by field, in the order in which they are looked at; `name` is the tool's in events of tools. */
const fieldNames = {
  agent_name: ['agent_name', 'name'],
  task_description: ['task_description', 'task'],
  reasoning: ['reasoning', 'thought', 'thinking'],
  tool_name: ['tool_name', 'name'],
  parameters: ['parameters', 'params', 'tool_args'],
  results: ['results', 'result', 'output'],
  duration_ms: ['duration', 'duration_ms', 'elapsed_time', 'execution_time'],
  outcome: ['outcome', 'status'],
  final_response: ['final_response', 'response', 'result'],
  text: ['text', 'content', 'chunk'],
} as const;

type Field = keyof typeof fieldNames;

const fieldsOf: Readonly<Record<string, readonly Field[]>> = {
  agent_started: ['agent_name', 'task_description'],
  agent_thinking: ['agent_name', 'reasoning'],
  tool_executing: ['tool_name', 'parameters'],
  tool_completed: ['tool_name', 'results', 'duration_ms'],
  agent_completed: ['agent_name', 'duration_ms', 'outcome', 'final_response'],
  partial_result: ['agent_name', 'text'],
};

const good = ['succeeded', 'success', 'completed', 'complete', 'ok', 'done'];

/** An event with the names it has here. */
export interface ReadEvent {
  readonly type: string;
  /** All that legacy code said, and beside it each field under its name here. */
  readonly fields: Fields;
  readonly legacyType: boolean;
  readonly legacyFields: boolean;
}

/** Reads an event of legacy code. A type without a dot that is none of ours becomes a custom one: `note` is `legacy.note`. */
export function readLegacyEvent(given: string, said: Fields): ReadEvent {
  const known = ownOf(eventTypes, given) ?? given;
  const names = ownOf(fieldsOf, known);
  const type = names === undefined && /^[a-z][a-z0-9_]*$/.test(known) ? `legacy.${known}` : known;
  const fields: Record<string, unknown> = { ...said };
  let legacyFields = false;
  for (const field of names ?? []) {
    const name = fieldNames[field].find((one) => said[one] !== undefined && said[one] !== null);
    if (name === undefined) continue;
    fields[field] = field === 'duration_ms' ? milliseconds(name, said[name]) : said[name];
    legacyFields ||= name !== field;
  }
  if (known === 'agent_completed') fields['outcome'] = outcomeOf(given, fields['outcome']);
  return { type, fields, legacyType: type !== given, legacyFields };
}

/** What stands under a name that others chose, be it one that every object inherits. */
export function ownOf<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** Legacy code wrote `duration` in seconds where it measured and in milliseconds where it rounded: a fraction means seconds. */
function milliseconds(name: string, value: unknown): unknown {
  return name === 'duration' && typeof value === 'number' && !Number.isInteger(value) ? value * 1_000 : value;
}

function outcomeOf(given: string, status: unknown): 'succeeded' | 'failed' {
  if (failures.includes(given)) return 'failed';
  if (status === undefined) return 'succeeded';
  return typeof status === 'string' && good.includes(status.toLowerCase()) ? 'succeeded' : 'failed';
}

/** Why something failed, from any of the places where legacy code wrote it. */
export function errorOf({ error, error_message, message, reason }: Fields): { code: string; message: string } {
  const told = typeof error === 'object' && error !== null ? (error as Fields) : {};
  const { code = 'AGENT_FAILED' } = told;
  const words = [told['message'], error, error_message, message, reason].find((one) => typeof one === 'string');
  return { code: String(code), message: (words as string | undefined) ?? 'It failed.' };
}

/** The parts of a legacy message: its type, and everything else it says, whether it nests `data`, `payload` or nothing. */
export function partsOf(message: unknown): { readonly type: string; readonly said: Fields } {
  if (!isFields(message)) throw compatError('MESSAGE_INVALID', `A message is an object, not ${kindOf(message)}.`);
  const { type, data, payload, ...rest } = message;
  if (typeof type !== 'string') throw compatError('MESSAGE_INVALID', `A message has a type, not ${kindOf(type)}.`);
  const inner = data ?? payload ?? {};
  return { type, said: isFields(inner) ? { ...rest, ...inner } : { ...rest, value: inner } };
}

/** What legacy code gave as the data of an event. */
export function fieldsGiven(data: unknown): Fields {
  if (data === undefined || isFields(data)) return data ?? {};
  throw compatError('MESSAGE_INVALID', `The data of an event is an object, not ${kindOf(data)}.`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value;
}
