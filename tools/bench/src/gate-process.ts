// One subject of the gate, in a process of its own, so that each pays for its own garbage. Ordered by gate.ts.
import type { Written } from './gate/sink.js';
import { open, type Subject } from './gate/subjects.js';
import { type Handlers, type Orders, obey } from './harness/orders.js';
import type { Speaker } from './peers/peer.js';

/** What a sample came to. */
export interface GateSample {
  /** CPU time per event in µs. */
  readonly cpu: number;
  /** Calls of the network per event. */
  readonly writes: number;
  readonly bytes: number;
}

const users = 50;
const text = 'mainly because ';
const written: Written = { writes: 0, bytes: 0 };
let speakers: readonly Speaker[] = [];
let said = 0;
/** Rounds of useless work that are planted into each event. */
let planted = 0;
/** Work must leave something behind, or it is none. */
let residue = 1;

function waste(rounds: number): void {
  for (let round = 0; round < rounds; round++) residue = (Math.imul(residue, 48_271) + round) | 0;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const handlers = {
  async start(subject: Subject) {
    const names = Array.from({ length: users }, (_, number) => `u${number}`);
    speakers = await open[subject](names, written);
  },

  /** @param burst events to each user in a turn */
  async sample(burst: number, turns: number): Promise<GateSample> {
    // What others left is theirs.
    await turn();
    const before = { ...written };
    const since = cpuMicros();
    for (let count = 0; count < turns; count++) {
      for (const speaker of speakers) {
        for (let event = 0; event < burst; event++) {
          void speaker.say({ n: said, at: 123_456_789_012, text });
          said += 1;
          if (planted > 0) waste(planted);
        }
      }
      await turn();
    }
    await turn();
    const events = turns * burst * speakers.length;
    return {
      cpu: (cpuMicros() - since) / events,
      writes: (written.writes - before.writes) / events,
      bytes: (written.bytes - before.bytes) / events,
    };
  },

  /** Makes each event dearer by so many µs, to see that it is noticed. */
  plant(micros: number) {
    planted = 0;
    if (micros === 0) return;
    const rounds = 1_000_000;
    let fastest = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 20; attempt++) {
      const since = cpuMicros();
      waste(rounds);
      fastest = Math.min(fastest, cpuMicros() - since);
    }
    planted = Math.round((micros / fastest) * rounds);
  },
} satisfies Handlers;

/** What may be asked of a subject. */
export type GateProcess = Orders<typeof handlers>;

obey(handlers);
