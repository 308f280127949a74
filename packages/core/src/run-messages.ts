// What a user says to a run at work: approvals, answers, steering. Read by the run, in order, each once.
import type { IncomingMessage } from './options.js';

interface Waiting {
  readonly message: IncomingMessage;
  readonly settled: (read: boolean) => void;
}

type Next = IteratorResult<IncomingMessage, undefined>;

interface Reader {
  /** The loop that waits. */
  readonly loop: object;
  readonly resolve: (next: Next) => void;
}

const done: Next = { value: undefined, done: true };

/** One per run. Several loops share it: each message goes to one of them. */
export class RunMessages implements AsyncIterable<IncomingMessage> {
  readonly #most: number;
  readonly #waiting: Waiting[] = [];
  readonly #readers: Reader[] = [];
  #over = false;

  /** @param most how many messages may wait to be read */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Hands a message to the run.
   *
   * @param settled told whether the run has read it, or ended before
   * @returns `'over'` when the run reads nothing any more, `'full'` when too many wait
   */
  offer(message: IncomingMessage, settled: (read: boolean) => void): 'taken' | 'full' | 'over' {
    if (this.#over) return 'over';
    const reader = this.#readers.shift();
    if (reader) {
      reader.resolve({ value: message, done: false });
      settled(true);
      return 'taken';
    }
    if (this.#waiting.length >= this.#most) return 'full';
    this.#waiting.push({ message, settled });
    return 'taken';
  }

  /** The run reads nothing any more: loops end, and senders of what was not read are told. */
  end(): void {
    this.#over = true;
    for (const { resolve } of this.#readers.splice(0)) resolve(done);
    for (const { settled } of this.#waiting.splice(0)) settled(false);
  }

  [Symbol.asyncIterator](): AsyncIterator<IncomingMessage, undefined> {
    const loop = {};
    return { next: () => this.#next(loop), return: () => this.#leave(loop) };
  }

  #next(loop: object): Promise<Next> {
    const first = this.#waiting.shift();
    if (first) {
      first.settled(true);
      return Promise.resolve({ value: first.message, done: false });
    }
    if (this.#over) return Promise.resolve(done);
    return new Promise((resolve) => this.#readers.push({ loop, resolve }));
  }

  /** A loop that is left waits no more: it would take a message that nobody sees. */
  #leave(loop: object): Promise<Next> {
    for (const reader of this.#readers.filter((each) => each.loop === loop)) {
      this.#readers.splice(this.#readers.indexOf(reader), 1);
      reader.resolve(done);
    }
    return Promise.resolve(done);
  }
}
