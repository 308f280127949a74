// What a page does with the client: keeps the runs' state, and notes everything it was given and told.
import { isDeepStrictEqual } from 'node:util';
import { type ClientError, createClient, type Reset, type Status, type ThroughlineClient } from '@throughline/client';
import { createRunStore, type RunState } from '@throughline/client/store';
import type { AgentEvent } from '@throughline/events';
import { WebSocket } from 'ws';
import { tokenOf } from './tokens.js';

export interface PageOptions {
  readonly url: string;
  readonly user: string;
  /** Default: a good token, always. */
  readonly getToken?: Parameters<typeof createClient>[0]['getToken'];
  readonly from?: string;
  /** Reads these threads alone. */
  readonly threads?: readonly string[];
}

export interface Page extends Disposable {
  readonly client: ThroughlineClient;
  /** Every event that a handler was given, in order. */
  readonly events: readonly AgentEvent[];
  readonly statuses: readonly Status[];
  readonly resets: readonly Reset[];
  readonly faults: readonly ClientError[];
  /** How many sockets it opened. */
  readonly connections: number;
  run(run_id: string): RunState | undefined;
  /** The run that answers a message. */
  answerTo(message_id: string): RunState | undefined;
  /** Resolves when something holds; looked at whenever an event, a reset or a status comes. */
  until(holds: () => boolean): Promise<void>;
  live(): Promise<void>;
  ended(run_id: string): Promise<RunState>;
  /** Breaks the socket in use, as a network card that is pulled out would. */
  breakSocket(): void;
  /** Resolves when it was offline, be it over by now, and is live again: it connects now instead of when the backoff is over. */
  comeBack(): Promise<void>;
  [Symbol.dispose](): void;
}

export function openPage({ url, user, getToken = () => tokenOf(user), from, threads }: PageOptions): Page {
  const sockets: WebSocket[] = [];
  class NotedWebSocket extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  }
  const events: AgentEvent[] = [];
  const statuses: Status[] = [];
  const resets: Reset[] = [];
  const faults: ClientError[] = [];
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of waiting) check();
  };

  const client = createClient({ url, getToken, webSocket: NotedWebSocket, from, threads });
  const store = createRunStore(client);
  client.on('event', (event) => events.push(event));
  client.on('status', (status) => statuses.push(status));
  client.on('reset', (reset) => resets.push(reset));
  client.on('fault', (fault) => faults.push(fault));
  for (const occasion of ['event', 'status', 'reset', 'fault'] as const) client.on(occasion, look);

  function until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!holds()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  }

  const run = (run_id: string) => store.getSnapshot().runs.get(run_id);
  /** What it was up to here has been waited for. */
  let noted = 0;
  const live = async () => {
    await until(() => client.status.state === 'live');
    noted = statuses.length;
  };
  client.connect();
  return {
    client,
    events,
    statuses,
    resets,
    faults,
    get connections() {
      return sockets.length;
    },
    run,
    answerTo: (message_id) => [...store.getSnapshot().runs.values()].find((other) => other.message_id === message_id),
    until,
    live,
    async ended(run_id) {
      await until(() => (run(run_id)?.status ?? 'running') !== 'running');
      return run(run_id) as RunState;
    },
    breakSocket: () => sockets.at(-1)?.terminate(),
    async comeBack() {
      await until(() => statuses.slice(noted).some(({ state }) => state === 'offline'));
      if (client.status.state === 'offline') client.connect();
      await live();
    },
    [Symbol.dispose]() {
      client.close();
      store.dispose();
      for (const socket of sockets) socket.terminate();
    },
  };
}

/** What a page should never notice of a disturbance: events of one run that came twice, late or never, resets, faults. */
export function disturbances({ events, resets, faults }: Page): readonly string[] {
  let last = 0;
  const jumps = events.flatMap(({ seq = 0, first_seq = seq }) => {
    const jump = first_seq === last + 1 ? [] : [`seq ${first_seq} came after ${last}`];
    last = seq;
    return jump;
  });
  return [...jumps, ...resets.map(({ cause }) => `reset: ${cause}`), ...faults.map(({ code }) => `fault: ${code}`)];
}

/** How pages show a run that has ended: `undefined` unless all show the same. */
export async function sharedState(pages: readonly Page[], run_id: string): Promise<RunState | undefined> {
  const [first, ...others] = await Promise.all(pages.map((page) => page.ended(run_id)));
  return others.every((other) => isDeepStrictEqual(other, first)) ? first : undefined;
}
