// Chance that can be repeated: everything a simulation leaves to chance comes from one seed.

/** A source of chance. Two of the same seed say the same. */
export interface Random {
  /** 32 bits, as a signed number: small enough to be no object of the engine's heap. */
  bits(): number;
  /** A number in [0, 1). */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** How long, in ms, until something that happens each `mean` ms on average: a Poisson process, at most ten times as long. */
  wait(mean: number): number;
  /** 16 characters of base64url. */
  id(): string;
  /** A source of its own, so that what one actor draws does not change what others draw. */
  fork(): Random;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, and fast. The first twelve numbers only mix the seed in. */
export function createRandom(seed: number): Random {
  let a = Math.floor(seed / 2 ** 32) | 0;
  let b = seed | 0;
  let c = 0x9e37_79b9 | 0;
  let counter = 1;
  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum;
  };
  for (let round = 0; round < 12; round++) bits();
  const next = () => (bits() >>> 0) / 2 ** 32;
  const int = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    bits,
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[int(0, choices.length - 1)] as (typeof choices)[number],
    wait: (mean) => Math.ceil(Math.min(10, -Math.log(1 - next())) * mean),
    id() {
      let id = '';
      for (let left = 16; left > 0; left--) id += alphabet[bits() >>> 26];
      return id;
    },
    fork: () => createRandom((bits() >>> 0) * 2 ** 20 + (bits() >>> 12)),
  };
}
