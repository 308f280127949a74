// Events for `for await`, at the pace of the loop that takes them.
import type { AgentEvent } from '@throughline/events';
import { type ClientError, clientError } from './errors.js';

/**
 * How many events may wait for a loop. An event counts as processed when every loop has come back for the next one, so
 * a loop that falls behind holds back the acks, and the service stops at its window of 128 KiB. Only reconnects open
 * new windows: a loop with this many before it stands still, and is ended with an error.
 */
const most = 10_000;

interface Entry {
  readonly event: AgentEvent | undefined;
  readonly settle: () => void;
}

interface Loop {
  /** The number of the entry in hand, or of the next. */
  at: number;
  wake?: () => void;
  /** No more events come; throw the error, if there is one. */
  over?: { readonly error: ClientError | undefined };
}

export interface Iteration {
  /** Hands an event (none for one that was dropped) to each loop; calls `settle`, in order, when all are done with it. */
  deliver(event: AgentEvent | undefined, settle: () => void): void;
  /** Takes back, unsettled, what no loop is done with. */
  clear(): void;
  /** Ends each loop after the events that wait for it. */
  end(error: ClientError | undefined): void;
  iterate(): AsyncGenerator<AgentEvent, void, undefined>;
}

export function createIteration(report: (fault: ClientError) => void): Iteration {
  const loops = new Set<Loop>();
  /** What is not settled. Empty as long as nobody iterates. */
  let backlog: Entry[] = [];
  /** The number of its first entry. */
  let first = 0;

  function settle() {
    while (backlog[0] && [...loops].every((loop) => loop.at > first)) {
      first++;
      backlog.shift()?.settle();
    }
  }
  function end(error: ClientError | undefined) {
    for (const loop of loops) {
      loop.over ??= { error };
      loop.wake?.();
    }
  }
  function clear() {
    first += backlog.length;
    backlog = [];
    for (const loop of loops) loop.at = first;
  }

  return {
    end,
    clear,
    deliver(event, done) {
      backlog.push({ event, settle: done });
      if (backlog.length > most) {
        const error = clientError('LOOP_TOO_SLOW');
        for (const loop of loops) {
          if (loop.at > first) continue;
          loop.over ??= { error };
          loops.delete(loop);
        }
        report(error);
      }
      settle();
      for (const loop of loops) loop.wake?.();
    },
    async *iterate() {
      const loop: Loop = { at: first + backlog.length };
      loops.add(loop);
      try {
        for (;;) {
          const entry = backlog[loop.at - first];
          if (entry) {
            if (entry.event) yield entry.event;
            // Unless it was taken back meanwhile.
            if (backlog[loop.at - first] === entry) loop.at++;
            settle();
          } else if (loop.over) {
            if (loop.over.error) throw loop.over.error;
            return;
          } else {
            await new Promise<void>((wake) => {
              loop.wake = wake;
            });
          }
        }
      } finally {
        loops.delete(loop);
        settle();
      }
    },
  };
}
