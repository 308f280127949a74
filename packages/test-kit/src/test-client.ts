// The real client over a real socket, with its history written down.
import {
  type ClientError,
  type ClientOptions,
  createClient,
  type Reset,
  type Status,
  type ThroughlineClient,
} from '@throughline/client';
import type { AgentEvent, UserId, WelcomeFrame } from '@throughline/events/protocol';
import type { Frame } from './frame.js';
import { createInbox, type Match, type Matched } from './inbox.js';
import { createWaits, type WaitOptions } from './waits.js';
import { createWebSockets } from './web-socket.js';

/** Options of the client, all with a default. */
export interface TestClientOptions extends Partial<Omit<ClientOptions, 'webSocket'>>, WaitOptions {
  /** Whether it connects at once. Default: it does. */
  readonly connect?: boolean;
}

/** What a page was given: events, and the words that all before is void; and each welcome, which says where reading opened. */
export type Given = AgentEvent | WelcomeFrame | (Reset & { readonly type: 'reset' });

/** A client as a page has it, and what a test wants to know of it. */
export interface TestClient extends ThroughlineClient, AsyncDisposable {
  readonly user: { readonly user_id: UserId; readonly tenant_id?: string };
  /** What its handlers were given so far, in order. For {@link history}. */
  readonly frames: readonly Given[];
  readonly statuses: readonly Status[];
  /** What it reported as gone wrong. */
  readonly faults: readonly ClientError[];
  /** How many sockets it has opened. */
  readonly connections: number;
  /** Whether all threads were read all the time. */
  readonly readsAll: boolean;
  /** Takes what came up to the first that matches, already here or yet to come. A wait that fails takes nothing. */
  next<const Wanted extends Match<Frame>>(match: Wanted, options?: WaitOptions): Promise<Matched<Frame, Wanted>>;
  /** Resolves when everything that existed has arrived and what comes is new. */
  live(options?: WaitOptions): Promise<true>;
  /** Breaks the socket in use, as a tunnel does. The client notices and comes back by itself. */
  cut(): void;
  /** Closes, and resolves when no socket is left. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TestClientSeat {
  readonly url: string;
  readonly user: TestClient['user'];
  readonly getToken: ClientOptions['getToken'];
}

export function createTestClient(seat: TestClientSeat, given: TestClientOptions = {}): TestClient {
  const { connect = true, deadlineMs, onFault, ...options } = given;
  const statuses: Status[] = [];
  const faults: ClientError[] = [];
  const waits = createWaits(describe, deadlineMs);
  const inbox = createInbox<Frame>(waits);
  let readsAll = options.threads === undefined;
  const sockets = createWebSockets((frame) => {
    if (frame.type === 'welcome') inbox.put(frame);
  });
  const client = createClient({
    url: seat.url,
    getToken: seat.getToken,
    ...options,
    webSocket: sockets.constructor,
    onFault(fault) {
      faults.push(fault);
      onFault?.(fault);
      waits.look();
    },
  });
  client.on('event', (event) => inbox.put(event));
  client.on('reset', (reset) => inbox.put({ type: 'reset', ...reset } as Frame));
  client.on('status', (status) => {
    statuses.push(status);
    waits.look();
  });

  function describe() {
    const { state, code } = client.status;
    const told = faults.length > 0 ? ` Faults: ${faults.map(({ message }) => message).join('; ')}.` : '';
    return `The client is ${state}${code === undefined ? '' : ` (${code})`}.${told} ${inbox.describe()}`;
  }

  const more: Omit<TestClient, keyof ThroughlineClient | 'readsAll' | 'connections'> = {
    user: seat.user,
    frames: inbox.frames as readonly Given[],
    statuses,
    faults,
    next: inbox.next,
    live: (wait) => waits.until('the client to be live', () => client.status.state === 'live' || undefined, wait),
    cut: sockets.cut,
    async [Symbol.asyncDispose]() {
      client.close();
      await sockets.end();
      waits.end();
    },
  };
  const test = Object.defineProperties({}, Object.getOwnPropertyDescriptors(client)) as ThroughlineClient;
  Object.assign(test, more, {
    read(threads?: readonly string[]) {
      if (threads) readsAll = false;
      client.read(threads);
    },
  });
  Object.defineProperties(test, {
    readsAll: { enumerable: true, get: () => readsAll },
    connections: { enumerable: true, get: () => sockets.opened },
  });
  if (connect) client.connect();
  return test as TestClient;
}
