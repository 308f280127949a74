// Whether the service lets anybody in, and why not.
import type { Scheduler } from './scheduler.js';

/** Something the service cannot work without. */
export interface Dependency {
  readonly name: string;
  /** Resolves when it is there, rejects when it is not. */
  check(): unknown | Promise<unknown>;
}

/** A dependency that does not answer within this time, in ms, counts as absent and is asked again. */
const checkTimeoutMs = 5_000;
const retryMs = 1_000;

/** Starts closed; opens for good when every dependency has answered once. */
export class Readiness {
  readonly #scheduler: Scheduler;
  readonly #missing: Set<Dependency>;
  /** What this waits for: each is ended by its answer, its time, or `stop`. */
  readonly #waits = new Set<() => void>();
  #stopped = false;

  constructor(dependencies: readonly Dependency[], scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.#missing = new Set(dependencies);
    void this.#ask();
  }

  /** Names of the dependencies that have not answered yet. */
  get missing(): readonly string[] {
    return [...this.#missing].map(({ name }) => name);
  }

  stop(): void {
    this.#stopped = true;
    for (const end of this.#waits) end();
  }

  /** Asks all that are missing at once, one round at a time, until none is. */
  async #ask(): Promise<void> {
    while (this.#missing.size > 0 && !this.#stopped) {
      await Promise.all([...this.#missing].map((dependency) => this.#askOne(dependency)));
      if (this.#missing.size > 0 && !this.#stopped) await this.#wait(retryMs);
    }
  }

  async #askOne(dependency: Dependency): Promise<void> {
    const answer = (async () => {
      await dependency.check();
      this.#missing.delete(dependency);
    })().catch(() => {});
    await this.#wait(checkTimeoutMs, answer);
  }

  /** Resolves after `ms`, or earlier. */
  #wait(ms: number, earlier?: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#waits.delete(end);
        resolve();
      };
      const cancel = this.#scheduler.after(ms, end);
      this.#waits.add(end);
      void earlier?.then(end);
    });
  }
}
