// Joins the pieces of an answer, so that a 6-byte token does not cost a frame of 172 bytes.
import type { Cancel, Scheduler } from './scheduler.js';

/** What follows a piece that was sent is joined so long, in ms: below what a reader notices. */
const joinMs = 25;
/** …or until it has so many UTF-16 code units. */
const joinLength = 1_024;

export class TextJoiner {
  readonly #scheduler: Scheduler;
  readonly #send: (text: string) => void;
  #held = '';
  #timer: Cancel | undefined;

  constructor(scheduler: Scheduler, send: (text: string) => void) {
    this.#scheduler = scheduler;
    this.#send = send;
  }

  /** The first piece goes at once; a piece that comes soon after another waits for its neighbours. */
  push(text: string): void {
    if (text === '') return;
    this.#held += text;
    if (!this.#timer) {
      this.flush();
      this.#wait();
    } else if (this.#held.length >= joinLength) {
      this.flush();
    }
  }

  /** Sends what is held. */
  flush(): void {
    if (this.#held === '') return;
    const text = this.#held;
    this.#held = '';
    this.#send(text);
  }

  /** Holds no timer any more. */
  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #wait(): void {
    this.#timer = this.#scheduler.after(joinMs, () => {
      this.#timer = undefined;
      if (this.#held === '') return;
      this.flush();
      this.#wait();
    });
  }
}
