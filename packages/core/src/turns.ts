// The end of a turn, asked for once for all users of a service.
import type { Scheduler } from './scheduler.js';
import { reportFault, type Telemetry } from './telemetry.js';

/** Who has something to do at the end of a turn. */
export interface Turning {
  turn(): void;
}

export class Turns {
  readonly #scheduler: Scheduler;
  readonly #report: Telemetry;
  #asked: Turning[] = [];

  constructor(scheduler: Scheduler, report: Telemetry) {
    this.#scheduler = scheduler;
    this.#report = report;
  }

  /** Calls `member` when the code that runs now has finished. */
  ask(member: Turning): void {
    if (this.#asked.push(member) === 1) this.#scheduler.turn(() => this.#end());
  }

  #end(): void {
    const asked = this.#asked;
    this.#asked = [];
    for (const member of asked) {
      try {
        member.turn();
      } catch (error) {
        // What fails for one user is no reason to keep others waiting.
        reportFault(this.#report, 'turn', error);
      }
    }
  }
}
