// Judges each event by (run_id, seq): section 4.2 of the protocol.
import type { AgentEvent } from '@throughline/events';
import { remember } from './recent.js';

/**
 * - `new`: the next of its run, or one that joins what is held with what is next: take `rest` of it.
 * - `held`: processed before; drop it.
 * - `gap`: not the next. Something before it never came.
 */
export type Verdict = 'new' | 'held' | 'gap';

interface RunMemory {
  readonly thread: string;
  /** `seq` of its last event processed. */
  readonly last: number;
  /** Offset of that event; infinite when it ended the run. */
  readonly at: number;
}

/**
 * The memory by which duplicates are told from news.
 *
 * Its bound: the 1,000 runs that spoke last, some 200 bytes each, however many there ever were. That is enough because
 * `seen`, the highest offset up to which a thread was read, stands in for every run that is not remembered: what is sent
 * again of such a run lies at or below it, and was processed (or belongs to a snapshot that was opened after it). A run is
 * remembered past its end to catch an entry that a store appended twice, which has an offset of its own; and while it is
 * open, to see a gap. A run of which nothing was heard while 1,000 others spoke is taken up again without these two checks.
 */
export interface Order {
  judge(event: AgentEvent): Verdict;
  /** A new event without the pieces that are held. */
  rest(event: AgentEvent): AgentEvent;
  /** Notes an event as processed. */
  note(event: AgentEvent): void;
  /** Names the place in a run behind which an event did not fit, so that the same jump is known when it comes again. */
  place(event: AgentEvent): string;
  /** Forgets everything. */
  restart(): void;
  /** Whether a run of such a thread, held and open, may have entries, up to `offset`, that were never processed. */
  mayMiss(offset: number, anew: (thread: string) => boolean): boolean;
}

/** @param seen the highest offset up to which a thread was read */
export function createOrder(seen: (thread: string) => number): Order {
  const runs = new Map<string | undefined, RunMemory>();
  return {
    judge({ run_id, seq = 0, first_seq = seq, pieces, offset, thread_id }) {
      const run = runs.get(run_id);
      if (!run) return offset > seen(thread_id) ? 'new' : 'held';
      if (seq <= run.last) return 'held';
      return first_seq === run.last + 1 || (first_seq <= run.last && pieces) ? 'new' : 'gap';
    },
    rest(event) {
      const { first_seq = Infinity, pieces = [], run_id, data } = event;
      const held = (runs.get(run_id)?.last ?? 0) + 1 - first_seq;
      if (held <= 0) return event;
      const name = event.type === 'partial_result' ? 'text' : 'reasoning';
      const from = pieces.slice(0, held).reduce((sum, piece) => sum + piece, 0);
      const text = (data as Record<string, string>)[name]?.slice(from);
      const rest = {
        first_seq: first_seq + held,
        pieces: pieces.slice(held),
        data: { ...(data as object), [name]: text },
      };
      return { ...event, ...rest } as AgentEvent;
    },
    note({ run_id, seq, offset, type, thread_id }) {
      if (!run_id || !seq) return;
      remember(runs, run_id, { thread: thread_id, last: seq, at: type === 'agent_completed' ? Infinity : offset });
    },
    place: ({ run_id }) => `${run_id} ${runs.get(run_id)?.last}`,
    restart: () => runs.clear(),
    mayMiss: (offset, anew) => [...runs.values()].some(({ at, thread }) => at < offset && anew(thread)),
  };
}
