// R14, R15: log-out and expiry end what a session is sent, at once, with 4401; work that has begun goes on.
import { getWebSocketManager, memoryLog } from '@throughline/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../src/gate.js';
import { createMovedClock, type MovedClock } from '../src/moved-clock.js';
import { expectDense, recordOf } from '../src/run-record.js';
import { startTestService, type TestService } from '../src/test-service.js';
import { tokenFor, tokenOf } from '../src/tokens.js';

let clock: MovedClock;
let service: TestService;

beforeEach(async () => {
  clock = createMovedClock();
  service = await startTestService({ scheduler: clock, onMessage: () => {} });
});

afterEach(() => service[Symbol.asyncDispose]());

const agent = { agent_name: 'writer', thread_id: 't-1' };

describe('log-out', () => {
  test('closes every session of the user with 4401, and nobody else’s', async () => {
    const tabs = await Promise.all([service.open('ada'), service.open('ada'), service.open('ada')]);
    const other = await service.open('bob');
    expect(service.service.revoke(await service.contextOf('ada'))).toBe(3);
    for (const tab of tabs) expect(await tab.closed).toMatchObject({ code: 4401, reason: 'signed out' });
    other.send({ type: 'ping', id: '1' });
    await other.next('pong');
  });

  test('voids the contexts minted before, and a new log-in gets new ones', async () => {
    const context = await service.contextOf('ada');
    service.service.revoke(context);
    expect(() => getWebSocketManager(context)).toThrow(expect.objectContaining({ code: 'CONTEXT_REVOKED' }));
    expect(service.service.revoke(context)).toBe(0);
    await expect(service.managerOf('ada')).resolves.toMatchObject({ user_id: 'ada' });
  });

  test('does not end a run: whoever logs in again finds it', async () => {
    const manager = await service.managerOf('ada');
    const run = await manager.startRun(agent);
    const tab = await service.open('ada');
    run.text('before, ');
    await run.flushed();
    service.service.revoke(await service.contextOf('ada'));
    await tab.closed;
    run.text('after');
    await run.completed();
    const back = await service.open('ada', { from: (await tab.welcome).position });
    await back.next('agent_completed');
    expect(recordOf(back.events(), run.run_id)).toMatchObject({ text: 'before, after', outcome: 'succeeded' });
  });

  test('between the verdict of the authenticator and the welcome: the connection is refused', async () => {
    const log = memoryLog();
    const gate = createGate();
    await using slow = await startTestService({
      log: {
        open: async (key) => {
          await gate.pass();
          return log.open(key);
        },
        close: () => log.close(),
      },
    });
    const context = await slow.contextOf('ada');
    const client = await slow.connect('ada');
    await gate.reached;
    slow.service.revoke(context);
    gate.open();
    expect((await client.closed).code).toBe(4401);
    expect(client.frames).toEqual([]);
  });
});

describe('expiry', () => {
  test('welcome says when, and a refresh in band moves it', async () => {
    const client = await service.open('ada', { token: await tokenFor('ada', 60) });
    expect((await client.welcome).expires_in_ms).toBeGreaterThan(55_000);
    expect((await client.welcome).expires_in_ms).toBeLessThanOrEqual(60_000);
    client.send({ type: 'token', id: 'fresh', token: await tokenFor('ada', 600) });
    const refreshed = await client.next('refreshed');
    expect(refreshed.id).toBe('fresh');
    expect(refreshed.expires_in_ms).toBeGreaterThan(595_000);
    clock.advance(61_000);
    clock.advance(20_000);
    client.send({ type: 'ping', id: 'alive' });
    await client.next('pong');
  });

  test('stops events at once, also those that an ack would let through; a refresh brings them, none lost', async () => {
    const client = await service.open('ada', { token: await tokenFor('ada', 60), acks: true });
    const run = await (await service.managerOf('ada')).startRun(agent);
    let said = '';
    for (let part = 0; part < 400; part++) {
      const text = `${part} `.padEnd(1_024, '.');
      said += text;
      run.text(text);
      await run.flushed();
    }
    // The window is full: 128 KiB were sent and not acknowledged.
    await client.next((frame) => 'offset' in frame && frame.offset > 100);
    client.send({ type: 'ping', id: 'full' });
    await client.next('pong');
    clock.advance(61_000);
    const seen = client.events().length;
    const last = client.events().at(-1);
    const [epoch] = (await client.welcome).position.split('.');
    client.send({ type: 'ack', position: `${epoch}.${last?.offset}.${last?.mark}` });
    client.send({ type: 'ping', id: 'expired' });
    await client.next((frame) => frame.type === 'pong' && frame.id === 'expired');
    expect(client.events().length).toBe(seen);

    client.send({ type: 'token', id: 'fresh', token: await tokenFor('ada', 3_600) });
    await client.next('refreshed');
    const ended = run.completed();
    for (let acked = seen; ; ) {
      await client.next((frame) => 'offset' in frame && frame.offset > acked);
      const newest = client.events().at(-1);
      if (newest?.type === 'agent_completed') break;
      acked = newest?.offset as number;
      client.send({ type: 'ack', position: `${epoch}.${acked}.${newest?.mark}` });
    }
    await ended;
    expectDense(client.events());
    expect(recordOf(client.events(), run.run_id).text).toBe(said);
  });

  test('nothing but token, ack and ping is handled meanwhile; after the grace 4401', async () => {
    const client = await service.open('ada', { token: await tokenFor('ada', 60) });
    const run = await (await service.managerOf('ada')).startRun(agent);
    await client.next('agent_started');
    clock.advance(61_000);
    client.send({ type: 'message', id: 'm-1', thread_id: 't-1', data: 1 });
    client.send({ type: 'cancel', id: 'c-1', run_id: run.run_id });
    client.send({ type: 'ping', id: 'p-1' });
    await client.next('pong');
    await expect
      .poll(() => client.frames.filter((frame) => frame.type === 'error').map(({ id, code }) => `${id} ${code}`))
      .toEqual(['m-1 TOKEN_EXPIRED', 'c-1 TOKEN_EXPIRED']);
    expect(run.signal.aborted).toBe(false);
    run.text('not for an expired session');
    await run.flushed();
    clock.advance(11_000);
    expect(await client.closed).toMatchObject({ code: 4401, reason: 'credential expired' });
    expect(client.transcript()).not.toContain('not for an expired session');
    await run.completed();

    const back = await service.open('ada', {
      token: await tokenFor('ada', 3_600),
      from: (await client.welcome).position,
    });
    await back.next('agent_completed');
    expect(recordOf(back.events(), run.run_id).text).toBe('not for an expired session');
  });

  test('a token that is expired on arrival is refused', async () => {
    const client = await service.connect('ada', { token: await tokenFor('ada', -1) });
    expect((await client.closed).code).toBe(4401);
  });

  test('a refresh for another user closes with 4403, and the run of the first goes on', async () => {
    const client = await service.open('ada');
    const run = await (await service.managerOf('ada')).startRun(agent);
    client.send({ type: 'token', id: '1', token: await tokenOf('bob') });
    expect((await client.closed).code).toBe(4403);
    expect(run.signal.aborted).toBe(false);
    await run.completed();
  });

  test('while the authenticator is down a refresh is answered by an error, and the session keeps its verdict', async () => {
    let down = false;
    await using outage = await startTestService({
      authenticate: () => {
        if (down) throw new Error('unreachable');
        return { user_id: 'ada', expires_at: Date.now() + 60_000 };
      },
    });
    const client = await outage.open('ada');
    down = true;
    client.send({ type: 'token', id: '1', token: 'x' });
    expect(await client.next('error')).toMatchObject({ id: '1', code: 'AUTHENTICATOR_DOWN' });
    const upgrade = await outage.connect('ada');
    expect(await upgrade.response).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
    down = false;
    client.send({ type: 'token', id: '2', token: 'x' });
    await client.next('refreshed');
  });

  test('a refresh for another tenant closes with 4403', async () => {
    await using tenants = await startTestService({
      authenticate: ({ token }) => ({ user_id: 'ada', ...(token === '' ? {} : { tenant_id: token }) }),
    });
    const withTenant = await tenants.open('ada', { token: 'acme' });
    withTenant.send({ type: 'token', id: '1', token: 'other' });
    expect((await withTenant.closed).code).toBe(4403);
    const again = await tenants.open('ada', { token: 'acme' });
    again.send({ type: 'token', id: '1', token: '' });
    expect((await again.closed).code).toBe(4403);
  });
});
