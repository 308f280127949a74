/** A line that tells how far a check is, on a terminal and nowhere else. */
export interface Progress {
  readonly update: (done: number, total: number) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

/** What a progress line needs: the terminal it writes to, if it is one, and a clock in milliseconds. */
export interface ProgressPorts {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly now: () => number;
}

/** Who waits less than this, in milliseconds, needs no line. */
const PATIENCE = 500;

/** Begins to watch. Nothing is shown off a terminal, nor before somebody could wonder. */
export function startProgress({ isTerminal, write, now }: ProgressPorts): Progress {
  const start = now();
  let shown = false;
  return {
    update(done, total) {
      if (!isTerminal || now() - start < PATIENCE) return;
      shown = true;
      write(`\r\u001b[KReading modules: ${done} of ${total}`);
    },
    end() {
      if (shown) write('\r\u001b[K');
    },
  };
}
