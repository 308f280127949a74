// The contract of delivery: what a session has read, and what of it was acknowledged. Types only.
import type { MessageId, Position, RunId, SessionId, ThreadId } from '@throughline/events/protocol';

/** One reading of a session: a range of the log, in some threads. */
export interface Reading {
  /** The incarnation of the log: offsets of another say nothing about this one. */
  readonly epoch: string;
  /** `undefined` for all. */
  readonly threads: ReadonlySet<ThreadId> | undefined;
  /** Offset of the last entry that was not read. */
  readonly after: number;
  /** Offset of the last entry that was sent or passed over. */
  readonly sent: number;
  /** Up to which offset the client has acknowledged. */
  readonly acked: number;
}

/** What receipts ask of a session. */
export interface ReadingSession {
  readonly id: SessionId;
  /** In ms since the epoch. */
  readonly openedAt: number;
  /** Whether its client promised acknowledgements. */
  readonly acks: boolean;
  readonly closing: boolean;
  /** Oldest first, the present one last. */
  readonly readings: readonly Reading[];
}

/** How a session stands to an entry. */
export type Standing =
  /** Its client has said that it is processed. */
  | 'acked'
  /** It was sent, and not (or not yet) acknowledged. */
  | 'offered'
  /** It has yet to be read. */
  | 'waiting'
  /** It is of a thread that the session does not read. */
  | 'other_thread'
  /** The session began to read behind it. */
  | 'before';

/** What a session was offered of its user's log, and what of it was processed. */
export interface SessionReceipt {
  readonly session_id: SessionId;
  /** ISO 8601, UTC, milliseconds. */
  readonly opened_at: string;
  /** The threads it reads; `null` for all. */
  readonly threads: readonly ThreadId[] | null;
  /** Offset of the last entry it was offered. */
  readonly offered: number;
  /** Offset up to which its client says that everything is processed; `null` when it promised no acknowledgements. */
  readonly acked: number | null;
}

/** Which sessions have processed an event. */
export interface Delivery {
  /** Sessions, open or closed since, whose clients said that it is processed. */
  readonly acked: readonly SessionId[];
  /** Open sessions that read its thread and have not said so. */
  readonly pending: readonly SessionId[];
}

/** The end of a run that nobody acknowledged. */
export interface Undelivered {
  readonly run_id: RunId;
  readonly thread_id: ThreadId;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'interrupted';
  /** The message that it answers. */
  readonly message_id?: MessageId;
  /** The run that started it: whose end, rather than this one's, is what the user waits for. */
  readonly parent_run_id?: RunId;
  /** Where its `agent_completed` is stored. */
  readonly position: Position;
}
