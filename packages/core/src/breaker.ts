// The breaker: while storage fails nobody new is let in, so that it can recover.

/** So many failures in a row open it. */
const threshold = 5;
/** So long after the last failure, in ms, newcomers try again. */
const pauseMs = 5_000;

export class Breaker {
  readonly #now: () => number;
  readonly #onChange: () => void;
  #failures = 0;
  #lastFailure = 0;

  /** @param onChange told when storage begins to fail, and when it works again */
  constructor(now: () => number, onChange: () => void) {
    this.#now = now;
    this.#onChange = onChange;
  }

  /** Storage fails: what it does not take is told to those who sent it. */
  get failing(): boolean {
    return this.#failures >= threshold;
  }

  /** Nobody new is let in. After a pause some are, to see whether storage works again. */
  get open(): boolean {
    return this.failing && this.#now() - this.#lastFailure < pauseMs;
  }

  failed(): void {
    this.#lastFailure = this.#now();
    this.#failures += 1;
    if (this.#failures === threshold) this.#onChange();
  }

  worked(): void {
    if (this.#failures === 0) return;
    const failing = this.failing;
    this.#failures = 0;
    if (failing) this.#onChange();
  }
}
