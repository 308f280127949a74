// A page of a user: the real client on a network that can fail, and a ledger of what it was told.
import { type ClientError, createClient, type Status, type ThroughlineClient } from '@throughline/client';
import type { Position } from '@throughline/core';
import { type Accept, type Connection, openConnection } from './connection.js';
import { createLedger, type Ledger, type SeenEvent } from './ledger.js';
import type { Conditions } from './link.js';
import { pageSockets, type Tap } from './page-socket.js';
import { tokenOf } from './tokens.js';
import type { Truths } from './truth.js';
import type { World } from './world.js';

export interface PageOptions {
  readonly name: string;
  readonly user_id: string;
  readonly threads: readonly string[];
  readonly address: string;
  readonly accept: Accept;
  readonly truths: Truths;
  /** How well it is connected at first. */
  readonly conditions: () => Conditions;
  /** How much a reader may cost a service, in bytes: what waits in the stream of a page that reads slowly. */
  readonly mostWaiting: number;
  /** Why the service may void what a page holds. */
  readonly resets: () => readonly string[];
}

export interface Page {
  readonly name: string;
  readonly client: ThroughlineClient;
  /** The connection there is, or was last. */
  readonly connection: Connection | undefined;
  readonly ledger: Ledger;
  /** Messages that were not answered yet. */
  readonly unanswered: number;
  /** How many events it was given. */
  readonly events: number;
  say(thread_id: string, run_id?: string): void;
  stop(run_id: string): void;
  /** Chooses threads; all, when none are given. */
  read(threads?: readonly string[]): void;
  /** The page is closed or reloaded: its client is gone, and its socket with it. */
  discard(): void;
}

/** Close codes that a service has a reason for here. Anything else is a bug of one of the two. */
const expectedCodes: readonly number[] = [1000, 1001, 1005, 1006, 1012, 1013, 4401, 4408, 4409];

/** What a client may report here: what a service answers to a message or a cancel, and nothing of its own. */
const expectedFaults: readonly string[] = ['RUN_ENDED', 'HANDLER_FAILED'];

/** How long a token is good for, in ms. */
const tokenLife = [30_000, 300_000] as const;

export function openPage(world: World, options: PageOptions): Page {
  const { name, user_id, threads, truths } = options;
  const { trace } = world;
  const random = world.random.fork();
  const accuse = (invariant: string, what: string) => {
    if (!discarded) world.fail(invariant, name, what);
  };
  let discarded = false;
  let connection: Connection | undefined;
  let unanswered = 0;
  let events = 0;
  let position: string | undefined;
  /** Whether threads were chosen. */
  let switched = false;
  let wanted = threads;

  const tap: Tap = {
    opened(next) {
      connection = next;
      trace.note(name, 'connects');
    },
    received(text, deliver) {
      trace.note(name, '< ', text);
      if (text.startsWith('{"type":"welcome"') || text.startsWith('{"type":"reading"')) {
        const { type, threads: named = null, position: opens, head } = JSON.parse(text) as Opening;
        ledger.opened(type === 'welcome' ? asked() : named, opens, head);
      }
      deliver();
      if (client.position !== position) ledger.adopted();
      ({ position } = client);
    },
    sent(text) {
      trace.note(name, '> ', text);
      if (text.startsWith('{"type":"threads"')) ledger.asks(/"from":"active/.test(text));
    },
    closed(code) {
      trace.note(name, `closed ${code}`);
      if (!expectedCodes.includes(code)) accuse('close code', `the service closed with ${code}`);
    },
    waiting(bytes) {
      if (bytes > options.mostWaiting) accuse('backpressure', `${bytes} bytes wait in the memory of the service`);
    },
    illegal: (what) => accuse('protocol', what),
  };
  let url = '';
  const asked = (): readonly string[] | null => {
    const named = new URLSearchParams(url.split('?')[1]).getAll('threads');
    return named.length === 0 ? null : named.filter((thread) => thread !== '');
  };
  const dial: Parameters<typeof pageSockets>[0] = (path, headers, end) => {
    url = path;
    trace.note(name, `asks for ${path}`);
    ledger.asks(/[?&]from=active/.test(path));
    const head = { url: path, headers, address: options.address };
    return openConnection(world.timeline, random, options.conditions(), head, options.accept, end);
  };

  const client = createClient({
    url: 'http://simulation.test/ws',
    webSocket: pageSockets(dial, random, tap),
    async getToken() {
      await world.timers.sleep(random.int(1, 200));
      return tokenOf(user_id, world.timeline.now() + random.int(...tokenLife));
    },
  });
  const ledger = createLedger(user_id, threads, truths, accuse, () => position !== undefined);

  /** What a page is told when it is live: what it wants is read, and what was there when that began has come. */
  function judgeLive(): void {
    const missing = ledger.early();
    if (missing !== undefined) accuse('live too early', `${missing} has not come`);
    const isRead = wanted.length === ledger.reading.length && wanted.every((thread) => ledger.reading.includes(thread));
    if (!isRead) accuse('live too early', `[${wanted.join()}] is wanted, and [${ledger.reading.join()}] is read`);
  }

  /** A log that holds nothing may be forgotten while no service runs: the next has another epoch, and voids nothing. */
  function isForgotten(cause: string): boolean {
    return cause === 'unknown_epoch' && truths.of(user_id, ledger.epoch)?.events.length === 0;
  }

  client.on('event', (event) => {
    if (discarded) return;
    events += 1;
    ledger.event(event as SeenEvent);
  });
  client.on('reset', ({ cause, position: from }) => {
    trace.note(name, `reset ${cause} ${from}`);
    const allowed = cause === 'gap' ? switched : options.resets().includes(cause) || isForgotten(cause);
    if (!allowed) accuse('reset', `everything is void because of ${cause}, for no reason`);
    ledger.reset(from as Position);
  });
  client.on('status', ({ state, code }: Status) => {
    trace.note(name, `is ${state} ${code ?? ''}`);
    if (state === 'live') judgeLive();
    if (state === 'closed' || state === 'signed_out') accuse('connection', `the client is ${state} for good (${code})`);
  });
  client.on('fault', ({ code, message }: ClientError) => {
    trace.note(name, `fault ${message}`);
    if (!expectedFaults.includes(code)) accuse('fault', message);
  });

  function awaitAnswer(what: string, answer: Promise<void>): void {
    unanswered += 1;
    const answered = (how: string) => {
      unanswered -= 1;
      trace.note(name, `${what} ${how}`);
    };
    answer.then(
      () => answered('accepted'),
      ({ code }: ClientError) => answered(code),
    );
  }

  const page: Page = {
    name,
    client,
    ledger,
    get connection() {
      return connection;
    },
    get unanswered() {
      return unanswered;
    },
    get events() {
      return events;
    },
    say(thread_id, run_id) {
      const { id, accepted } = client.send({ thread_id, run_id, data: { words: `of ${user_id}` } });
      awaitAnswer(`message ${id}`, accepted);
    },
    stop(run_id) {
      awaitAnswer(`cancel ${run_id}`, client.cancel(run_id));
    },
    read(chosen) {
      trace.note(name, `wants ${chosen ? `[${chosen.join()}]` : 'all threads'}`);
      switched = true;
      wanted = chosen ?? threads;
      client.read(chosen);
      if (client.status.state === 'live') judgeLive();
    },
    discard() {
      trace.note(name, 'is gone');
      discarded = true;
      client.close();
      connection?.cut();
    },
  };
  client.connect();
  return page;
}

interface Opening {
  readonly type: 'welcome' | 'reading';
  readonly position: Position;
  readonly head: number;
  readonly threads?: readonly string[] | null;
}
