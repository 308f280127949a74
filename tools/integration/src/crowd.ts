// Several users with several connections each, and what they do to each other with whatever ids, positions and tokens
// of each other they get hold of.
import assert from 'node:assert/strict';
import { getWebSocketManager, type WebSocketManager } from '@throughline/core';
import type { RawClient } from './raw-client.js';
import { expectDense, recordOf } from './run-record.js';
import { startTestService, type TestService, testAuthenticator } from './test-service.js';
import { tokenOf } from './tokens.js';

/** Two tenants have an `ada`: two users. One id is the beginning of another. */
const names = [
  { tenant: 'acme', user: 'ada' },
  { tenant: 'globex', user: 'ada' },
  { tenant: 'acme', user: 'adam' },
  { tenant: 'globex', user: 'bob' },
] as const;

export const crowdSize: number = names.length;

export const operations = [
  'connect',
  'ask',
  'ask in a run that stays open',
  'send a custom event',
  'cancel own run',
  'cancel a run of the victim',
  'acknowledge a position of the victim',
  'resume from own position',
  'resume from a position of the victim',
  'repeat a message id of the victim',
  'refresh with a token of the victim',
  'break a connection',
] as const;

/** One thing that somebody does. */
export interface Step {
  readonly operation: (typeof operations)[number];
  readonly actor: number;
  /** How many seats on the victim sits: never the actor. */
  readonly distance: number;
  /** Which of several connections, runs, positions: any number. */
  readonly choice: number;
}

/** What everybody received and what became of what they said, once all is done. */
export interface CrowdAccount {
  /** What somebody received of somebody else. */
  readonly leaks: readonly string[];
  /** What somebody should have received and did not. */
  readonly lost: readonly string[];
  /** `user message` for each call of the handler, sorted. */
  readonly handled: readonly string[];
  readonly violations: readonly string[];
}

export interface Crowd extends AsyncDisposable {
  /** `user message` for each message that was accepted, sorted. */
  readonly said: readonly string[];
  /** @throws when the service answers what is addressed to another otherwise than PROTOCOL.md says */
  take(step: Step): Promise<void>;
  account(): Promise<CrowdAccount>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startCrowd(): Promise<Crowd> {
  const handled: string[] = [];
  const people: Person[] = [];
  const service = await startTestService({
    authenticate: testAuthenticator('tenant'),
    onMessage: async ({ id, thread_id, data }, userContext) => {
      const person = people.find(({ name }) => name === `${userContext.tenant_id}/${userContext.user_id}`);
      const { secret, open } = data as { secret: string; open: boolean };
      handled.push(`${person?.name} ${id}`);
      // What a user says must never come before the agent of another.
      assert.equal(secret, person?.secret);
      const options = { agent_name: 'keeper', thread_id, message_id: id, metadata: { secret } };
      const working = getWebSocketManager(userContext).run(options, async (run) => {
        person?.runs.push(run.run_id);
        const tool = await run.toolExecuting({ tool_name: 'vault', parameters: { secret } });
        await tool.completed({ results: secret });
        run.text(secret);
        if (open) await new Promise<void>((resolve) => run.signal.addEventListener('abort', () => resolve()));
        return { final_response: secret };
      });
      // A run that stays open must not keep the thread's next message waiting; its end is no failure of the handler.
      working.catch(() => {});
      if (!open) await working;
    },
  });
  people.push(...names.map(({ tenant, user }) => new Person(service, tenant, user)));
  const said = () => people.flatMap(({ name, messages }) => messages.map((id) => `${name} ${id}`)).sort();
  let steps = 0;

  return {
    get said() {
      return said();
    },
    async take({ operation, actor, distance, choice }) {
      const person = people[actor % people.length] as Person;
      const victim = people[(actor + distance) % people.length] as Person;
      await act(operation, person, victim, choice, `id-${++steps}`);
    },
    async account() {
      const leaks: string[] = [];
      const lost: string[] = [];
      for (const person of people) {
        lost.push(...(await person.lost()));
        for (const other of people) if (other !== person) leaks.push(...person.heardOf(other));
      }
      const violations = people.flatMap(({ clients }) => clients.flatMap((client) => client.violations));
      return { leaks, lost, handled: handled.sort(), violations };
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

async function act(
  operation: Step['operation'],
  person: Person,
  victim: Person,
  choice: number,
  id: string,
): Promise<void> {
  const client = await person.connection(choice);
  const answer = () => client.next((frame) => 'id' in frame && frame.id === id);
  switch (operation) {
    case 'connect':
      await person.connect();
      return;
    case 'ask':
    case 'ask in a run that stays open':
      return person.say(client, id, operation !== 'ask');
    case 'send a custom event':
      await (await person.manager()).send('test.secret', person.secret, { thread_id: 'shared-thread' });
      return;
    case 'cancel own run':
      client.send({ type: 'cancel', id, run_id: pick(person.runs, choice) ?? 'none' });
      await answer();
      return;
    case 'cancel a run of the victim':
      client.send({ type: 'cancel', id, run_id: pick(victim.runs, choice) ?? 'none' });
      assert.equal(((await answer()) as { code?: string }).code, 'RUN_UNKNOWN');
      return;
    case 'acknowledge a position of the victim':
      client.send({ type: 'ack', position: pick(victim.positions, choice) ?? 'nobodys.1.00000000' });
      client.send({ type: 'ping', id });
      assert.equal((await answer()).type, 'pong');
      return;
    case 'resume from own position':
      await person.connect(pick(person.positions, choice));
      return;
    case 'resume from a position of the victim': {
      const resumed = await person.connect(pick(victim.positions, choice) ?? 'nobodys.1.00000000');
      assert.equal((await resumed.next('reset')).cause, 'unknown_epoch');
      return;
    }
    case 'repeat a message id of the victim': {
      const repeated = pick(victim.messages, choice);
      if (repeated !== undefined && !person.messages.includes(repeated)) await person.say(client, repeated, false);
      return;
    }
    case 'refresh with a token of the victim':
      client.send({ type: 'token', id, token: await victim.token() });
      assert.equal((await client.closed).code, 4403);
      return;
    case 'break a connection':
      client.reset();
      await client.closed;
      return;
  }
}

function pick<Item>(list: readonly Item[], choice: number): Item | undefined {
  return list[choice % Math.max(1, list.length)];
}

class Person {
  readonly name: string;
  readonly secret: string;
  readonly clients: RawClient[] = [];
  readonly runs: string[] = [];
  readonly messages: string[] = [];
  readonly #service: TestService;
  readonly #user: string;
  readonly #tenant: string;
  readonly #closed = new Set<RawClient>();

  constructor(service: TestService, tenant: string, user: string) {
    this.name = `${tenant}/${user}`;
    this.secret = `<secret of ${this.name}>`;
    this.#service = service;
    this.#user = user;
    this.#tenant = tenant;
  }

  /** Every position that this person was ever told. */
  get positions(): readonly string[] {
    return this.clients.flatMap(({ frames }) =>
      frames.flatMap((frame) => ('position' in frame ? [frame.position] : [])),
    );
  }

  token(): Promise<string> {
    return tokenOf(this.#user, { tenant: this.#tenant });
  }

  async manager(): Promise<WebSocketManager> {
    return getWebSocketManager(await this.#service.service.authenticate({ token: await this.token() }));
  }

  async connect(from?: string): Promise<RawClient> {
    const token = await this.token();
    const client = await this.#service.open('', { token, ...(from === undefined ? {} : { from }) });
    this.clients.push(client);
    void client.closed.then(() => this.#closed.add(client));
    return client;
  }

  /** One of the open connections, or a new one. */
  async connection(choice: number): Promise<RawClient> {
    const open = this.clients.filter((client) => !this.#closed.has(client));
    return pick(open, choice) ?? this.connect();
  }

  async say(client: RawClient, id: string, open: boolean): Promise<void> {
    this.messages.push(id);
    client.send({ type: 'message', id, thread_id: 'shared-thread', data: { secret: this.secret, open } });
    await client.next((frame) => frame.type === 'accepted' && frame.id === id);
  }

  /** What this person received of another's. */
  heardOf(other: Person): readonly string[] {
    return this.clients.flatMap((client) => {
      const transcript = client.transcript();
      return [other.secret, ...other.runs]
        .filter((trace) => transcript.includes(trace))
        .map((trace) => `${this.name} received ${trace}`);
    });
  }

  /** What is missing for one who reads from the very beginning. */
  async lost(): Promise<readonly string[]> {
    await until(() => this.runs.length === this.messages.length);
    const end = await (await this.manager()).send('test.end', 0, { thread_id: 'shared-thread' });
    const reader = await this.connect(`${end.split('.')[0]}.0.00000000`);
    await reader.next('test.end');
    expectDense(reader.events());
    const user_id = (await reader.welcome).user_id;
    const wrong = reader.events().filter((event) => event.user_id !== user_id || user_id !== this.#user);
    return [
      ...wrong.map((event) => `${this.name} received an event for ${event.user_id}`),
      ...this.runs
        .filter((run_id) => recordOf(reader.events(), run_id).text !== this.secret)
        .map((run_id) => `${this.name} did not receive the answer of ${run_id}`),
    ];
  }
}

/** Looks again each turn. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
