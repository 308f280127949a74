// When a session's credential ends, and the grace after it in which a better one may come.
import type { Scheduler } from './scheduler.js';

export class Expiry {
  readonly #now: Scheduler['now'];
  readonly #graceMs: number;
  #expiresAt = Number.POSITIVE_INFINITY;
  #graceEndsAt = Number.POSITIVE_INFINITY;

  constructor(now: Scheduler['now'], graceMs: number) {
    this.#now = now;
    this.#graceMs = graceMs;
  }

  /** In ms since the epoch; `Infinity` for a credential that does not end by itself. */
  get expiresAt(): number {
    return this.#expiresAt;
  }

  get graceEndsAt(): number {
    return this.#graceEndsAt;
  }

  /** A credential was accepted that ends then. */
  set(at: number): void {
    this.#expiresAt = at;
    this.#graceEndsAt = at + this.#graceMs;
  }

  get isOver(): boolean {
    // Asked before each write: a clock is not.
    return this.#expiresAt !== Number.POSITIVE_INFINITY && this.#now() >= this.#expiresAt;
  }

  /** In ms from now; `null` for never. */
  get left(): number | null {
    if (this.#expiresAt === Number.POSITIVE_INFINITY) return null;
    return Math.max(0, this.#expiresAt - this.#now());
  }
}
