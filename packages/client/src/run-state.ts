// What a run looks like to a user, and how each event changes it. Pure.
import type { AgentEvent } from '@throughline/events';

export interface Thought {
  readonly reasoning: string;
  readonly step_number?: number | undefined;
  /** 0 to 1. */
  readonly progress?: number | undefined;
}

export interface ToolState {
  readonly tool_call_id: string;
  readonly tool_name: string;
  /** Empty when the beginning of the call is no longer in the log. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly status: 'executing' | 'succeeded' | 'failed';
  readonly results?: unknown;
  readonly error?: RunError | undefined;
  readonly duration_ms?: number | undefined;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
}

/** A run as far as its events are known. Never changed: an event makes another one, sharing what stayed the same. */
export interface RunState {
  readonly run_id: string;
  readonly thread_id: string;
  readonly agent_name: string;
  /** The message it answers: the `id` that `client.send()` returned. */
  readonly message_id?: string | undefined;
  /** The run that started it. */
  readonly parent_run_id?: string | undefined;
  readonly task_description?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly status: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted';
  /** The answer so far: its pieces, joined. */
  readonly text: string;
  /** In order. Thoughts of one `step_number` are one thought that grew. */
  readonly thoughts: readonly Thought[];
  /** In the order in which they began. */
  readonly tools: readonly ToolState[];
  readonly final_response?: unknown;
  readonly error?: RunError | undefined;
  readonly usage?: Readonly<Record<string, number>> | undefined;
  /** ISO 8601. */
  readonly started_at?: string | undefined;
  /** ISO 8601. */
  readonly ended_at?: string | undefined;
  /** `seq` of the last event folded. */
  readonly last_seq: number;
  /** Events are missing: the log no longer held the beginning, or had a hole. */
  readonly truncated: boolean;
  /** How many events of types that are not folded here (a team's own) the run has had. */
  readonly other_events: number;
}

export interface RunsState {
  /** By `run_id`, in the order in which they began. */
  readonly runs: ReadonlyMap<string, RunState>;
}

/** An event of a run, as opposed to a custom event sent outside one. */
export type RunEvent = AgentEvent & { readonly run_id: string; readonly seq: number };

export function isRunEvent(event: AgentEvent): event is RunEvent {
  return event.run_id !== undefined && event.seq !== undefined;
}

/**
 * Folds one event into its run.
 *
 * @param run the run so far; `undefined` before its first event
 * @returns the same object when the event changes nothing, because it is folded already
 */
export function foldRun(run: RunState | undefined, event: RunEvent): RunState {
  const before = run ?? begin(event);
  if (event.seq <= before.last_seq) return before;
  const truncated = before.truncated || (event.first_seq ?? event.seq) !== before.last_seq + 1;
  return { ...before, ...change(before, event), last_seq: event.seq, truncated };
}

function begin({ run_id, thread_id, agent_name = '' }: RunEvent): RunState {
  return {
    run_id,
    thread_id,
    agent_name,
    status: 'running',
    text: '',
    thoughts: [],
    tools: [],
    last_seq: 0,
    truncated: false,
    other_events: 0,
  };
}

function change(run: RunState, event: RunEvent): Partial<RunState> {
  switch (event.type) {
    case 'agent_started': {
      const { message_id, parent_run_id, task_description, metadata } = event.data;
      return { message_id, parent_run_id, task_description, metadata, started_at: event.timestamp };
    }
    case 'agent_thinking':
      return { thoughts: think(run.thoughts, event.data) };
    case 'partial_result':
      // Engines join strings lazily: ten thousand pieces cost ten thousand steps, not their square.
      return { text: run.text + event.data.text };
    case 'tool_executing': {
      const { tool_call_id, tool_name, parameters } = event.data;
      return { tools: [...run.tools, { tool_call_id, tool_name, parameters, status: 'executing' }] };
    }
    case 'tool_completed': {
      const { tool_call_id, tool_name, success, results, error, duration_ms } = event.data;
      const status = success ? 'succeeded' : 'failed';
      const at = run.tools.findLastIndex((tool) => tool.tool_call_id === tool_call_id);
      const begun = run.tools[at] ?? { tool_call_id, tool_name, parameters: {} };
      const done = { ...begun, status, results, error, duration_ms } as const;
      return { tools: at < 0 ? [...run.tools, done] : run.tools.with(at, done) };
    }
    case 'agent_completed': {
      const { outcome, final_response, error, usage } = event.data;
      return { status: outcome, final_response, error, usage, ended_at: event.timestamp };
    }
    default:
      return { other_events: run.other_events + 1 };
  }
}

function think(thoughts: readonly Thought[], { reasoning, step_number, progress }: Thought): readonly Thought[] {
  const at = step_number === undefined ? -1 : thoughts.findLastIndex((thought) => thought.step_number === step_number);
  const begun = thoughts[at];
  if (!begun) return [...thoughts, { reasoning, step_number, progress }];
  return thoughts.with(at, {
    reasoning: begun.reasoning + reasoning,
    step_number,
    progress: progress ?? begun.progress,
  });
}
