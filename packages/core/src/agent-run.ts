// A run at work: whatever happens in between, it ends with exactly one agent_completed.
import { type EventDataByType, type EventError, isBuiltInEventType } from '@throughline/events';
import type { RunId, ThreadId } from '@throughline/events/protocol';
import type { Delivery } from './delivery.js';
import { isThroughlineError, throughlineError } from './errors.js';
import type { Position, UserLog, Verdict } from './log.js';
import type { IncomingMessage } from './options.js';
import { placeOf } from './receipts.js';
import type { Run, RunOptions, RunResult, ToolCall } from './run.js';
import { RunMessages } from './run-messages.js';
import { handled, RunWriter, refused } from './run-writer.js';
import { type Cancel, elapsedSince, longestTimerMs } from './scheduler.js';
import { TextJoiner } from './text-joiner.js';
import { currentTraceparent, traceparentOf } from './traceparent.js';
import type { LiveRun, User } from './user.js';
import type { UserContext } from './user-context.js';

type Outcome = EventDataByType['agent_completed']['outcome'];

interface EndData {
  readonly outcome: Outcome;
  readonly final_response?: unknown;
  readonly usage?: RunResult['usage'];
  readonly error?: EventError | undefined;
  readonly duration_ms: number;
}

type ToolOutcome =
  | { readonly success: true; readonly results: unknown }
  | { readonly success: false; readonly error: EventError };

interface OpenTool {
  readonly tool_name: string;
  readonly startedAt: number;
  /** Its agent said how it ended, though that may not be stored yet, or ever. */
  told: boolean;
}

/** How long a terminal event that storage refuses waits before it is tried again, in ms: doubling from the first to the last. */
const retryFirstMs = 100;
const retryLastMs = 10_000;

/** How long `delivered()` waits for acknowledgements unless told otherwise, in ms: ten times what a client takes. */
const deliveredMs = 10_000;

export class AgentRun implements Run, LiveRun {
  readonly run_id: RunId;
  readonly thread_id: ThreadId;
  /** Rejects when the run was ended without its agent: cancelled and not heeded, timed out, interrupted. */
  readonly expelled: Promise<never>;
  readonly messages: RunMessages;
  readonly #user: User;
  readonly #context: UserContext;
  readonly #options: RunOptions;
  readonly #writer: RunWriter;
  readonly #controller = new AbortController();
  readonly #tools = new Map<string, OpenTool>();
  /** Made when its agent says the first text. */
  #text: TextJoiner | undefined;
  readonly #startedAt: number;
  readonly #traceparent: string | undefined;
  readonly #timers: Cancel[] = [];
  #last: Verdict | undefined;
  #end: Verdict | undefined;
  #reject: ((error: Error) => void) | undefined;
  #stopWaiting: (() => void) | undefined;

  /** @param context in whose name it was begun */
  constructor(user: User, log: UserLog, options: RunOptions, context: UserContext) {
    const { scheduler, options: limits } = user.runtime;
    this.run_id = options.run_id ?? scheduler.id();
    this.thread_id = options.thread_id;
    this.#user = user;
    this.#context = context;
    const { run_id, thread_id } = this;
    const { agent_name } = options;
    this.#options = options;
    this.messages = new RunMessages(limits.maxPendingMessages);
    const { traceparent } = options;
    this.#traceparent = traceparent === undefined ? currentTraceparent(user.runtime) : traceparentOf(traceparent);
    this.#writer = new RunWriter(user, log, { run_id, thread_id, agent_name }, this.#traceparent);
    this.#startedAt = scheduler.now();
    this.expelled = handled(
      new Promise<never>((_, reject) => {
        this.#reject = reject;
      }),
    );
    const timedOut = () =>
      void this.#expel('failed', throughlineError('RUN_TIMED_OUT', `The run took longer than ${limits.maxRunMs} ms.`));
    this.#timers.push(scheduler.after(limits.maxRunMs, timedOut));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why sends are refused, when something failed. */
  get fault(): Error | undefined {
    return this.#writer.fault;
  }

  /** It was begun, and its user can see it. */
  announce(): void {
    const { run_id, thread_id } = this;
    const { agent_name, parent_run_id } = this.#options;
    const { user_id } = this.#user.key;
    this.#user.runtime.report({
      kind: 'run_started',
      run_id,
      user_id,
      thread_id,
      agent_name,
      ...(parent_run_id === undefined ? {} : { parent_run_id }),
      ...(this.#traceparent === undefined ? {} : { traceparent: this.#traceparent }),
    });
  }

  hear(message: IncomingMessage, settled: (read: boolean) => void): 'taken' | 'full' | 'over' {
    return this.messages.offer(message, settled);
  }

  /** Sends `agent_started`. Called once, before the run is handed out. */
  start({ task_description, message_id, parent_run_id, metadata }: RunOptions): Verdict {
    return this.#send('agent_started', { task_description, message_id, parent_run_id, metadata });
  }

  thinking(thought: EventDataByType['agent_thinking']): Verdict {
    return this.#send('agent_thinking', thought);
  }

  toolExecuting(tool: Parameters<Run['toolExecuting']>[0]): Promise<ToolCall> {
    const { scheduler } = this.#user.runtime;
    const { tool_name, parameters = {}, tool_call_id = scheduler.id() } = tool;
    if (this.#tools.has(tool_call_id)) {
      return refused(throughlineError('TOOL_CALL_DUPLICATE', 'A tool call of this id is at work.'));
    }
    const sent = this.#send('tool_executing', { tool_call_id, tool_name, parameters }, () =>
      this.#tools.set(tool_call_id, { tool_name, startedAt: scheduler.now(), told: false }),
    );
    const call: ToolCall = {
      tool_call_id,
      completed: ({ results }) => this.#endTool(tool_call_id, { success: true, results }),
      failed: (error) => this.#endTool(tool_call_id, { success: false, error: describe(error) }),
    };
    return handled(sent.then(() => call));
  }

  text(delta: string): void {
    if (this.#end || this.fault) return;
    // The joiner has no caller to answer: a failure sticks to the run.
    this.#text ??= new TextJoiner(this.#user.runtime.scheduler, (text) => void this.#send('partial_result', { text }));
    if (typeof delta === 'string') this.#text.push(delta);
    else void this.#writer.fail(throughlineError('EVENT_INVALID', 'partial_result: data.text must be string.'));
  }

  flushed(): Verdict {
    this.#text?.flush();
    if (this.fault) return refused(this.fault);
    return this.#last ?? refused(throughlineError('RUN_ENDED', 'The run has not begun.'));
  }

  delivered(options: { readonly timeoutMs?: number } = {}): Promise<Delivery> {
    return handled(this.#delivered(options));
  }

  async #delivered({ timeoutMs = deliveredMs }: { readonly timeoutMs?: number }): Promise<Delivery> {
    if (!Number.isFinite(timeoutMs) || timeoutMs < 0 || timeoutMs > longestTimerMs) {
      throw throughlineError('OPTION_INVALID', `Option timeoutMs must be a number from 0 to ${longestTimerMs}.`);
    }
    const position = await (this.#end ?? this.flushed());
    return this.#user.receipts.delivered(placeOf(position, this.thread_id), timeoutMs);
  }

  send(type: `${string}.${string}`, data: unknown): Verdict {
    // The type says so, but not to JavaScript: an agent_completed by hand would end the run behind its own back.
    if (!this.#end && isBuiltInEventType(type)) {
      return this.#writer.fail(throughlineError('EVENT_INVALID', 'Only custom events are sent by their type.'));
    }
    return this.#send(type, data);
  }

  completed(result: RunResult = {}): Verdict {
    this.#text?.flush();
    if (this.fault) return this.#finish('failed', {}, this.fault);
    return this.#finish(this.signal.aborted ? 'cancelled' : 'succeeded', result);
  }

  failed(error: EventError | Error): Verdict {
    if (this.signal.aborted) return this.#finish('cancelled', {}, this.signal.reason);
    return this.#finish('failed', {}, this.fault ?? error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end) return;
    await this.failed(throughlineError('RUN_ABANDONED', 'The run was left without an outcome.'));
  }

  cancel(): void {
    if (this.#end || this.signal.aborted) return;
    const error = throughlineError('RUN_CANCELLED', 'The user stopped the run.');
    const { scheduler, options } = this.#user.runtime;
    this.#timers.push(scheduler.after(options.cancelGraceMs, () => void this.#expel('cancelled', error)));
    this.#controller.abort(error);
    // Whoever waits for an answer waits no more.
    this.messages.end();
  }

  interrupt(): Verdict {
    return this.#expel('interrupted', throughlineError('RUN_INTERRUPTED', 'The service went away.'));
  }

  abandon(): void {
    this.#stopWaiting?.();
  }

  /** Its beginning was refused, so that nobody knows of it: there is nothing to end. */
  discard(): void {
    for (const cancel of this.#timers) cancel();
    this.messages.end();
    this.#user.runs.delete(this.run_id);
    this.#end = this.#over();
  }

  #send(type: string, data: unknown, onHanded?: () => void): Verdict {
    if (this.#end) return this.#over();
    if (type !== 'partial_result') this.#text?.flush();
    this.#last = this.#writer.write(type, data, onHanded && { onHanded });
    return this.#last;
  }

  #endTool(tool_call_id: string, outcome: ToolOutcome): Verdict {
    if (this.#end) return this.#over();
    const tool = this.#tools.get(tool_call_id);
    if (!tool || tool.told) return refused(throughlineError('TOOL_CALL_ENDED', 'This tool call has already ended.'));
    tool.told = true;
    // Open until its end is in the log's hands: what cannot be stored leaves it to the end of the run.
    return this.#send('tool_completed', this.#toolCompleted(tool_call_id, tool, outcome), () =>
      this.#tools.delete(tool_call_id),
    );
  }

  #toolCompleted(
    tool_call_id: string,
    { tool_name, startedAt }: OpenTool,
    outcome: ToolOutcome,
  ): EventDataByType['tool_completed'] {
    return { tool_call_id, tool_name, ...outcome, duration_ms: elapsedSince(this.#user.runtime.scheduler, startedAt) };
  }

  /** Ends the run without its agent. */
  #expel(outcome: Outcome, error: Error): Verdict {
    const end = this.#finish(outcome, {}, error);
    if (!this.signal.aborted) this.#controller.abort(error);
    this.#reject?.(error);
    return end;
  }

  /** Ends the run, once. Whoever comes second gets the first one's verdict. */
  #finish(outcome: Outcome, result: RunResult, reason?: unknown): Verdict {
    if (this.#end) return this.#end;
    this.#text?.flush();
    this.#text?.stop();
    for (const cancel of this.#timers) cancel();
    this.messages.end();
    this.#end = handled(this.#storeEnd(outcome, result, reason));
    return this.#end;
  }

  /** Ends the tools that the agent left open. */
  #closeTools(): void {
    for (const [tool_call_id, tool] of this.#tools) {
      const error = { code: 'RUN_ENDED', message: 'The run ended before the tool did.' };
      const completed = this.#toolCompleted(tool_call_id, tool, { success: false, error });
      void this.#writer.write('tool_completed', completed, { ending: true, ownWords: true });
    }
  }

  /** Stores agent_completed: as given, else without its payload, and again and again while storage is at fault. */
  async #storeEnd(outcome: Outcome, { final_response, usage }: RunResult, reason: unknown): Promise<Position> {
    const { runtime } = this.#user;
    const duration_ms = elapsedSince(this.#user.runtime.scheduler, this.#startedAt);
    const error = reason === undefined && outcome !== 'failed' ? undefined : describe(reason);
    let end: EndData = { outcome, final_response, usage, error, duration_ms };
    let ownWords = false;
    // What the agent has sent may open a tool yet, or end one. A log that answers at once leaves nothing to wait for.
    if (this.#writer.pending) await this.#writer.pending;
    // What failed on its way was not known when the agent called it a success.
    if (outcome === 'succeeded' && this.fault) end = { outcome: 'failed', error: describe(this.fault), duration_ms };
    this.#closeTools();
    for (let retryMs = retryFirstMs; ; retryMs = Math.min(retryMs * 2, retryLastMs)) {
      try {
        const position = await this.#writer.write('agent_completed', end, { ending: true, ownWords });
        this.#user.runs.delete(this.run_id);
        this.#ended(end, position);
        return position;
      } catch (fault) {
        if (isThroughlineError(fault, 'EVENT_INVALID') || isThroughlineError(fault, 'EVENT_TOO_LARGE')) {
          // Even the words about it may be too many: they name fields, which the application named.
          const message = ownWords ? 'The end of the run could not be stored as given.' : fault.message;
          end = { outcome: 'failed', error: { code: fault.code, message }, duration_ms };
          ownWords = true;
          continue;
        }
        if (runtime.closed) {
          this.#user.runs.delete(this.run_id);
          throw fault;
        }
        runtime.report({ kind: 'fault', where: 'storage', message: 'A run could not be ended yet; trying again.' });
        await this.#wait(retryMs);
      }
    }
  }

  /** Its end is stored: those who run the service are told, and somebody should acknowledge it. */
  #ended({ outcome, error, duration_ms }: EndData, position: Position): void {
    const { run_id, thread_id } = this;
    const { runtime, key, receipts } = this.#user;
    const { agent_name, message_id, parent_run_id } = this.#options;
    runtime.report({
      kind: 'run_ended',
      run_id,
      user_id: key.user_id,
      agent_name,
      outcome,
      ...(error === undefined ? {} : { error_code: error.code }),
      duration_ms,
      events: this.#writer.count,
    });
    const undelivered = {
      run_id,
      thread_id,
      outcome,
      position,
      ...(message_id === undefined ? {} : { message_id }),
      ...(parent_run_id === undefined ? {} : { parent_run_id }),
    };
    receipts.await(undelivered, this.#context);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#user.runtime.scheduler.after(ms, resolve);
      this.#stopWaiting = () => {
        cancel();
        resolve();
      };
    });
  }

  #over(): Promise<never> {
    return refused(throughlineError('RUN_ENDED', 'The run has ended.'));
  }
}

/** An error as the user may see it: its code and its words, never its stack. */
function describe(error: unknown): EventError {
  try {
    if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string') {
      const code = 'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : 'AGENT_FAILED';
      return { code: code.slice(0, 128), message: error.message };
    }
  } catch {
    // Agents throw anything, also what cannot be read.
  }
  return { code: 'AGENT_FAILED', message: typeof error === 'string' ? error : 'The agent failed.' };
}
