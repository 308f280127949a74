// Chance that can be repeated. For tests alone: nothing about it is secret.

/** A number in [0, 1), another with each call, the same ones for the same seed. */
export type Random = () => number;

/** SplitMix32 (public domain, by Sebastiano Vigna's SplitMix64): one addition and two multiplications a number. */
export function seededRandom(seed: number | string): Random {
  let state = hash(String(seed));
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
  };
}

/** FNV-1a: neighbouring seeds begin far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) as number), 0x01000193);
  return value;
}
