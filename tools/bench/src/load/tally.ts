// Counts the events of one connection, and finds what is lost, doubled or out of order.

/** Only so many faults are told: with one there are often thousands. */
const mostFaults = 5;

export class Tally {
  #next: number;
  #count = 0;
  #jumpAllowed = false;
  readonly #faults: string[] = [];
  #excuses = 0;

  /** @param next the number of the event that must come first */
  constructor(next = 0) {
    this.#next = next;
  }

  /** The number of the event that must come next. */
  get next(): number {
    return this.#next;
  }

  /** How many events came. */
  get count(): number {
    return this.#count;
  }

  get faults(): readonly string[] {
    return this.#faults;
  }

  /** How often the peer said that some will not come. */
  get excuses(): number {
    return this.#excuses;
  }

  /** An event came, of this number. */
  take(n: number): void {
    this.#count += 1;
    if (n !== this.#next && !(this.#jumpAllowed && n > this.#next)) this.#fault(n);
    this.#jumpAllowed = false;
    this.#next = n + 1;
  }

  /** The peer said that some events will not come: the next may have any higher number. */
  excuse(): void {
    this.#jumpAllowed = true;
    this.#excuses += 1;
  }

  #fault(n: number): void {
    const what = n > this.#next ? 'events are missing before it' : 'it came before, or too late';
    if (this.#faults.length < mostFaults) this.#faults.push(`event ${n} instead of ${this.#next}: ${what}`);
  }
}
