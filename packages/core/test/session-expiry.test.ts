// R14: expiry is a property of the session. What it stops, what it leaves alone, and how a refresh undoes it.
import { describe, expect, test } from 'vitest';
import type { Credentials, Identity } from '../src/authenticator.js';
import type { WebSocketManager } from '../src/manager.js';
import { memoryLog } from '../src/memory-log.js';
import type { ServiceOptions } from '../src/options.js';
import { fakeScheduler } from './fake-scheduler.js';
import { type Hooks, hookedLog } from './hooked-log.js';
import { byName, startService, turn } from './running-service.js';

const minute = 60_000;
const note = (manager: WebSocketManager, data: unknown = 'x') => manager.send('acme.note', data, { thread_id: 't' });

/** Ada, connected with a credential that lasts a minute. */
async function startExpiring(options: Partial<ServiceOptions> = {}) {
  const scheduler = fakeScheduler();
  const running = await startService({ scheduler, onMessage: () => {}, ...options });
  const tokenFor = (ms: number, name = 'ada') => `${name}~${scheduler.now() + ms}`;
  const client = await running.enter(tokenFor(minute));
  return { ...running, scheduler, client, tokenFor, manager: await running.managerOf('ada') };
}

describe('once the credential has expired', () => {
  test('no event is sent, and nothing but token, ack and ping is handled', async () => {
    const { scheduler, client, manager } = await startExpiring();
    await note(manager);
    await client.until('acme.note');
    await scheduler.pass(minute);
    await note(manager);
    await turn();
    client.send({ type: 'message', id: 'm-1', thread_id: 't', data: null });
    client.send({ type: 'cancel', id: 'c-1', run_id: 'r-1' });
    client.send({ type: 'ack', position: client.position });
    client.send({ type: 'ping', id: 'p-1' });
    const answers = () => client.frames.filter(({ type }) => type === 'error' || type === 'pong');
    while (answers().length < 3) await client.next();
    expect(answers()).toContainEqual({ type: 'pong', id: 'p-1' });
    for (const id of ['m-1', 'c-1']) {
      expect(answers()).toContainEqual(expect.objectContaining({ type: 'error', id, code: 'TOKEN_EXPIRED' }));
    }
    expect(client.offsets).toEqual([1]);
  });

  test('an ack that makes room sends nothing either', async () => {
    const { scheduler, enter, tokenFor, manager } = await startExpiring();
    const client = await enter(tokenFor(minute), { acks: true });
    for (let sent = 0; sent < 500; sent++) await note(manager, 'x'.repeat(1_000));
    await expect.poll(() => client.offsets.length).toBeGreaterThan(100);
    await scheduler.pass(minute);
    const before = client.offsets.length;
    client.send({ type: 'ack', position: client.position });
    client.send({ type: 'ping', id: 'p-1' });
    await client.until('pong');
    expect(client.offsets).toHaveLength(before);
  });

  test('a read that was under way sends nothing either', async () => {
    const answers: (() => void)[] = [];
    const hooks: Hooks = {};
    const { scheduler, client, manager } = await startExpiring({ log: hookedLog(memoryLog(), hooks) });
    hooks.read = async (answer) => {
      const slice = await answer();
      await new Promise<void>((resolve) => void answers.push(resolve));
      return slice;
    };
    await note(manager);
    await expect.poll(() => answers.length).toBe(1);
    await scheduler.pass(minute);
    delete hooks.read;
    answers[0]?.();
    await turn();
    client.send({ type: 'ping', id: 'p-1' });
    await client.until('pong');
    expect(client.offsets).toEqual([]);
    client.send({ type: 'token', id: 'k-1', token: 'ada' });
    await client.until('acme.note');
    expect(client.offsets).toEqual([1]);
  });

  test('a grace later it is 4401', async () => {
    const { scheduler, client, service } = await startExpiring();
    await scheduler.pass(minute + 8_000);
    expect(service.health().sessions).toBe(1);
    await scheduler.pass(4_000);
    expect(await client.closed).toEqual({ code: 4401, reason: 'credential expired' });
  });

  test('a run goes on: expiry stops what a session hears, never work', async () => {
    const { scheduler, manager, enter } = await startExpiring();
    const run = await manager.startRun({ agent_name: 'a', thread_id: 't' });
    await scheduler.pass(2 * minute);
    await run.completed({ final_response: 'done' });
    const client = await enter('ada', { from: await manager.position() });
    expect(client.frames[0]).toMatchObject({ head: 2 });
  });
});

describe('a refresh in band', () => {
  test('in time: nothing is missed, and the old end means nothing', async () => {
    const { scheduler, client, manager, tokenFor, service } = await startExpiring();
    await scheduler.pass(minute / 2);
    client.send({ type: 'token', id: 'k-1', token: tokenFor(10 * minute) });
    expect(await client.until('refreshed')).toEqual({ type: 'refreshed', id: 'k-1', expires_in_ms: 10 * minute });
    await scheduler.pass(5 * minute);
    await note(manager);
    await client.until('acme.note');
    expect(service.health().sessions).toBe(1);
    await scheduler.pass(6 * minute);
    expect(await client.closed).toMatchObject({ code: 4401 });
  });

  test('within the grace: what was held back comes, in order', async () => {
    const { scheduler, client, manager, tokenFor } = await startExpiring();
    await scheduler.pass(minute + 5_000);
    await note(manager, 1);
    await note(manager, 2);
    await turn();
    expect(client.offsets).toEqual([]);
    client.send({ type: 'token', id: 'k-1', token: tokenFor(minute) });
    await client.until('refreshed');
    expect(await client.next()).toMatchObject({ offset: 1 });
    expect(await client.next()).toMatchObject({ offset: 2 });
    await scheduler.pass(30_000);
    await note(manager, 3);
    expect(await client.until('acme.note')).toMatchObject({ offset: 3 });
  });

  test('by a token without an end: there is no end any more', async () => {
    const { scheduler, client, service } = await startExpiring();
    client.send({ type: 'token', id: 'k-1', token: 'ada' });
    expect(await client.until('refreshed')).toMatchObject({ expires_in_ms: null });
    for (let minutes = 0; minutes < 5; minutes++) {
      await scheduler.pass(minute / 2);
      client.send({ type: 'ping', id: 'p' });
      await client.until('pong');
    }
    expect(service.health().sessions).toBe(1);
  });

  test.each<[string, string, string, number]>([
    ['of another user', 'ada', 'bob', 4403],
    ['of the same name in a tenant', 'ada', 'ada@acme', 4403],
    ['of the same name in another tenant', 'ada@acme', 'ada@globex', 4403],
    ['of the same name in no tenant', 'ada@acme', 'ada', 4403],
    ['that is bad', 'ada', 'bad', 4401],
  ])('R9: by a token %s ends the session', async (_, before, after, code) => {
    const { enter } = await startService();
    const client = await enter(before);
    client.send({ type: 'token', id: 'k-1', token: after });
    expect(await client.closed).toMatchObject({ code });
    expect(client.frames).toHaveLength(1);
  });

  test('by a token that has expired itself is 4401', async () => {
    const { client, scheduler } = await startExpiring();
    client.send({ type: 'token', id: 'k-1', token: `ada~${scheduler.now() - 1}` });
    expect(await client.closed).toMatchObject({ code: 4401 });
  });

  test('while the authenticator is down leaves the verdict as it is: an outage logs nobody out', async () => {
    const { scheduler, client, manager, tokenFor } = await startExpiring();
    client.send({ type: 'token', id: 'k-1', token: 'down' });
    const answer = await client.next();
    expect(answer).toMatchObject({ type: 'error', id: 'k-1', code: 'AUTHENTICATOR_DOWN' });
    // R14: a token is never repeated to anybody.
    expect(answer.message).not.toContain('down');
    await note(manager);
    await client.until('acme.note');
    await scheduler.pass(minute);
    client.send({ type: 'token', id: 'k-2', token: tokenFor(minute) });
    await client.until('refreshed', { id: 'k-2' });
  });

  test('holds up what comes behind it, but neither ack nor ping', async () => {
    const answers: ((identity: Identity) => void)[] = [];
    const authenticate = (credentials: Credentials) =>
      credentials.carrier === 'in_band'
        ? new Promise<Identity>((resolve) => void answers.push(resolve))
        : byName(credentials);
    const heard: string[] = [];
    const { enter } = await startService({ authenticate, onMessage: ({ id }) => void heard.push(id) });
    const client = await enter('ada');
    client.send({ type: 'token', id: 'k-1', token: 'ada' });
    client.send({ type: 'message', id: 'm-1', thread_id: 't', data: null });
    client.send({ type: 'ping', id: 'p-1' });
    expect(await client.next()).toEqual({ type: 'pong', id: 'p-1' });
    expect(heard).toEqual([]);
    answers[0]?.({ user_id: 'ada' });
    await client.until('refreshed');
    await client.until('accepted', { id: 'm-1' });
    expect(heard).toEqual(['m-1']);
  });
});

test.each([Number.NaN, Number.NEGATIVE_INFINITY, '2030-01-01' as unknown as number, null as unknown as number])(
  'an end that is no time (%s) is no credential: it must not become one without end',
  async (expires_at) => {
    const { connect } = await startService({ authenticate: () => ({ user_id: 'ada', expires_at }) });
    expect(await (await connect('ada')).closed).toMatchObject({ code: 4401 });
  },
);
