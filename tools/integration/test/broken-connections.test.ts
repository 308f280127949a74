// R5, R8: a peer goes away at every stage of its connection, by a FIN and by a reset; the process lives and serves.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRawClient, type RawClient } from '../src/raw-client.js';
import { recordOf } from '../src/run-record.js';
import { ask, type ServiceProcess, startServiceProcess } from '../src/service-process.js';
import { tokenOf } from '../src/tokens.js';
import { upgradeText } from '../src/upgrade.js';
import { clientFrame } from '../src/wire.js';

let service: ServiceProcess;
let questions = 0;

beforeAll(async () => {
  service = await startServiceProcess();
});

afterAll(() => service[Symbol.asyncDispose]());

/** Whatever happened: the process lives, complains of nothing, and gives a newcomer a whole answer. */
async function bystanderSees() {
  const client = await service.open('bystander');
  const message_id = ask(client, { agent: 'answer' }, `q-${++questions}`);
  const started = await client.next(
    (frame) => frame.type === 'agent_started' && (frame.data as { message_id?: string }).message_id === message_id,
  );
  await client.next('agent_completed');
  const { text, outcome } = recordOf(client.events(), (started as { run_id: string }).run_id);
  client.close();
  await client.closed;
  return { text, outcome, death: service.death, output: service.output() };
}

const nothing = { text: 'All is well.', outcome: 'succeeded', death: undefined, output: '' };

interface Stage {
  readonly name: string;
  /** Brings a peer to this stage. */
  readonly reach: (user: string) => Promise<RawClient>;
}

const connected = async (client: RawClient): Promise<RawClient> => {
  await client.connected;
  return client;
};

const asked = async (user: string, part: (text: string) => string): Promise<RawClient> => {
  const text = upgradeText({ url: service.url, token: await tokenOf(user) });
  return connected(openRawClient({ url: service.url, request: part(text) }));
};

const stages: Stage[] = [
  { name: 'before its first byte', reach: (user) => asked(user, () => '') },
  { name: 'in the middle of the request line', reach: (user) => asked(user, (text) => text.slice(0, 7)) },
  { name: 'in the middle of the headers', reach: (user) => asked(user, (text) => text.slice(0, -9)) },
  { name: 'right behind its request', reach: (user) => asked(user, (text) => text) },
  {
    name: 'when the upgrade was answered',
    reach: async (user) => {
      const client = await service.connect(user);
      await client.response;
      return client;
    },
  },
  { name: 'when it was welcomed', reach: (user) => service.open(user) },
  {
    name: 'in the middle of an answer',
    reach: async (user) => {
      const client = await service.open(user);
      ask(client, { agent: 'says much', detail: '500x1000' }, 'm-1');
      await client.next('acme.row');
      return client;
    },
  },
  {
    name: 'in the middle of its own frame',
    reach: async (user) => {
      const client = await service.open(user);
      client.write(clientFrame(JSON.stringify({ type: 'ping', id: 'x'.repeat(100) })).subarray(0, 50));
      return client;
    },
  },
  {
    name: 'with much to read that it never read',
    reach: async (user) => {
      const client = await service.open(user);
      client.pause();
      ask(client, { agent: 'says much', detail: '2000x1000' }, 'm-1');
      const other = await service.open(user);
      await other.next('acme.said');
      other.close();
      return client;
    },
  },
  {
    name: 'when it was refused',
    reach: async (user) => {
      const client = await service.connect(user, { token: 'not-a-token', mute: true });
      await client.response;
      return client;
    },
  },
  {
    name: 'while the service waits for its close frame',
    reach: async (user) => {
      const client = await service.open(user, { mute: true });
      client.sendFrame('not JSON');
      client.send({ type: 'ping', id: 'behind' });
      return client;
    },
  },
  {
    name: 'with its message not handled yet',
    reach: async (user) => {
      const client = await service.open(user);
      for (let number = 0; number < 20; number++) ask(client, { agent: 'answer' }, `m-${number}`, `t-${number}`);
      return client;
    },
  },
];

/** Not every stage is reached at the same instant each time. */
const times = 5;

describe.each(['end', 'reset'] as const)('R5: a peer that goes by %s', (how) => {
  test.each(stages)('$name', async ({ name, reach }) => {
    const peers = await Promise.all(
      Array.from({ length: times }, (_, number) => reach(`${how}-${name.replaceAll(' ', '-')}-${number}`)),
    );
    for (const peer of peers) peer[how]();
    for (const peer of peers) peer.resume();
    await Promise.all(peers.map(({ closed }) => closed));
    expect(await bystanderSees()).toEqual(nothing);
  });

  test('while its token is being checked', async () => {
    await service.order({ order: 'hold' });
    const peers = await Promise.all(Array.from({ length: times }, (_, number) => service.connect(`held-${number}`)));
    await service.order({ order: 'held' });
    for (const peer of peers) peer[how]();
    if (how === 'reset') await Promise.all(peers.map(({ closed }) => closed));
    await service.order({ order: 'admit' });
    await Promise.all(peers.map(({ closed }) => closed));
    expect(await bystanderSees()).toEqual(nothing);
  });
});

test('R5: sessions of peers that are gone are gone, and nothing was closed with 1011', async () => {
  await expect.poll(() => service.order({ order: 'sessions' })).toBe(0);
  const events = await service.order({ order: 'telemetry' });
  const ids = (kind: 'session_opened' | 'session_closed') =>
    events.flatMap((event) => (event.kind === kind ? [event.session_id] : [])).sort();
  expect(ids('session_closed')).toEqual(ids('session_opened'));
  expect(events.filter((event) => event.kind === 'session_closed' && event.code === 1011)).toEqual([]);
  expect(events.filter(({ kind }) => kind === 'fault')).toEqual([]);
});
