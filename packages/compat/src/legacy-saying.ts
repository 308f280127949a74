// How events and frames are said to pages of a legacy manager.
import type { AgentEvent, ServerFrame } from '@throughline/events/protocol';
import { type Fields, ownOf } from './legacy-event.js';

/** Under which key the data of an event goes out. */
export type LegacyBody = 'data' | 'payload' | 'both';

/** How a service says things to its legacy pages. */
export interface LegacySaying {
  readonly body: LegacyBody;
  /** Types by their names here, where pages read them under others. */
  readonly types: Readonly<Record<string, string>>;
}

/** The legacy name beside each field: the one that most pages read. */
const aliases: Readonly<Record<string, string>> = {
  task_description: 'task',
  reasoning: 'thought',
  parameters: 'params',
  results: 'result',
  outcome: 'status',
  final_response: 'response',
  text: 'content',
};

/** What `status` was called; the others keep their names. */
const statuses: Readonly<Record<string, string>> = { succeeded: 'completed', failed: 'error' };

/** An event: its envelope beside the type and once more within its data, where most pages look for it. */
export function sayLegacyEvent(event: AgentEvent, saying: LegacySaying): object {
  const { type, user_id, thread_id, run_id, agent_name, timestamp, seq, first_seq, data } = event;
  const place = { user_id, thread_id, run_id, agent_name, timestamp };
  // An event of a run has its own number there; pages that saw it twice know it by that.
  const numbers = { seq, first_seq };
  const fields = { ...place, ...namedFields(type, isFields(data) ? data : { value: data }) };
  return { type: typeOf(type, saying), ...place, ...numbers, ...bodyOf(fields, saying) };
}

/** A frame; `undefined` for those that mean nothing to such a page. */
export function sayLegacyFrame(frame: ServerFrame, saying: LegacySaying): object | undefined {
  switch (frame.type) {
    case 'welcome': {
      const { session_id: connection_id, user_id, heartbeat_ms } = frame;
      const fields = { connection_id, user_id, connection_ready: true, heartbeat_ms };
      return { type: 'connection_established', ...bodyOf(fields, saying) };
    }
    case 'pong':
      return { type: 'pong', id: frame.id, ...bodyOf({ id: frame.id }, saying) };
    case 'heartbeat':
      return { type: 'heartbeat', ...bodyOf({}, saying) };
    case 'reset':
      return { type: 'reset', ...bodyOf({ cause: frame.cause }, saying) };
    case 'error': {
      const { id, code, message } = frame;
      return { type: 'error', ...bodyOf({ id, code, error: message, message }, saying) };
    }
    case 'accepted':
    case 'refreshed':
    case 'reading':
    case 'degraded':
    case 'draining':
      return undefined;
  }
}

function bodyOf(fields: Fields, { body }: LegacySaying): object {
  return body === 'both' ? { data: fields, payload: fields } : { [body]: fields };
}

/** What compat stored for legacy code as `legacy.note` was `note` to its pages. */
function typeOf(type: string, { types }: LegacySaying): string {
  const named = ownOf(types, type);
  if (named !== undefined) return named;
  return type.startsWith('legacy.') ? type.slice('legacy.'.length) : type;
}

/** The data of our own events gets the legacy names too; what a team named itself is left alone. */
function namedFields(type: string, data: Fields): Fields {
  if (type.includes('.')) return data;
  const named: Record<string, unknown> = { ...data };
  for (const [field, alias] of Object.entries(aliases)) {
    if (data[field] === undefined || Object.hasOwn(data, alias)) continue;
    const value = data[field];
    named[alias] = field === 'outcome' && typeof value === 'string' ? (ownOf(statuses, value) ?? value) : value;
  }
  return named;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
