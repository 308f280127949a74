// Judges each event by (run_id, seq): section 4 of the protocol.
import type { AgentEvent } from '@throughline/events';

/**
 * - `new`: the next of its run.
 * - `held`: processed before; drop it.
 * - `gap`: not the next. Something before it never came; or it joins pieces that are processed with others that are
 *   not, and cannot be taken in part.
 */
export type Verdict = 'new' | 'held' | 'gap';

interface RunMemory {
  /** `seq` of its last event processed. */
  readonly last: number;
  /** Offset of that event; infinite when it ended the run. */
  readonly at: number;
}

/** How many runs are remembered. */
const most = 1_000;

/**
 * The memory by which duplicates are told from news.
 *
 * Its bound: the 1,000 runs that spoke last, some 200 bytes each, however many there ever were. That is enough because
 * `seen`, the highest offset processed, stands in for every run that is not remembered: what is sent again of such a
 * run lies at or below it, and was processed (or belongs to a snapshot that was opened after it). A run is remembered
 * past its end to catch an entry that a store appended twice, which has an offset of its own; and while it is open, to
 * see a gap. A run of which nothing was heard while 1,000 others spoke is taken up again without these two checks.
 */
export interface Order {
  judge(event: AgentEvent): Verdict;
  /** Notes an event as processed. */
  note(event: AgentEvent): void;
  /** Forgets everything: nothing is held, and reading goes on after `offset`. */
  restart(offset: number): void;
  /** Whether a run that is held and open may have entries, up to `offset`, that were never processed. */
  mayMiss(offset: number): boolean;
}

export function createOrder(): Order {
  const runs = new Map<string | undefined, RunMemory>();
  let seen = 0;
  return {
    judge({ run_id, seq = 0, first_seq = seq, offset }) {
      const run = runs.get(run_id);
      if (!run) return offset > seen ? 'new' : 'held';
      if (seq <= run.last) return 'held';
      return first_seq === run.last + 1 ? 'new' : 'gap';
    },
    note({ run_id, seq, offset, type }) {
      seen = Math.max(seen, offset);
      if (!run_id || !seq) return;
      // Out and in again: a Map keeps the order of insertion, so its first is the run that has been silent longest.
      runs.delete(run_id);
      runs.set(run_id, { last: seq, at: type === 'agent_completed' ? Infinity : offset });
      if (runs.size > most) runs.delete(runs.keys().next().value);
    },
    restart(offset) {
      runs.clear();
      seen = offset;
    },
    mayMiss: (offset) => [...runs.values()].some((run) => run.at < offset),
  };
}
