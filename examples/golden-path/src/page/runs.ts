import type { RunError, RunState, Thought, ToolState } from '@throughline/client/store';
import type { FinishedRun, History } from '../history.js';

/** A run as the page shows it, wherever it came from. */
export interface RunView {
  readonly run_id: string;
  readonly thread_id: string;
  readonly message_id?: string | undefined;
  readonly question: string;
  readonly status: RunState['status'];
  readonly text: string;
  readonly thoughts: readonly Thought[];
  readonly tools: readonly ToolState[];
  readonly error?: RunError | undefined;
  readonly started_at: string;
  /** Which side it is shown from. */
  readonly source: 'history' | 'live';
}

function fromHistory(run: FinishedRun): RunView {
  return { ...run, source: 'history' };
}

function fromStore(run: RunState): RunView {
  const {
    run_id,
    thread_id,
    message_id,
    task_description = '',
    status,
    text,
    thoughts,
    tools,
    error,
    started_at = '',
  } = run;
  return {
    ...{ run_id, thread_id, question: task_description, status, text, thoughts, tools, started_at },
    ...(message_id === undefined ? {} : { message_id }),
    ...(error === undefined ? {} : { error }),
    source: 'live',
  };
}

export interface MergedRuns {
  /** By the time they began. */
  readonly runs: readonly RunView[];
  /** How many came both ways, by thread. */
  readonly shared: ReadonlyMap<string, number>;
}

/**
 * Puts the database's runs and the live ones together. The position of the snapshot was read before the database, so none is missing; one that ended
 * in between comes both ways, has the same `run_id`, and is shown once: as it came live, unless the live part has lost its beginning.
 */
export function createMerge(history: History): (live: ReadonlyMap<string, RunState>) => MergedRuns {
  const recorded = new Map(history.runs.map((run) => [run.run_id, fromHistory(run)]));
  // A run that did not change keeps its view, so that only what changed is drawn again.
  const views = new WeakMap<RunState, RunView>();
  const viewOf = (run: RunState): RunView => {
    const view = views.get(run) ?? fromStore(run);
    views.set(run, view);
    return view;
  };
  return (live) => {
    const merged = new Map(recorded);
    const shared = new Map<string, number>();
    for (const run of live.values()) {
      const known = recorded.get(run.run_id);
      if (known !== undefined) shared.set(run.thread_id, (shared.get(run.thread_id) ?? 0) + 1);
      if (known === undefined || !run.truncated) merged.set(run.run_id, viewOf(run));
    }
    const runs = [...merged.values()].sort((a, b) =>
      a.started_at < b.started_at ? -1 : a.started_at > b.started_at ? 1 : 0,
    );
    return { runs, shared };
  };
}
