// Token buckets: how often something may happen.

/** A rate: `burst` at once, then `perSecond`. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /**
   * Takes one.
   *
   * @param now ms since the epoch
   * @returns how many seconds until there is one; 0 when this one is granted
   */
  take(now: number): number {
    const wait = this.wait(now);
    if (wait === 0) this.#tokens -= 1;
    return wait;
  }

  /** How many seconds until there is one; 0 when there is. Takes none. */
  wait(now: number): number {
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) / 1_000) * perSecond);
    this.#at = now;
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) / perSecond);
  }
}

/** Names remembered at most: an attacker with many addresses must not fill the memory. */
const mostNames = 65_536;

/** A bucket for each name, such as an address. Those that were silent longest are forgotten first. */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes one for a name: see {@link TokenBucket.take}. */
  take(name: string, now: number): number {
    const bucket = this.#buckets.get(name) ?? new TokenBucket(this.#rate, now);
    this.#buckets.delete(name);
    if (this.#buckets.size >= mostNames) this.#buckets.delete(this.#buckets.keys().next().value as string);
    this.#buckets.set(name, bucket);
    return bucket.take(now);
  }
}
