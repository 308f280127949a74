// The manager of one user. There is no other way to speak to anybody.
import { isBuiltInEventType } from '@throughline/events';
import { formatPosition, isId, type Position, parsePosition } from '@throughline/events/protocol';
import { AgentRun } from './agent-run.js';
import { isThroughlineError, throughlineError } from './errors.js';
import { serialiseData } from './event-body.js';
import type { Verdict } from './log.js';
import type { WebSocketManager, WorkResult } from './manager.js';
import type { Run, RunOptions } from './run.js';
import { type User, userOf } from './user.js';
import type { UserContext } from './user-context.js';

/**
 * The one way to get a manager.
 *
 * @param userContext minted by a service: what `onMessage` gets and what `service.authenticate()` returns
 * @returns the same manager for the same user
 * @throws CONTEXT_FORGED, CONTEXT_REVOKED, SERVICE_CLOSED
 */
export function getWebSocketManager(userContext: UserContext): WebSocketManager {
  const user = userOf(userContext);
  user.manager ??= new UserManager(user);
  return user.manager;
}

class UserManager implements WebSocketManager {
  readonly #user: User;
  readonly #generation: number;

  constructor(user: User) {
    this.#user = user;
    this.#generation = user.generation;
    Object.freeze(this);
  }

  get user_id(): string {
    return this.#user.key.user_id;
  }

  get tenant_id(): string {
    return this.#user.key.tenant_id;
  }

  async run<T extends WorkResult>(options: RunOptions, work: (run: Run) => Promise<T> | T): Promise<T> {
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
    return this.#begin(options);
  }

  send(type: `${string}.${string}`, data: unknown, { thread_id }: { readonly thread_id: string }): Verdict {
    const verdict = this.#send(type, data, thread_id);
    verdict.catch(() => {});
    return verdict;
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

  async #send(type: string, data: unknown, thread_id: string): Promise<Position> {
    this.#checkOpen();
    checkIds({ thread_id });
    if (isBuiltInEventType(type)) {
      throw throughlineError('EVENT_INVALID', 'Only custom events may be sent outside a run.');
    }
    const { options, scheduler } = this.#user.runtime;
    const json = serialiseData({ type, thread_id, data }, options);
    this.#user.admit();
    const log = await this.#user.open();
    const envelope = `"user_id":${JSON.stringify(this.user_id)},"thread_id":${JSON.stringify(thread_id)}`;
    const timestamp = new Date(scheduler.now()).toISOString();
    const body = `"type":"${type}",${envelope},"timestamp":"${timestamp}","data":${json}}`;
    try {
      const position = await this.#user.append(log, [{ body, type, thread_id, ends: false }]);
      await this.#user.yielded();
      return position;
    } catch (error) {
      if (isThroughlineError(error)) throw error;
      throw throughlineError('STORE_FAILED', 'The event was not stored.', error);
    }
  }

  async #begin(options: RunOptions): Promise<AgentRun> {
    this.#checkOpen();
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
    const run = new AgentRun(this.#user, log, options);
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
    this.#user.runtime.report({ kind: 'run_started', run_id: run.run_id, user_id: this.user_id });
    return run;
  }

  /** What has begun may end; nothing begins with a manager of before a revocation. */
  #checkOpen(): void {
    if (this.#user.runtime.closed) throw throughlineError('SERVICE_CLOSED', 'The service is closed.');
    if (this.#generation !== this.#user.generation) {
      throw throughlineError('CONTEXT_REVOKED', 'The user context of this manager was revoked.');
    }
  }
}

function checkIds(ids: Readonly<Record<string, string | undefined>>): void {
  for (const [name, id] of Object.entries(ids)) {
    const optional = name !== 'thread_id';
    if ((id === undefined && optional) || isId(id)) continue;
    throw throughlineError('ID_INVALID', `${name} is not an id.`);
  }
}
