// The manager of one user. There is no other way to speak to anybody.
import { isBuiltInEventType } from '@throughline/events';
import {
  formatPosition,
  isId,
  type Position,
  parsePosition,
  type TenantId,
  type ThreadId,
  type UserId,
} from '@throughline/events/protocol';
import { AgentRun } from './agent-run.js';
import type { SessionReceipt } from './delivery.js';
import { isThroughlineError, throughlineError } from './errors.js';
import { serialiseData } from './event-body.js';
import type { Verdict } from './log.js';
import type { WebSocketManager, WorkResult } from './manager.js';
import type { Run, RunOptions } from './run.js';
import { handled } from './run-writer.js';
import { currentTraceparent } from './traceparent.js';
import { type User, userOf } from './user.js';
import { type Minting, mintingOf, type Scope, type UserContext } from './user-context.js';

/** What a session passes on of a reason, in bytes: RFC 6455 has room for 123. */
const reasonBytes = 120;

/**
 * The one way to get a manager.
 *
 * @param userContext minted by a service: what `onMessage` gets and what `service.authenticate()` returns
 * @returns the same manager for the same user and sign-in; a manager as narrow as the context, when that is narrowed
 * @throws CONTEXT_FORGED, CONTEXT_REVOKED, CONTEXT_ENDED, SERVICE_CLOSED
 */
export function getWebSocketManager(userContext: UserContext): WebSocketManager {
  const user = userOf(userContext);
  if (userContext.scope) return new UserManager(user, userContext);
  const { grant } = mintingOf(userContext) as Minting;
  const manager = user.managers.get(grant) ?? new UserManager(user, userContext);
  user.managers.set(grant, manager);
  return manager;
}

class UserManager implements WebSocketManager {
  readonly #user: User;
  readonly #context: UserContext;

  constructor(user: User, context: UserContext) {
    this.#user = user;
    this.#context = context;
    Object.freeze(this);
  }

  get scope(): Scope | undefined {
    return this.#context.scope;
  }

  get user_id(): UserId {
    return this.#user.key.user_id;
  }

  get tenant_id(): TenantId {
    return this.#user.key.tenant_id;
  }

  run<T extends WorkResult>(options: RunOptions, work: (run: Run) => Promise<T> | T): Promise<T> {
    return handled(this.#run(options, work));
  }

  async #run<T extends WorkResult>(options: RunOptions, work: (run: Run) => Promise<T> | T): Promise<T> {
    const run = await this.#begin(options);
    try {
      const result = await Promise.race([run.expelled, (async () => work(run))()]);
      await run.completed(result ?? {});
      if (run.fault) throw run.fault;
      return result;
    } catch (error) {
      // Should even that be refused, `work` still hears what it threw.
      await run.failed(error as Error).catch(() => {});
      if (typeof error === 'object' && error !== null) this.#user.runtime.told.add(error);
      throw error;
    }
  }

  startRun(options: RunOptions): Promise<Run> {
    return handled(this.#begin(options));
  }

  send(type: `${string}.${string}`, data: unknown, { thread_id }: { readonly thread_id: ThreadId }): Verdict {
    return handled(this.#send(type, data, thread_id));
  }

  async position(): Promise<Position> {
    const log = await this.#user.open();
    for (;;) {
      const after = await log.active();
      const mark = await log.markAt(after);
      // Between the two questions the log may have dropped that entry.
      if (mark !== undefined) return formatPosition(log.epoch, after, mark);
    }
  }

  receipts(): readonly SessionReceipt[] {
    this.#checkOpen();
    return this.#user.receipts.list();
  }

  disconnect(reason = 'disconnected'): number {
    this.#checkOpen();
    if (this.scope) throw throughlineError('SCOPE_EXCEEDED', 'A session reads more than this manager may speak for.');
    if (typeof reason !== 'string' || Buffer.byteLength(reason) > reasonBytes) {
      throw throughlineError('OPTION_INVALID', `Option reason must be a string of at most ${reasonBytes} bytes.`);
    }
    return this.#user.disconnect(reason);
  }

  async #send(type: string, data: unknown, thread_id: ThreadId): Promise<Position> {
    this.#checkOpen();
    this.#checkScope(thread_id);
    checkIds({ thread_id });
    if (isBuiltInEventType(type)) {
      throw throughlineError('EVENT_INVALID', 'Only custom events may be sent outside a run.');
    }
    const { options, timestamp } = this.#user.runtime;
    const json = serialiseData({ type, thread_id, data }, options);
    this.#user.admit();
    const log = await this.#user.open();
    const thread = JSON.stringify(thread_id);
    const traceparent = currentTraceparent(this.#user.runtime);
    const trace = traceparent === undefined ? '' : `,"traceparent":"${traceparent}"`;
    const body = `${this.#user.envelope},"type":"${type}","thread_id":${thread},"timestamp":"${timestamp()}"${trace},"data":${json}}`;
    try {
      const position = await this.#user.append(log, [{ key: this.#user.key, body, type, thread_id, ends: false }]);
      await this.#user.yielded();
      return position;
    } catch (error) {
      if (isThroughlineError(error)) throw error;
      throw throughlineError('STORE_FAILED', 'The event was not stored.', error);
    }
  }

  async #begin(given: RunOptions): Promise<AgentRun> {
    this.#checkOpen();
    const options = this.#inScope(given);
    const { thread_id, run_id, message_id, parent_run_id, agent_name } = options;
    checkIds({ thread_id, run_id, message_id, parent_run_id });
    if (typeof agent_name !== 'string' || agent_name.length === 0 || agent_name.length > 128) {
      throw throughlineError('EVENT_INVALID', 'agent_name must be a string of 1 to 128 characters.');
    }
    const log = await this.#user.open();
    this.#checkOpen();
    if (run_id !== undefined && this.#user.runs.has(run_id)) {
      throw throughlineError('RUN_DUPLICATE', 'An unfinished run of this user has this id.');
    }
    const run = new AgentRun(this.#user, log, options, this.#context);
    this.#user.runs.set(run.run_id, run);
    const { head } = log;
    try {
      const started = await run.start(options);
      // A log does not store a (run_id, seq) twice: of a second run with this id it would drop everything, in silence.
      if ((parsePosition(started)?.offset as number) <= head) {
        throw throughlineError('RUN_DUPLICATE', 'The log holds a run of this id already.');
      }
    } catch (error) {
      // Whether its beginning is stored is unknown: it must end, or a page would wait for ever.
      if (isThroughlineError(error, 'STORE_FAILED')) void run.failed(error);
      else run.discard();
      throw error;
    }
    run.announce();
    return run;
  }

  #checkScope(thread_id: ThreadId): void {
    if (!this.scope || (this.scope.thread_id === thread_id && this.scope.run_id === undefined)) return;
    throw throughlineError('SCOPE_EXCEEDED', 'This manager may not send to this thread.');
  }

  /** A manager narrowed to a run begins nothing but what that run started. */
  #inScope(options: RunOptions): RunOptions {
    if (!this.scope) return options;
    const { thread_id, run_id } = this.scope;
    const { parent_run_id = run_id } = options;
    if (options.thread_id !== thread_id || (run_id !== undefined && parent_run_id !== run_id)) {
      throw throughlineError('SCOPE_EXCEEDED', 'This manager may not begin this run.');
    }
    return parent_run_id === undefined ? options : { ...options, parent_run_id };
  }

  /** What has begun may end; nothing begins in the name of a context that was revoked or has ended. */
  #checkOpen(): void {
    userOf(this.#context);
  }
}

function checkIds(ids: Readonly<Record<string, string | undefined>>): void {
  for (const [name, id] of Object.entries(ids)) {
    const optional = name !== 'thread_id';
    if ((id === undefined && optional) || isId(id)) continue;
    throw throughlineError('ID_INVALID', `${name} is not an id.`);
  }
}
