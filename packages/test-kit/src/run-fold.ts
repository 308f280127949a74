// What a run comes to for whoever reads it: written from PROTOCOL.md, without a look at any client, so that it can judge them.
import type { ReadRun } from './walk.js';

/** Thoughts of one `step_number` are one thought that grows. */
export interface FoldedThought {
  readonly step_number: number | undefined;
  reasoning: string;
  progress: number | undefined;
}

/** A run, folded. */
export interface FoldedRun {
  readonly thread_id: string;
  readonly agent_name: string | undefined;
  /** The pieces of the answer, joined. */
  readonly text: string;
  readonly thoughts: readonly FoldedThought[];
  /** Everything that is always sent as it was: `seq`, `type`, `data`. */
  readonly others: readonly (readonly [seq: number, type: string, data: unknown])[];
  readonly truncated: boolean;
  readonly last_seq: number;
  /** When its last event was appended. */
  readonly timestamp: string;
}

export function foldRun(run: ReadRun): FoldedRun {
  const { thread_id, agent_name, truncated, last, timestamp } = run;
  const thoughts: FoldedThought[] = [];
  const others: [number, string, unknown][] = [];
  let text = '';
  for (const { seq, type, data } of run.pieces.values()) {
    if (type === 'partial_result') text += (data as { readonly text: string }).text;
    else if (type === 'agent_thinking') think(thoughts, data as FoldedThought);
    else others.push([seq, type, data]);
  }
  return { thread_id, agent_name, text, thoughts, others, truncated, last_seq: last, timestamp };
}

function think(thoughts: FoldedThought[], { step_number, reasoning, progress }: FoldedThought): void {
  const begun = step_number === undefined ? undefined : thoughts.findLast((other) => other.step_number === step_number);
  if (!begun) {
    thoughts.push({ step_number, reasoning, progress });
    return;
  }
  begun.reasoning += reasoning;
  begun.progress = progress ?? begun.progress;
}
