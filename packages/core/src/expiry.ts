// When a session's credential ends, and the grace after it in which a better one may come.

export class Expiry {
  /** In ms since the epoch. */
  readonly expiresAt: number;
  readonly graceEndsAt: number;

  constructor(expiresAt: number, graceMs: number) {
    this.expiresAt = expiresAt;
    this.graceEndsAt = expiresAt + graceMs;
  }

  isOver(now: number): boolean {
    return now >= this.expiresAt;
  }

  /** In ms from now. */
  left(now: number): number {
    return Math.max(0, this.expiresAt - now);
  }
}
