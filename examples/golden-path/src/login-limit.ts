import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Slows down guessing: few tries for one name from one place, more for all names from there. */
export interface LoginLimit {
  /** @returns the seconds to wait, or 0 when a try is free. Each try counts until it succeeds. */
  tryOnce(name: string, address: string): Promise<number>;
  /** The try was no guess. */
  succeeded(name: string, address: string): Promise<void>;
}

export interface LoginLimits {
  readonly perName: number;
  readonly perAddress: number;
  readonly seconds: number;
}

export const usualLimits: LoginLimits = { perName: 5, perAddress: 30, seconds: 60 };

export function createLoginLimit({ perName, perAddress, seconds }: LoginLimits): LoginLimit {
  const names = new RateLimiterMemory({ points: perName, duration: seconds });
  const addresses = new RateLimiterMemory({ points: perAddress, duration: seconds });
  // The limiter keys by text: a separator that no address has keeps "a" + "b:c" and "a:b" + "c" apart.
  const keyOf = (name: string, address: string): string => `${address} ${name}`;
  return {
    async tryOnce(name, address) {
      try {
        await addresses.consume(address);
        await names.consume(keyOf(name, address));
        return 0;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
        throw refusal;
      }
    },
    async succeeded(name, address) {
      await names.delete(keyOf(name, address));
      await addresses.reward(address);
    },
  };
}
