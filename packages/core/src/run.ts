// A run: begins with agent_started, ends with exactly one agent_completed, whatever happens in between.
import type { EventDataByType, EventError } from '@throughline/events';
import { isThroughlineError, throughlineError } from './errors.js';
import { serialiseData, serialiseText } from './event-body.js';
import type { NewEntry, Position, UserLog, Verdict } from './log.js';
import type { Cancel } from './scheduler.js';
import { TextJoiner } from './text-joiner.js';
import type { LiveRun, User } from './user.js';

/** What a run is, said once at its beginning. */
export interface RunOptions {
  /** The agent that speaks. */
  readonly agent_name: string;
  /** The conversation it speaks in. */
  readonly thread_id: string;
  /** Default: an id nobody can guess. */
  readonly run_id?: string;
  readonly task_description?: string;
  /** The message it answers. */
  readonly message_id?: string;
  readonly parent_run_id?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
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
  readonly run_id: string;
  readonly thread_id: string;
  /** Aborted when the user cancels. The agent then has 5 s (`cancelGraceMs`) to stop by itself. */
  readonly signal: AbortSignal;
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
  /** A custom event. */
  send(type: `${string}.${string}`, data: unknown): Verdict;
  /** Ends the run as `succeeded` (as `cancelled` when the user asked for that first). */
  completed(result?: RunResult): Verdict;
  /** Ends the run as `failed`, with a reason that the user sees. */
  failed(error: EventError | Error): Verdict;
  /** Ends the run as `failed` when nothing else ended it. */
  [Symbol.asyncDispose](): Promise<void>;
}

type Outcome = EventDataByType['agent_completed']['outcome'];

type ToolOutcome =
  | { readonly success: true; readonly results: unknown }
  | { readonly success: false; readonly error: EventError };

interface OpenTool {
  readonly tool_name: string;
  readonly startedAt: number;
}

/** How long a terminal event that storage refuses waits before it is tried again, in ms: doubling from the first to the last. */
const retryFirstMs = 100;
const retryLastMs = 10_000;

export class AgentRun implements Run, LiveRun {
  readonly run_id: string;
  readonly thread_id: string;
  /** Rejects when the run was ended without its agent: cancelled and not heeded, timed out, interrupted. */
  readonly expelled: Promise<never>;
  readonly #user: User;
  readonly #log: UserLog;
  readonly #agentName: string;
  /** The part of the envelope that all its events share. */
  readonly #envelope: string;
  readonly #controller = new AbortController();
  readonly #tools = new Map<string, OpenTool>();
  readonly #text: TextJoiner;
  readonly #startedAt: number;
  readonly #timers: Cancel[] = [];
  #seq = 0;
  #last: Verdict | undefined;
  /** Settles when the log has answered every append so far; undefined when it has. */
  #inFlight: Promise<unknown> | undefined;
  #inFlightSize = 0;
  /** Entries of which the log did not say whether they are stored. */
  #doubtful: readonly NewEntry[] = [];
  #fault: Error | undefined;
  #end: Verdict | undefined;
  #expelled: ((error: Error) => void) | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(user: User, log: UserLog, options: RunOptions) {
    const { scheduler, options: limits } = user.runtime;
    this.run_id = options.run_id ?? scheduler.id();
    this.thread_id = options.thread_id;
    this.#user = user;
    this.#log = log;
    this.#agentName = options.agent_name;
    this.#envelope = [
      `"user_id":${JSON.stringify(user.key.user_id)}`,
      `"thread_id":${JSON.stringify(options.thread_id)}`,
      `"run_id":${JSON.stringify(this.run_id)}`,
      `"agent_name":${JSON.stringify(options.agent_name)}`,
    ].join(',');
    this.#startedAt = scheduler.now();
    this.#text = new TextJoiner(scheduler, (text) => this.#sendText(text));
    this.expelled = handled(
      new Promise<never>((_, reject) => {
        this.#expelled = reject;
      }),
    );
    const timedOut = () =>
      void this.#expel('failed', throughlineError('RUN_TIMED_OUT', `The run took longer than ${limits.maxRunMs} ms.`));
    this.#timers.push(scheduler.after(limits.maxRunMs, timedOut));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Sends `agent_started`. Called once, before the run is handed out. */
  start(options: RunOptions): Verdict {
    const { task_description, message_id, parent_run_id, metadata } = options;
    return this.#send('agent_started', { task_description, message_id, parent_run_id, metadata });
  }

  thinking(thought: EventDataByType['agent_thinking']): Verdict {
    return this.#send('agent_thinking', thought);
  }

  toolExecuting(tool: Parameters<Run['toolExecuting']>[0]): Promise<ToolCall> {
    const { tool_name, parameters = {}, tool_call_id = this.#user.runtime.scheduler.id() } = tool;
    if (this.#tools.has(tool_call_id)) {
      return this.#refuse(throughlineError('TOOL_CALL_DUPLICATE', 'A tool call of this id is at work.'));
    }
    const sent = this.#send('tool_executing', { tool_call_id, tool_name, parameters });
    if (this.#end || this.#fault) return sent as Promise<never>;
    this.#tools.set(tool_call_id, { tool_name, startedAt: this.#user.runtime.scheduler.now() });
    const call: ToolCall = {
      tool_call_id,
      completed: ({ results }) => this.#endTool(tool_call_id, { success: true, results }),
      failed: (error) => this.#endTool(tool_call_id, { success: false, error: describe(error) }),
    };
    return handled(sent.then(() => call));
  }

  text(delta: string): void {
    if (this.#end || this.#fault) return;
    if (typeof delta !== 'string') {
      this.#fault = throughlineError('EVENT_INVALID', 'partial_result: data.text must be string.');
      return;
    }
    this.#text.push(delta);
  }

  flushed(): Verdict {
    this.#text.flush();
    if (this.#fault) return this.#refuse(this.#fault);
    return this.#last ?? this.#refuse(throughlineError('RUN_ENDED', 'The run has not begun.'));
  }

  send(type: `${string}.${string}`, data: unknown): Verdict {
    return this.#send(type, data);
  }

  completed(result: RunResult = {}): Verdict {
    if (this.#fault) return this.#finish('failed', {}, this.#fault);
    return this.#finish(this.signal.aborted ? 'cancelled' : 'succeeded', result);
  }

  failed(error: EventError | Error): Verdict {
    if (this.signal.aborted) return this.#finish('cancelled', {}, this.signal.reason);
    return this.#finish('failed', {}, this.#fault ?? error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#end) return;
    await this.failed(throughlineError('RUN_ABANDONED', 'The run was left without an outcome.'));
  }

  cancel(): void {
    if (this.#end || this.signal.aborted) return;
    const error = throughlineError('RUN_CANCELLED', 'The user stopped the run.');
    this.#controller.abort(error);
    const { scheduler, options } = this.#user.runtime;
    this.#timers.push(scheduler.after(options.cancelGraceMs, () => void this.#expel('cancelled', error)));
  }

  interrupt(): Verdict {
    return this.#expel('interrupted', throughlineError('RUN_INTERRUPTED', 'The service went away.'));
  }

  abandon(): void {
    this.#stopWaiting?.();
  }

  /** Its beginning could not be stored, so that nobody knows of it: there is nothing to end. */
  discard(): void {
    for (const cancel of this.#timers) cancel();
    this.#user.runs.delete(this.run_id);
    this.#end = this.#refuse(this.#overError());
  }

  /** Why later sends are refused; what ended the run, when that was not its agent. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  #sendText(text: string): void {
    // The joiner has no caller to answer: a failure sticks to the run.
    void this.#send('partial_result', { text });
  }

  #endTool(tool_call_id: string, outcome: ToolOutcome): Verdict {
    if (this.#end) return this.#refuse(this.#overError());
    const ended = this.#toolCompleted(tool_call_id, outcome);
    if (!ended) return this.#refuse(throughlineError('TOOL_CALL_ENDED', 'This tool call has already ended.'));
    return this.#send('tool_completed', ended);
  }

  #toolCompleted(tool_call_id: string, outcome: ToolOutcome): EventDataByType['tool_completed'] | undefined {
    const tool = this.#tools.get(tool_call_id);
    if (!tool) return undefined;
    this.#tools.delete(tool_call_id);
    const duration_ms = this.#user.runtime.scheduler.now() - tool.startedAt;
    return { tool_call_id, tool_name: tool.tool_name, ...outcome, duration_ms };
  }

  #send(type: string, data: unknown): Verdict {
    if (this.#end) return this.#refuse(this.#overError());
    if (this.#fault) return this.#refuse(this.#fault);
    if (type !== 'partial_result') this.#text.flush();
    try {
      this.#user.admit();
    } catch (error) {
      return this.#stick(error);
    }
    this.#last = this.#append(type, data);
    return this.#last;
  }

  /** Appends the events of the run in order. The first failure sticks; only what ends the run goes on after it. */
  #append(type: string, data: unknown, ending = false): Verdict {
    try {
      const json = this.#serialise(type, data);
      const result = this.#inFlight ? this.#queue(this.#inFlight, type, json, ending) : this.#store(type, json);
      if (result instanceof Promise) return handled(this.#track(result, json.length));
      const yielded = this.#user.yielded();
      return yielded ? yielded.then(() => result) : Promise.resolve(result);
    } catch (error) {
      return this.#stick(error);
    }
  }

  /** The first failure sticks to the run. That the end could not be stored yet is none: it is tried again. */
  #stick(error: unknown): Promise<never> {
    const fault = typed(error);
    if (!this.#end || !isThroughlineError(fault, 'STORE_FAILED')) this.#fault ??= fault;
    return this.#refuse(fault);
  }

  /** Takes its turn behind appends that a log has yet to answer. */
  #queue(ahead: Promise<unknown>, type: string, json: string, ending: boolean): Promise<Position> {
    const limit = this.#user.runtime.options.maxPendingBytes;
    if (this.#inFlightSize > limit && !ending) {
      throw throughlineError('PRODUCER_TOO_FAST', `More than ${limit} bytes of one run wait to be stored.`);
    }
    return ahead.then(() => {
      if (this.#fault && !ending) throw this.#fault;
      return this.#store(type, json);
    });
  }

  async #track(result: Promise<Position>, size: number): Promise<Position> {
    const settled = result.then(
      () => {},
      () => {},
    );
    this.#inFlight = settled;
    this.#inFlightSize += size;
    try {
      return await result;
    } catch (error) {
      return await this.#stick(error);
    } finally {
      this.#inFlightSize -= size;
      if (this.#inFlight === settled) this.#inFlight = undefined;
    }
  }

  /** One append. What a log refused may be stored all the same: it goes again, under its number, with what comes next. */
  #store(type: string, json: string): Position | Promise<Position> {
    const entry = this.#entry(type, json, this.#seq + 1 + this.#doubtful.length);
    const batch = [...this.#doubtful, entry];
    const done = (position: Position) => {
      this.#seq = entry.seq as number;
      this.#doubtful = [];
      return position;
    };
    const doubt = (error: unknown): never => {
      // The end of a run is made anew by its next attempt.
      if (!entry.ends) this.#doubtful = batch;
      throw error;
    };
    let result: Position | Promise<Position>;
    try {
      result = this.#user.append(this.#log, batch);
    } catch (error) {
      return doubt(error);
    }
    return result instanceof Promise ? result.then(done, doubt) : done(result);
  }

  #serialise(type: string, data: unknown): string {
    const draft = { type, thread_id: this.thread_id, run_id: this.run_id, agent_name: this.#agentName, data };
    const { options } = this.#user.runtime;
    return type === 'partial_result' ? serialiseText(draft, options) : serialiseData(draft, options);
  }

  #entry(type: string, json: string, seq: number): NewEntry {
    const timestamp = new Date(this.#user.runtime.scheduler.now()).toISOString();
    return {
      body: `"type":"${type}","seq":${seq},${this.#envelope},"timestamp":"${timestamp}","data":${json}}`,
      type,
      thread_id: this.thread_id,
      run_id: this.run_id,
      seq,
      ends: type === 'agent_completed',
    };
  }

  /** Ends the run without its agent. */
  #expel(outcome: Outcome, error: Error): Verdict {
    if (!this.signal.aborted) this.#controller.abort(error);
    const end = this.#finish(outcome, {}, error);
    this.#expelled?.(error);
    return end;
  }

  /** Ends the run, once. Whoever comes second gets the first one's verdict. */
  #finish(outcome: Outcome, result: RunResult, reason?: unknown): Verdict {
    if (this.#end) return this.#end;
    this.#text.flush();
    for (const cancel of this.#timers) cancel();
    this.#text.stop();
    for (const tool_call_id of [...this.#tools.keys()]) {
      const error = { code: 'RUN_ENDED', message: 'The run ended before the tool did.' };
      void this.#append('tool_completed', this.#toolCompleted(tool_call_id, { success: false, error }), true);
    }
    // Set first, so that nothing comes between: what follows runs at once until its first wait.
    let ended: ((end: Verdict) => void) | undefined;
    this.#end = handled(
      new Promise<Position>((resolve) => {
        ended = resolve;
      }),
    );
    ended?.(this.#storeEnd(outcome, result, reason));
    return this.#end;
  }

  /** Stores agent_completed: as given, else without its payload, and again and again while storage is at fault. */
  async #storeEnd(outcome: Outcome, result: RunResult, reason: unknown): Promise<Position> {
    const { runtime, key, runs } = this.#user;
    const duration_ms = runtime.scheduler.now() - this.#startedAt;
    const { final_response, usage } = result;
    const error = reason === undefined ? undefined : describe(reason);
    let end: Record<string, unknown> = { outcome, final_response, usage, error, duration_ms };
    for (let retryMs = retryFirstMs; ; retryMs = Math.min(retryMs * 2, retryLastMs)) {
      try {
        const position = await this.#append('agent_completed', end, true);
        runs.delete(this.run_id);
        runtime.report({ kind: 'run_ended', run_id: this.run_id, user_id: key.user_id, outcome: String(end.outcome) });
        return position;
      } catch (fault) {
        if (isThroughlineError(fault, 'EVENT_INVALID') || isThroughlineError(fault, 'EVENT_TOO_LARGE')) {
          end = { outcome: 'failed', error: { code: fault.code, message: fault.message }, duration_ms };
          continue;
        }
        if (runtime.closed) {
          runs.delete(this.run_id);
          throw fault;
        }
        runtime.report({ kind: 'fault', where: 'storage', message: 'A run could not be ended yet; trying again.' });
        await this.#wait(retryMs);
      }
    }
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

  #overError(): Error {
    return throughlineError('RUN_ENDED', 'The run has ended.', this.#fault);
  }

  #refuse(error: Error): Promise<never> {
    return handled(Promise.reject(error));
  }
}

/** A promise whose rejection may be ignored without ending the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** What an append failed with, as an error of this package. */
function typed(error: unknown): Error {
  return isThroughlineError(error) ? error : throughlineError('STORE_FAILED', 'The event was not stored.', error);
}

/** An error as the user may see it: its code and its words, never its stack. */
function describe(error: unknown): EventError {
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string') {
    const code = 'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : 'AGENT_FAILED';
    return { code: code.slice(0, 128), message: error.message };
  }
  return { code: 'AGENT_FAILED', message: typeof error === 'string' ? error : 'The agent failed.' };
}
