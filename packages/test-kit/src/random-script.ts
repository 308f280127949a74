// Faults by chance: which ones a connection meets follows from the seed and from how many came before it, never from time.
import type { Direction, Fault, FaultPoint, Script } from './faults.js';
import { type Random, seededRandom } from './seeded-random.js';

export interface RandomFaults {
  /** Plays the same again. Default: a new one, which is printed. */
  readonly seed?: number | string;
  /** How many connections meet faults. Those behind them are left in peace, so that a test can end. Default 10. */
  readonly connections?: number;
}

/** Bytes and frames after which things happen: within a short answer. */
const mostBytes = 8_192;
const mostFrames = 40;
/** Longest latency and stall, in ms: many times that of loopback, and short enough for a test. */
const mostMs = 50;

/** The script of the connection with this number, counted from 0. */
export function randomScript(seed: number | string, connection: number): Script {
  const random = seededRandom(`${seed}/${connection}`);
  const below = (most: number) => Math.floor(random() * most);
  const weather: Fault[] = random() < 0.5 ? [] : [slowness(random, below)];
  return [...weather, blow(random, below)];
}

/** What slows a connection down and does not end it. */
function slowness(random: Random, below: (most: number) => number): Fault {
  const direction: Direction = random() < 0.8 ? 'down' : 'up';
  const kinds: readonly (() => Fault)[] = [
    () => ({ fault: 'latency', ms: below(mostMs), jitterMs: below(mostMs) }),
    () => ({ fault: 'bandwidth', direction, bytesPerSecond: 20_000 + below(200_000) }),
    () => ({ fault: 'stall', direction, at: point(random, below), ms: 1 + below(mostMs) }),
  ];
  return pick(kinds, below)();
}

/** What ends a connection, or leaves it half-dead. Half-open ones are cut later: clients notice them only after seconds. */
function blow(random: Random, below: (most: number) => number): Fault {
  const how = random() < 0.5 ? 'reset' : 'fin';
  const kinds: readonly (() => Fault)[] = [
    () => ({ fault: 'cut', how, at: point(random, below) }),
    () => ({ fault: 'cut', how, at: point(random, below) }),
    () => ({
      fault: 'close',
      code: pick([1001, 1006, 1011, 1012, 1013, 4408], below),
      at: { frame: below(mostFrames) },
    }),
    () => ({ fault: 'refuse' }),
    () => ({ fault: 'duplicate' }),
  ];
  return pick(kinds, below)();
}

function point(random: Random, below: (most: number) => number): FaultPoint {
  const direction: Direction = random() < 0.8 ? 'down' : 'up';
  return random() < 0.5 ? { direction, byte: below(mostBytes) } : { direction, frame: below(mostFrames) };
}

function pick<Item>(items: readonly Item[], below: (most: number) => number): Item {
  return items[below(items.length)] as Item;
}
