// The end of a turn, asked for once for all users of a service.
import type { Scheduler } from './scheduler.js';
import { reportFault, type Telemetry } from './telemetry.js';

/** Who has something to do at the end of a turn. */
export interface TurnTaker {
  endTurn(): void;
  /** Does what need not wait for the end. */
  flush(): void;
}

/** Whoever has so many behind it in one turn is flushed before its end: who is spoken to first does not wait for all the others. */
const mostWaiting = 64;

export class Turns {
  readonly #scheduler: Scheduler;
  readonly #report: Telemetry;
  #takers: TurnTaker[] = [];
  /** How many of them were flushed before the end. */
  #flushed = 0;

  constructor(scheduler: Scheduler, report: Telemetry) {
    this.#scheduler = scheduler;
    this.#report = report;
  }

  /** Has `taker` end its turn when the code that runs now has finished. */
  ask(taker: TurnTaker): void {
    if (this.#takers.length - this.#flushed === mostWaiting) this.#flush();
    if (this.#takers.push(taker) === 1) this.#scheduler.turn(() => this.#end());
  }

  #flush(): void {
    const from = this.#flushed;
    this.#flushed = this.#takers.length;
    for (const taker of this.#takers.slice(from)) this.#attempt(() => taker.flush());
  }

  #end(): void {
    const takers = this.#takers;
    // Whoever asks from now on asks for the next.
    this.#takers = [];
    this.#flushed = 0;
    for (const taker of takers) this.#attempt(() => taker.endTurn());
  }

  /** What fails for one user is no reason to keep others waiting. */
  #attempt(task: () => void): void {
    try {
      task();
    } catch (error) {
      reportFault(this.#report, 'turn', error);
    }
  }
}
