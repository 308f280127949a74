// The contract of a run: begins with agent_started, ends with exactly one agent_completed. Types only.
import type { EventDataByType, EventError } from '@throughline/events';
import type { MessageId, RunId, ThreadId } from '@throughline/events/protocol';
import type { Delivery } from './delivery.js';
import type { Verdict } from './log.js';
import type { IncomingMessage } from './options.js';

/** What a run is, said once at its beginning. */
export interface RunOptions {
  /** The agent that speaks. */
  readonly agent_name: string;
  /** The conversation it speaks in. */
  readonly thread_id: ThreadId;
  /** Default: an id nobody can guess. */
  readonly run_id?: RunId;
  readonly task_description?: string;
  /** The message it answers. */
  readonly message_id?: MessageId;
  readonly parent_run_id?: RunId;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** The W3C trace context to send along with each of its events. Default: what the option `traceparent` of the service says. */
  readonly traceparent?: string;
}

/** What a run may end with. */
export interface RunResult {
  readonly final_response?: unknown;
  /** What it used, such as tokens by kind. */
  readonly usage?: Readonly<Record<string, number>>;
}

/** A tool at work. */
export interface ToolCall {
  readonly tool_call_id: string;
  /** It did what it was asked to. */
  completed(outcome: { readonly results?: unknown }): Verdict;
  /** It did not. */
  failed(error: EventError | Error): Verdict;
}

/**
 * One piece of agent work.
 *
 * Every send resolves with the position that the log gave the event, or rejects with a typed error. Ignoring a verdict is
 * safe: the first failure sticks to the run, later sends reject with it, and the run ends `failed` with it.
 */
export interface Run {
  readonly run_id: RunId;
  readonly thread_id: ThreadId;
  /** Aborted when the user cancels. The agent then has 5 s (`cancelGraceMs`) to stop by itself. */
  readonly signal: AbortSignal;
  /**
   * What the user says to this run while it works: approvals, answers, steering. Each message is read once. The loop ends
   * when the run is cancelled or ends; who sent what was not read by then is told so.
   */
  readonly messages: AsyncIterable<IncomingMessage>;
  thinking(thought: EventDataByType['agent_thinking']): Verdict;
  toolExecuting(tool: {
    readonly tool_name: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly tool_call_id?: string;
  }): Promise<ToolCall>;
  /** A piece of the answer. The first goes at once, what follows is joined for 25 ms or 1 KiB. */
  text(delta: string): void;
  /** Sends what `text` still holds; the position after the last event of the run. */
  flushed(): Verdict;
  /**
   * Who has processed the run's last event: resolves when a session has acknowledged it and none that reads it is left to, at
   * the latest after `timeoutMs` (default 10 s). It never rejects for want of readers: then it names none.
   */
  delivered(options?: { readonly timeoutMs?: number }): Promise<Delivery>;
  /** A custom event. */
  send(type: `${string}.${string}`, data: unknown): Verdict;
  /** Ends the run as `succeeded` (as `cancelled` when the user asked for that first). */
  completed(result?: RunResult): Verdict;
  /** Ends the run as `failed`, with a reason that the user sees. */
  failed(error: EventError | Error): Verdict;
  /** Ends the run as `failed` when nothing else ended it. */
  [Symbol.asyncDispose](): Promise<void>;
}
