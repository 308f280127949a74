// A client under test: real sockets, the test's clock, everything it said written down.
import type { AgentEvent } from '@throughline/events';
import { vi } from 'vitest';
import { WebSocket } from 'ws';
import { buildClient, type ClientOptions, type ThroughlineClient } from '../src/client.js';
import type { ClientError } from '../src/errors.js';
import type { Reset } from '../src/reader.js';
import type { Status } from '../src/status.js';
import { type Clock, createClock } from './clock.js';
import { openPeer, type Peer } from './peer.js';

export const token = 'eyJhbGciOi.eyJzdWIi.s3cret-t0ken';

/** For conditions that are awaited. */
const patience = { timeout: 5_000, interval: 2 };

export interface Bench extends AsyncDisposable {
  readonly peer: Peer;
  readonly clock: Clock;
  readonly client: ThroughlineClient;
  readonly events: readonly AgentEvent[];
  readonly statuses: readonly Status[];
  readonly resets: readonly Reset[];
  readonly faults: readonly ClientError[];
  /** Why a token was asked for, each time. */
  readonly asked: readonly string[];
  /** Resolves when the client stands so. */
  stands(state: Status['state']): Promise<Status>;
  /** Resolves when so many events have been handled. */
  handled(count: number): Promise<void>;
}

export async function openBench(options: Partial<ClientOptions> = {}): Promise<Bench> {
  const peer = await openPeer();
  const clock = createClock();
  const events: AgentEvent[] = [];
  const statuses: Status[] = [];
  const resets: Reset[] = [];
  const faults: ClientError[] = [];
  const asked: string[] = [];
  const { getToken = () => token } = options;
  const client = buildClient(
    {
      url: peer.url,
      webSocket: WebSocket,
      onFault: (fault) => faults.push(fault),
      ...options,
      getToken(reason) {
        asked.push(reason);
        return getToken(reason);
      },
    },
    clock,
  );
  client.on('event', (event) => events.push(event));
  client.on('status', (status) => statuses.push(status));
  client.on('reset', (reset) => resets.push(reset));
  return {
    peer,
    clock,
    client,
    events,
    statuses,
    resets,
    faults,
    asked,
    async stands(state) {
      await vi.waitFor(() => {
        if (client.status.state !== state) throw new Error(`stands ${client.status.state}, not ${state}`);
      }, patience);
      return client.status;
    },
    async handled(count) {
      await vi.waitFor(() => {
        if (events.length < count) throw new Error(`${events.length} of ${count} events`);
      }, patience);
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await peer[Symbol.asyncDispose]();
    },
  };
}
