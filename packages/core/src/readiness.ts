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
  readonly #missing: Map<string, Dependency>;
  #stop: (() => void) | undefined;
  #stopped = false;

  constructor(dependencies: readonly Dependency[], scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.#missing = new Map(dependencies.map((dependency) => [dependency.name, dependency]));
    void this.#ask();
  }

  /** Names of the dependencies that have not answered yet. */
  get missing(): readonly string[] {
    return [...this.#missing.keys()];
  }

  stop(): void {
    this.#stopped = true;
    this.#stop?.();
  }

  /** Asks all that are missing at once, one round at a time, until none is. */
  async #ask(): Promise<void> {
    while (this.#missing.size > 0 && !this.#stopped) {
      await Promise.all([...this.#missing.values()].map((dependency) => this.#askOne(dependency)));
      if (this.#missing.size > 0 && !this.#stopped) await this.#pause(retryMs);
    }
  }

  async #askOne(dependency: Dependency): Promise<void> {
    let cancel: (() => void) | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      cancel = this.#scheduler.after(checkTimeoutMs, () => resolve(false));
    });
    const answer = (async () => {
      await dependency.check();
      return true;
    })().catch(() => false);
    if (await Promise.race([answer, timeout])) this.#missing.delete(dependency.name);
    cancel?.();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#scheduler.after(ms, resolve);
      this.#stop = () => {
        cancel();
        resolve();
      };
    });
  }
}
