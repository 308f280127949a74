import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { EventLog, UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { startWebSocketService } from '../src/service.js';
import { getWebSocketManager } from '../src/user-manager.js';
import { fakeScheduler } from './fake-scheduler.js';
import { type Hooks, hookedLog } from './hooked-log.js';
import { byName, listen, rejectionOf, startService, turn } from './running-service.js';

const place = { agent_name: 'a', thread_id: 't' };

afterEach(() => vi.restoreAllMocks());

describe('R2: every public method does what it says', () => {
  test('path', async () => {
    expect((await startService()).service.path).toBe('/ws');
    expect((await startService({ path: '/live' })).service.path).toBe('/live');
  });

  test('authenticate', async () => {
    const { service } = await startService();
    expect({ ...(await service.authenticate({ token: 'ada@acme' })) }).toEqual({
      user_id: 'ada',
      tenant_id: 'acme',
      claims: {},
    });
    expect({ ...(await service.authenticate({ token: 'ada' })) }).toMatchObject({ tenant_id: 'default' });
  });

  test('revoke', async () => {
    const { service, enter } = await startService();
    const [one, two, other] = [await enter('ada'), await enter('ada'), await enter('bob')];
    expect(service.revoke(await service.authenticate({ token: 'ada' }))).toBe(2);
    expect(await one.closed).toEqual({ code: 4401, reason: 'signed out' });
    expect(await two.closed).toMatchObject({ code: 4401 });
    other.send({ type: 'ping', id: 'p-1' });
    await other.until('pong');
    await enter('ada');
  });

  test('health', async () => {
    const { service, enter, managerOf } = await startService();
    expect(service.health()).toMatchObject({ level: 'healthy', reasons: [], sessions: 0, runs: 0 });
    await enter('ada');
    await (await managerOf('bob')).startRun(place);
    expect(service.health()).toMatchObject({ level: 'healthy', reasons: [], sessions: 1, runs: 1 });
  });

  test('lag, and explain', async () => {
    const { service, enter, managerOf } = await startService({ ackWindowBytes: 32_768 });
    expect(service.lag()).toEqual([]);
    const [page] = [await enter('ada', { acks: true }), await enter('bob', { acks: true })];
    const manager = await managerOf('ada');
    for (let sent = 0; sent < 50; sent++) await manager.send('acme.note', 'x'.repeat(1_000), { thread_id: 't' });
    await expect.poll(() => service.lag()).toHaveLength(1);
    const session_id = page.frames[0]?.session_id;
    const entries = 50 - (manager.receipts()[0]?.offered ?? 0);
    expect(entries).toBeGreaterThan(0);
    expect(service.lag()).toMatchObject([{ session_id, user_id: 'ada', entries }]);
    await manager.run({ ...place, run_id: 'r-1' }, async () => {});
    expect(await service.explain({ run_id: 'r-1', seq: 1 })).toMatchObject({ state: 'stored', user_id: 'ada' });
  });

  test('drain, close and asyncDispose', async () => {
    for (const end of ['drain', 'close', Symbol.asyncDispose] as const) {
      const { service } = await startService();
      await service[end]();
      expect(service.health().reasons).toEqual(['closed']);
    }
  });

  test('getWebSocketManager, and the manager: user_id, tenant_id, run, startRun, send, position, receipts', async () => {
    const { service } = await startService();
    const manager = getWebSocketManager(await service.authenticate({ token: 'ada@acme' }));
    expect(manager).toMatchObject({ user_id: 'ada', tenant_id: 'acme' });
    expect(await manager.run(place, async () => ({ final_response: 1 }))).toEqual({ final_response: 1 });
    await (await manager.startRun(place)).completed();
    const position = await manager.send('acme.note', 1, { thread_id: 't' });
    expect(await manager.position()).toBe(position);
    expect(manager.receipts()).toEqual([]);
  });
});

describe('authenticate refuses', () => {
  test.each([
    ['a bad token', 'bad', 'CREDENTIAL_REFUSED'],
    ['an expired one', 'ada~1', 'CREDENTIAL_REFUSED'],
    ['any token while the authenticator is down', 'down', 'AUTHENTICATOR_DOWN'],
    ['a user whose name is no id', 'x'.repeat(129), 'ID_INVALID'],
    ['a tenant whose name is no id', 'ada@', 'ID_INVALID'],
  ])('%s', async (_, token, code) => {
    const { service } = await startService();
    await expect(service.authenticate({ token })).rejects.toMatchObject({ code });
  });

  test('everything once the service is closed, even when it was asked before', async () => {
    const { service } = await startService({
      authenticate: async (credentials) => {
        await turn();
        return byName(credentials);
      },
    });
    const asked = rejectionOf(service.authenticate({ token: 'ada' }));
    await service.close();
    expect(await asked).toMatchObject({ code: 'SERVICE_CLOSED' });
    await expect(service.authenticate({ token: 'ada' })).rejects.toMatchObject({ code: 'SERVICE_CLOSED' });
  });
});

describe('close', () => {
  test('ends sessions with 1001 and runs as interrupted, which their readers hear', async () => {
    const { service, enter, managerOf } = await startService();
    const client = await enter('ada');
    const ended = rejectionOf((await managerOf('ada')).run(place, () => new Promise<void>(() => {})));
    await client.until('agent_started');
    await service.close();
    expect(await ended).toMatchObject({ code: 'RUN_INTERRUPTED' });
    expect(await client.until('agent_completed')).toMatchObject({ data: { outcome: 'interrupted' } });
    expect(await client.closed).toEqual({ code: 1001, reason: 'the service closes' });
  });

  test('is one close, however often it is asked for', async () => {
    const { service } = await startService();
    expect(service.close()).toBe(service.close());
    await service.close();
    await service.drain();
  });

  test('ends what is used of it afterwards with a typed error', async () => {
    const { service, managerOf } = await startService();
    const manager = await managerOf('ada');
    const run = await manager.startRun(place);
    await service.close();
    await expect(manager.startRun(place)).rejects.toMatchObject({ code: 'SERVICE_CLOSED' });
    await expect(manager.send('acme.note', 1, { thread_id: 't' })).rejects.toMatchObject({ code: 'SERVICE_CLOSED' });
    await expect(run.thinking({ reasoning: 'x' })).rejects.toMatchObject({ code: 'RUN_ENDED' });
  });

  test('does not wait for a peer that answers nothing', async () => {
    const scheduler = fakeScheduler();
    const { service, enter } = await startService({ scheduler });
    const client = await enter('ada');
    client.webSocket.pause();
    const closed = service.close();
    await scheduler.pass(1_000);
    await closed;
    expect(scheduler.waiting).toBe(0);
  });

  test('does not wait for a store that answers nothing', async () => {
    const scheduler = fakeScheduler();
    const hooks: Hooks = {};
    const { service, managerOf } = await startService({ scheduler, log: hookedLog(memoryLog({}, scheduler), hooks) });
    const run = await (await managerOf('ada')).startRun(place);
    hooks.append = () => new Promise(() => {});
    void run.thinking({ reasoning: 'x' });
    const closed = service.close();
    await scheduler.pass(1_000);
    await closed;
    expect(service.health().reasons).toEqual(['closed']);
  });

  test('leaves nothing behind: no timer, no listener, no handle', async () => {
    const scheduler = fakeScheduler();
    const server = createServer();
    await listen(server);
    const handles = () => process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length;
    const before = handles();
    const { service, enter, managerOf } = await startService({ scheduler, server, onMessage: () => {} });
    const clients = await Promise.all(['ada', 'ada', 'bob'].map((user) => enter(user)));
    const manager = await managerOf('ada');
    await manager.run(place, async (run) => {
      run.text('a');
      run.text('b');
    });
    await manager.startRun(place);
    expect(scheduler.waiting).toBeGreaterThan(0);
    await service.close();
    await Promise.all(clients.map(({ closed }) => closed));
    expect(scheduler.waiting).toBe(0);
    expect(server.listenerCount('upgrade')).toBe(0);
    expect(Object.getOwnPropertySymbols(server).map(String)).not.toContain('Symbol(throughline.paths)');
    await expect.poll(handles).toBeLessThanOrEqual(before);
  });

  test('gives back each log it opened, once', async () => {
    const memory = memoryLog();
    const held = new Map<string, number>();
    const log: EventLog = {
      open: ({ user_id }) => {
        held.set(user_id, (held.get(user_id) ?? 0) + 1);
        const opened = memory.open({ tenant_id: 'default', user_id }) as UserLog;
        return new Proxy(opened, {
          get: (target, name) => {
            if (name === 'release') return () => void held.set(user_id, (held.get(user_id) ?? 0) - 1);
            const value: unknown = Reflect.get(target, name, target);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
      },
      close: () => memory.close(),
    };
    const { service, enter, managerOf } = await startService({ log });
    await enter('ada');
    await (await managerOf('ada')).run(place, async () => {});
    await (await managerOf('bob')).startRun(place);
    expect([...held]).toEqual([
      ['ada', 1],
      ['bob', 1],
    ]);
    await service.close();
    expect([...held.values()]).toEqual([0, 0]);
  });

  test('leaves a log alone that it was given', async () => {
    const scheduler = fakeScheduler();
    const log = memoryLog({}, scheduler);
    const { service, managerOf } = await startService({ log, scheduler });
    await (await managerOf('ada')).send('acme.note', 1, { thread_id: 't' });
    await service.close();
    expect(scheduler.waiting).toBe(1);
    const again = await startService({ log, scheduler });
    expect(await (await again.managerOf('ada')).position()).toMatch(/\.1\./);
  });
});

describe('starting', () => {
  test('rejects wrong options instead of throwing', async () => {
    await expect(startWebSocketService({} as never)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  test('two services on one path of one server are refused, and the second leaves nothing behind', async () => {
    const { server, service, enter } = await startService();
    const scheduler = fakeScheduler();
    const second = startWebSocketService({ server, scheduler, authenticate: byName });
    await expect(second).rejects.toMatchObject({ code: 'PATH_TAKEN' });
    expect(scheduler.waiting).toBe(0);
    await enter('ada');
    expect(service.health().sessions).toBe(1);
  });

  test('a worker of a cluster may not keep a log that its siblings cannot see', async () => {
    const { isWorker } = cluster;
    Object.assign(cluster, { isWorker: true });
    try {
      const server = createServer();
      await expect(startWebSocketService({ server, authenticate: byName })).rejects.toMatchObject({
        code: 'CLUSTER_MEMORY_LOG',
      });
      const service = await startWebSocketService({ server, authenticate: byName, log: memoryLog() });
      await service.close();
    } finally {
      Object.assign(cluster, { isWorker });
    }
  });

  test('without a telemetry option a refusal is a line of stderr, and a welcome is none', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const server = createServer();
    const port = await listen(server);
    const service = await startWebSocketService({ server, authenticate: byName });
    const { connect } = await import('./raw-client.js');
    const good = await connect(port, { token: 'ada' });
    const bad = await connect(port, { token: 'bad' });
    await bad.closed;
    good.webSocket.terminate();
    await service.close();
    server.close();
    const lines = write.mock.calls.map(([text]) => String(text)).filter((text) => text.startsWith('throughline '));
    expect(lines).toEqual([expect.stringContaining('"code":"CREDENTIAL_REFUSED"')]);
  });
});
