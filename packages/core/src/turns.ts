// The end of a turn, asked for once for all users of a service.
import type { Scheduler } from './scheduler.js';
import { reportFault, type Telemetry } from './telemetry.js';

/** Who has something to do at the end of a turn. */
export interface TurnTaker {
  endTurn(): void;
}

export class Turns {
  readonly #scheduler: Scheduler;
  readonly #report: Telemetry;
  #takers: TurnTaker[] = [];

  constructor(scheduler: Scheduler, report: Telemetry) {
    this.#scheduler = scheduler;
    this.#report = report;
  }

  /** Has `taker` end its turn when the code that runs now has finished. */
  ask(taker: TurnTaker): void {
    if (this.#takers.push(taker) === 1) this.#scheduler.turn(() => this.#end());
  }

  #end(): void {
    const takers = this.#takers;
    // Whoever asks from now on asks for the next.
    this.#takers = [];
    for (const taker of takers) {
      try {
        taker.endTurn();
      } catch (error) {
        // What fails for one user is no reason to keep others waiting.
        reportFault(this.#report, 'turn', error);
      }
    }
  }
}
