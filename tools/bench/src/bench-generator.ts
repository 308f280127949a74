// The load generator of the comparison, in a process of its own. Started and ordered by harness/rig.ts.
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicClock } from './harness/clock.js';
import { type Handlers, type Orders, obey } from './harness/orders.js';
import { sampler } from './harness/sampling.js';
import { isComplete } from './load/arrival.js';
import { Connection } from './load/connection.js';
import { Tally } from './load/tally.js';
import { signTokens } from './load/tokens.js';
import { peerOf } from './peers/all.js';

/** Whom the generator is to be. */
export interface Crowd {
  /** Users are `u<number>`, from the first up to, and without, the last. */
  readonly from: number;
  readonly to: number;
  readonly sessionsPerUser?: number;
  /** Handshakes under way at once; all, when absent. */
  readonly concurrency?: number;
  /** Whether the ages of their events are noted. */
  readonly watched?: boolean;
}

/** What must have come. */
export interface Expectation {
  readonly from: number;
  readonly to: number;
  /** Every one of their sessions: so many events, and none is missing, doubled or out of order. */
  readonly events: number;
}

export interface Ages {
  readonly count: number;
  /** In ms. */
  readonly p50: number;
  readonly p99: number;
}

const patienceMs = 120_000;
/** Loopback is 127.0.0.0/8: so many addresses, each with its own ports. */
const addresses = 16;

const now = monotonicClock();
const buffer = Buffer.allocUnsafeSlow(1_048_576);
const ages = createHistogram();
const sampled = sampler();
const crowd = new Map<number, Connection[]>();
let place = { peer: peerOf('floor'), port: 0, tls: false };
let tokens: ReadonlyMap<number, string> = new Map();
let opened = 0;
/** Ids of messages are given once. */
let messages = 0;

const all = () => [...crowd.values()].flat();

function open(user: number, watched: boolean, before?: Connection): Connection {
  const { peer, port, tls } = place;
  opened += 1;
  return new Connection({
    port,
    tls,
    localAddress: `127.0.0.${2 + (opened % addresses)}`,
    wire: peer.wire,
    token: tokens.get(user) ?? `u${user}`,
    resume: before?.resume,
    tally: before?.tally ?? new Tally(),
    buffer,
    now,
    onAge: watched ? (age) => ages.record(Math.max(1, age)) : undefined,
    onAccepted: () => {},
  });
}

/** Opens connections, so many at once; resolves when all are open. */
async function openAll(makers: readonly (() => Connection)[], concurrency = makers.length): Promise<number> {
  const started = performance.now();
  const queue = makers.values();
  const lane = async () => {
    for (const make of queue) await make().opening;
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, makers.length) }, lane));
  return performance.now() - started;
}

setInterval(() => {
  const at = Date.now();
  for (const connections of crowd.values()) for (const connection of connections) connection.tick(at);
}, 100);

const handlers = {
  setup(peer: string, port: number, tls: boolean) {
    place = { peer: peerOf(peer), port, tls };
  },

  async sign(privateKey: string, count: number) {
    tokens = await signTokens(privateKey, count);
  },

  /** @returns how long it took, in ms */
  connect({ from, to, sessionsPerUser = 1, concurrency = 64, watched = true }: Crowd) {
    const makers: (() => Connection)[] = [];
    for (let user = from; user < to; user++) {
      const connections: Connection[] = [];
      crowd.set(user, connections);
      for (let session = 0; session < sessionsPerUser; session++) {
        makers.push(() => {
          const connection = open(user, watched);
          connections.push(connection);
          return connection;
        });
      }
    }
    return openAll(makers, concurrency);
  },

  /** All go at once, without a word. What they have seen is kept, for when they come back. */
  drop(from: number, to: number) {
    for (let user = from; user < to; user++) for (const connection of crowd.get(user) ?? []) connection.drop();
  },

  /** All come back at once. @returns how long it took until all were let in, in ms */
  comeBack(from: number, to: number) {
    const makers: (() => Connection)[] = [];
    for (let user = from; user < to; user++) {
      const before = crowd.get(user) ?? [];
      const after: Connection[] = [];
      crowd.set(user, after);
      for (const connection of before) {
        makers.push(() => {
          const next = open(user, false, connection);
          after.push(next);
          return next;
        });
      }
    }
    return openAll(makers);
  },

  stopReading() {
    for (const connection of all()) connection.pause();
  },

  read() {
    for (const connection of all()) connection.unpause();
  },

  /**
   * Waits until everything has come, and checks it.
   *
   * @param excused whether a peer may say that some will not come: what is said to be lost is not lost in silence
   * @returns when that was, on the machine's clock in µs
   * @throws when something was lost, doubled or out of order, or does not come
   */
  async arrived(expectations: readonly Expectation[], excused = false) {
    const deadline = performance.now() + patienceMs;
    for (const { from, to, events } of expectations) {
      for (let user = from; user < to; user++) {
        for (const connection of crowd.get(user) ?? []) {
          while (!isComplete(`u${user}`, connection, events, excused)) {
            if (performance.now() > deadline)
              throw new Error(`u${user}: only ${connection.tally.count} events came of ${events}, and no more come`);
            await pause(1);
          }
        }
      }
    }
    const at = now();
    // Once more: what came to one while another was waited for.
    for (const { from, to, events } of expectations)
      for (let user = from; user < to; user++)
        for (const connection of crowd.get(user) ?? []) isComplete(`u${user}`, connection, events, excused);
    return at;
  },

  /** How many events came, and how many sessions were told that some will not. */
  counts() {
    let events = 0;
    let excused = 0;
    for (const { tally } of all()) {
      events += tally.count;
      if (tally.excuses > 0) excused += 1;
    }
    return { events, excused };
  },

  now,

  beginWindow() {
    ages.reset();
    sampled.begin();
  },

  endWindow() {
    const seen: Ages = { count: ages.count, p50: ages.percentile(50) / 1_000, p99: ages.percentile(99) / 1_000 };
    return { ...sampled.end(), ages: seen };
  },

  /**
   * Each user says something, waits for its acceptance, and says the next, for so many seconds.
   *
   * @returns how many were accepted
   */
  async talk(from: number, to: number, seconds: number) {
    const { peer, port, tls } = place;
    const ends = performance.now() + seconds * 1_000;
    let accepted = 0;
    const lanes = Array.from({ length: to - from }, (_, lane) => from + lane).map(
      (user) =>
        new Promise<void>((resolve, reject) => {
          const connection = new Connection({
            port,
            tls,
            localAddress: '127.0.0.1',
            wire: peer.messageWire ?? peer.wire,
            token: `u${user}`,
            tally: new Tally(),
            buffer,
            now,
            onAge: undefined,
            onAccepted: () => {
              accepted += 1;
              if (performance.now() >= ends) {
                connection.drop();
                resolve();
              } else next();
            },
          });
          const next = () => {
            messages += 1;
            connection.say(`m-${messages}`);
          };
          connection.opening.then(next, reject);
        }),
    );
    await Promise.all(lanes);
    return accepted;
  },
} satisfies Handlers;

/** What may be asked of the generator. */
export type Generator = Orders<typeof handlers>;

obey(handlers);
