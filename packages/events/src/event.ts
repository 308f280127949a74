// An event as it travels: the envelope around each kind of data.
import type { EventDataByType } from './generated/types.js';
import type { RunId, TenantId, ThreadId, UserId } from './id.js';
import type { BuiltInEventType, CustomEventType } from './schema.js';

/** What surrounds the data of every event. */
export interface Envelope {
  /** Where the entry stands in its user's log: dense, first 1. It only says where to read on. */
  readonly offset: number;
  /** Eight hexadecimal digits that identify the entry at this offset. */
  readonly mark: string;
  /** The user the event is for. */
  readonly user_id: UserId;
  /** The user's tenant, where the service has tenants. */
  readonly tenant_id?: TenantId;
  /** The conversation it belongs to. */
  readonly thread_id: ThreadId;
  /** When it was appended: ISO 8601, UTC, milliseconds. */
  readonly timestamp: string;
  /** The W3C trace context in which it was sent, where the service traces. */
  readonly traceparent?: string;
}

/** What surrounds the data of every event of a run. */
export interface RunEnvelope extends Envelope {
  /** The run it belongs to. */
  readonly run_id: RunId;
  /** Its number within the run: dense, first 1. Duplicates and gaps are judged by `(run_id, seq)`. */
  readonly seq: number;
  /** Only on an entry that joins several: the `seq` of the first of them, `seq` being that of the last. */
  readonly first_seq?: number;
  /** Only beside `first_seq`: the lengths of the texts that were joined, in order, in UTF-16 code units. */
  readonly pieces?: readonly number[];
  /** The agent that speaks. */
  readonly agent_name: string;
}

/** One of the built-in events, discriminated by `type`. */
export type BuiltInEvent = {
  [type in BuiltInEventType]: RunEnvelope & { readonly type: type; readonly data: Readonly<EventDataByType[type]> };
}[BuiltInEventType];

/** A team's own event. Outside a run it has no `run_id`, `seq` and `agent_name`. */
export type CustomEvent = Envelope &
  Partial<Pick<RunEnvelope, 'run_id' | 'seq' | 'first_seq' | 'pieces' | 'agent_name'>> & {
    readonly type: CustomEventType;
    readonly data: unknown;
  };

/** Anything an agent can say. */
export type AgentEvent = BuiltInEvent | CustomEvent;
