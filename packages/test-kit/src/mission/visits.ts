// Every connection that a mission opens, and whose it is: what is judged at the end is all of them.
import { type RawClient, type RawClientOptions, rawClient } from '../raw-client.js';
import type { Clock } from './clock.js';
import type { Settings } from './settings.js';

/** One of the two users, or somebody who is none. */
export type Visitor = 'first' | 'second' | 'nobody';

export interface Visit {
  readonly visitor: Visitor;
  readonly client: RawClient;
  /** The mission itself ended it, or asked for what ends it. */
  readonly endWasAsked: boolean;
}

export interface Visits {
  readonly all: readonly Visit[];
  /**
   * Connects. What is awaited of the client has 15 s unless more is given (PROTOCOL.md, section 8: so long a client waits for `welcome`), and
   * never more than the mission has.
   *
   * @throws when the mission has opened as many connections as it may
   */
  open(visitor: Visitor, options?: RawClientOptions): RawClient;
  /** What follows will make the service close this connection. */
  expectEnd(client: RawClient): void;
  /** Breaks a connection, as networks do. Resolves when it is gone. */
  cut(client: RawClient): Promise<void>;
  /** Breaks what is still open. */
  end(): Promise<void>;
}

const stepMs = 15_000;

/** A mission opens some twenty; more than this is a loop. */
const mostVisits = 40;

export function createVisits({ url, firstToken, secondToken, origin, ca }: Settings, clock: Clock): Visits {
  const all: { visitor: Visitor; client: RawClient; endWasAsked: boolean }[] = [];
  const tokens = { first: firstToken, second: secondToken, nobody: undefined };

  function expectEnd(client: RawClient): void {
    for (const visit of all) if (visit.client === client) visit.endWasAsked = true;
  }
  return {
    all,
    expectEnd,
    open(visitor, options = {}) {
      if (all.length >= mostVisits) throw new Error(`A mission opens at most ${mostVisits} connections.`);
      const token = tokens[visitor];
      const client = rawClient(url, {
        ...(token !== undefined && { token }),
        ...(ca !== undefined && { tls: { ca } }),
        acks: 'automatic',
        deadlineMs: clock.left(stepMs),
        ...options,
        headers: { ...(origin !== undefined && { Origin: origin }), ...options.headers },
      });
      all.push({ visitor, client, endWasAsked: false });
      return client;
    },
    async cut(client) {
      expectEnd(client);
      client.cut();
      await client.closed();
    },
    async end() {
      await Promise.all(all.map(({ client }) => client[Symbol.asyncDispose]()));
    },
  };
}
