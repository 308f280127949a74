// Run state for any UI: what a page shows, kept up to date by a client's events.
import type { AgentEvent } from '@throughline/events';
import type { ThroughlineClient } from './client.js';
import { foldRun, isRunEvent, type RunState, type RunsState } from './run-state.js';

export type { RunError, RunState, RunsState, Thought, ToolState } from './run-state.js';

/** Before any event. */
export const noRuns: RunsState = { runs: new Map() };

/**
 * Folds one event into the state of all runs: `events.reduce(fold, noRuns)`. Forgets no run.
 *
 * @returns the same object when the event changes nothing: it is folded already, or belongs to no run
 */
export function fold(state: RunsState, event: AgentEvent): RunsState {
  if (!isRunEvent(event)) return state;
  const before = state.runs.get(event.run_id);
  const after = foldRun(before, event);
  return after === before ? state : { runs: new Map(state.runs).set(event.run_id, after) };
}

export interface RunStoreOptions {
  /** How many runs that have ended are kept; the one that began first goes first. 100 unless given. */
  readonly endedRuns?: number | undefined;
}

export interface RunStore {
  /** The state now: the same object until something changes, so that it fits `useSyncExternalStore`. */
  getSnapshot(): RunsState;
  /** Calls `listener` after each change, at once; returns a function that ends it. */
  subscribe(listener: () => void): () => void;
  /** Stops listening to the client. The last snapshot stays. */
  dispose(): void;
}

/**
 * Makes a store. It clears itself on `reset`: the page then loads its history again, and what follows is folded anew.
 *
 * @param client a client, or anything that gives its events; create the store before `connect()`, to miss none
 */
export function createRunStore(client: Pick<ThroughlineClient, 'on'>, options: RunStoreOptions = {}): RunStore {
  const { endedRuns = 100 } = options;
  const runs = new Map<string, RunState>();
  const listeners = new Set<() => void>();
  let ended = 0;
  /** Made when asked for: a thousand events between two looks cost one copy of the map. */
  let snapshot: RunsState | undefined = noRuns;

  function changed() {
    snapshot = undefined;
    for (const listener of [...listeners]) listener();
  }
  const stops = [
    client.on('event', (event) => {
      if (!isRunEvent(event)) return;
      const before = runs.get(event.run_id);
      const after = foldRun(before, event);
      if (after === before) return;
      runs.set(event.run_id, after);
      if (after.status !== 'running' && (!before || before.status === 'running') && ++ended > endedRuns) forget();
      changed();
    }),
    client.on('reset', () => {
      runs.clear();
      ended = 0;
      changed();
    }),
  ];
  function forget() {
    for (const [run_id, { status }] of runs) {
      if (status === 'running') continue;
      runs.delete(run_id);
      ended--;
      return;
    }
  }

  return {
    getSnapshot() {
      snapshot ??= { runs: new Map(runs) };
      return snapshot;
    },
    subscribe(listener) {
      // Its own: one function may subscribe twice, and each ends alone.
      const own = () => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    dispose() {
      for (const stop of stops) stop();
    },
  };
}
