// What events come to when a page folds them: written for tests alone, from PROTOCOL.md, without a look at any client.
import type { ReadEntry } from './frame-reader.js';

interface FoldedRun {
  readonly thread_id: unknown;
  readonly agent_name: unknown;
  seq: number;
  timestamp: unknown;
  text: string;
  readonly thoughts: { readonly step: unknown; reasoning: string; progress: unknown }[];
  /** Everything that is sent as it was. */
  readonly whole: unknown[];
  /** How often the numbers jumped. */
  jumps: number;
  /** How many events came that were held already. */
  repeated: number;
}

export interface Folded {
  readonly runs: Record<string, FoldedRun>;
  /** What was said outside of runs, by thread. */
  readonly asides: Record<string, unknown[]>;
}

export function nothingFolded(): Folded {
  return { runs: Object.create(null) as Folded['runs'], asides: Object.create(null) as Folded['asides'] };
}

/** Folds one event; tells whether it was news. Events outside of runs are for the caller to tell apart, by offset. */
export function foldInto(folded: Folded, event: ReadEntry): boolean {
  const { type, run_id, thread_id, agent_name, timestamp } = event;
  if (run_id === undefined) {
    const list = folded.asides[String(thread_id)] ?? [];
    folded.asides[String(thread_id)] = [...list, [event.offset, type, timestamp, event.data]];
    return true;
  }
  const id = run_id as string;
  const known = folded.runs[id];
  const run: FoldedRun = known ?? {
    ...{ thread_id, agent_name, seq: 0, timestamp, text: '' },
    ...{ thoughts: [], whole: [], jumps: 0, repeated: 0 },
  };
  folded.runs[id] = run;
  const seq = Number(event.seq);
  if (seq <= run.seq) {
    run.repeated += 1;
    return false;
  }
  const first = Number(event.first_seq ?? seq);
  const lengths = (event.pieces ?? []) as readonly number[];
  if (first > run.seq + 1 || (first <= run.seq && lengths.length !== seq - first + 1)) run.jumps += 1;
  // Of what is joined, pieces that are held already are left out.
  const from = lengths.slice(0, Math.max(0, run.seq + 1 - first)).reduce((sum, length) => sum + length, 0);
  run.seq = seq;
  run.timestamp = timestamp;
  const data = event.data as { text: string; reasoning: string; step_number?: number; progress?: number };
  if (type === 'partial_result') {
    run.text += data.text.slice(from);
  } else if (type === 'agent_thinking') {
    const { step_number: step, progress } = data;
    const reasoning = data.reasoning.slice(from);
    const thought = step === undefined ? undefined : run.thoughts.findLast((other) => other.step === step);
    if (thought) {
      thought.reasoning += reasoning;
      thought.progress = progress ?? thought.progress;
    } else {
      run.thoughts.push({ step, reasoning, progress });
    }
  } else {
    run.whole.push([seq, type, data]);
  }
  return true;
}

export function fold(events: Iterable<ReadEntry>): Folded {
  const folded = nothingFolded();
  for (const event of events) foldInto(folded, event);
  return folded;
}
