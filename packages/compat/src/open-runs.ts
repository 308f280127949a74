// The runs of one user that legacy code has open, and which of them an event belongs to. Nothing is guessed.
import type { RunOptions, Scope, UserContext, WebSocketManager } from '@throughline/core';
import { compatError } from './errors.js';
import type { Fields } from './legacy-event.js';
import { OpenRun } from './open-run.js';

/** What an agent is called when legacy code does not say. */
const unnamedAgent = 'legacy_agent';

const builtIn = [
  'agent_started',
  'agent_thinking',
  'tool_executing',
  'tool_completed',
  'agent_completed',
  'partial_result',
];

export class OpenRuns {
  readonly #manager: WebSocketManager;
  readonly #scope: Scope | undefined;
  readonly #runs = new Set<OpenRun>();

  constructor(manager: WebSocketManager) {
    this.#manager = manager;
    this.#scope = manager.scope;
  }

  /** Appends an event, to its run where it has one. Events of a run that nobody began begin it. */
  async append(type: string, fields: Fields): Promise<void> {
    if (type === 'agent_started') {
      await this.#begin(fields).begun();
      return;
    }
    const run = this.#find(fields);
    if (run) await run.append(type, fields);
    else if (builtIn.includes(type)) await this.#begin(fields).append(type, fields);
    else await this.#manager.send(type as 'a.b', fields, { thread_id: this.#threadOf(fields) });
  }

  #find({ run_id, thread_id, agent_name }: Fields): OpenRun | undefined {
    const open = [...this.#runs];
    if (run_id !== undefined) return open.find((one) => one.run_id === run_id);
    const fitting = open.filter(
      ({ ending, options }) =>
        !ending &&
        (thread_id === undefined || options.thread_id === thread_id) &&
        (agent_name === undefined || options.agent_name === agent_name),
    );
    if (fitting.length > 1) {
      throw compatError('RUN_AMBIGUOUS', `${fitting.length} runs are open, and the event does not say whose it is.`);
    }
    return fitting[0];
  }

  #begin(fields: Fields): OpenRun {
    const { agent_name = unnamedAgent } = fields;
    const rest = ['run_id', 'task_description', 'message_id', 'parent_run_id', 'metadata']
      .filter((name) => fields[name] !== undefined)
      .map((name) => [name, fields[name]]);
    const place = { agent_name, thread_id: this.#threadOf(fields) };
    // As legacy code gave it: core checks each and names what is wrong.
    const options = { ...place, ...Object.fromEntries(rest) } as RunOptions;
    const run = new OpenRun(this.#manager, options, () => this.#runs.delete(run));
    this.#runs.add(run);
    return run;
  }

  #threadOf({ thread_id = this.#scope?.thread_id }: Fields): string {
    if (typeof thread_id === 'string') return thread_id;
    throw compatError('THREAD_UNKNOWN', 'The event does not say in which thread it is.');
  }
}

// Legacy code makes a manager for each event: what one began, the next must find. It is held as long as the user's manager.
const ofManagers = new WeakMap<object, OpenRuns>();

/** The open runs behind a manager: one record for all legacy managers of a user and sign-in, or of one narrowed context. */
export function openRunsOf(manager: WebSocketManager, userContext: UserContext): OpenRuns {
  const key = userContext.scope ? userContext : manager;
  const runs = ofManagers.get(key) ?? new OpenRuns(manager);
  ofManagers.set(key, runs);
  return runs;
}
