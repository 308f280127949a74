import { retryRule } from '@throughline/events/protocol';
import { describe, expect, test } from 'vitest';
import type { WebSocketManager } from '../src/manager.js';
import { memoryLog } from '../src/memory-log.js';
import { narrowUserContext } from '../src/narrowing.js';
import { getWebSocketManager } from '../src/user-manager.js';
import { type Hooks, hookedLog, rejects } from './hooked-log.js';
import { rejectionOf, startService, turn } from './running-service.js';
import { expectWholeRun, storedEvents } from './stored-events.js';

const place = { agent_name: 'a', thread_id: 't' };

describe('S1: a manager', () => {
  test('is one per user, whoever authenticates and how often', async () => {
    const { managerOf } = await startService();
    const manager = await managerOf('ada');
    expect(await managerOf('ada')).toBe(manager);
    for (const other of ['bob', 'ada@acme']) expect(await managerOf(other)).not.toBe(manager);
  });

  test('R17: is taken at once, without a promise', async () => {
    const { service } = await startService();
    expect(getWebSocketManager(await service.authenticate({ token: 'ada' }))).not.toBeInstanceOf(Promise);
  });

  test('cannot be changed, and shows no way to its user', async () => {
    const { managerOf } = await startService();
    const manager = await managerOf('ada');
    expect(Object.isFrozen(manager)).toBe(true);
    expect(Reflect.ownKeys(manager)).toEqual([]);
  });

  test('S9: two at work at once do not mix', async () => {
    const log = memoryLog();
    const { managerOf } = await startService({ log });
    const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
    await Promise.all(
      users.map(async (user) => {
        const manager = await managerOf(user);
        await Promise.all(
          [1, 2, 3].map((number) =>
            manager.run({ ...place, run_id: `r-${number}` }, async (run) => {
              for (let step = 0; step < 5; step++) {
                await run.thinking({ reasoning: `${user}/${number}` });
                if (step % 2 === 0) await turn();
              }
            }),
          ),
        );
      }),
    );
    for (const user of users) {
      const events = storedEvents(log, user);
      for (const run_id of ['r-1', 'r-2', 'r-3']) {
        expectWholeRun(events, run_id);
        const thoughts = events.filter((event) => event.run_id === run_id && event.type === 'agent_thinking');
        expect(thoughts.map(({ data }) => data.reasoning)).toEqual(Array(5).fill(`${user}/${run_id.slice(2)}`));
      }
      expect(new Set(events.map(({ user_id }) => user_id))).toEqual(new Set([user]));
    }
  });
});

describe('R14: a revocation', () => {
  test('ends a manager that was taken before: no run begins with it, nothing is said', async () => {
    const { service, managerOf } = await startService();
    const manager = await managerOf('ada');
    service.revoke(await service.authenticate({ token: 'ada' }));
    await expect(manager.startRun(place)).rejects.toMatchObject({ code: 'CONTEXT_REVOKED' });
    await expect(manager.run(place, () => expect.unreachable())).rejects.toMatchObject({ code: 'CONTEXT_REVOKED' });
    await expect(manager.send('acme.note', 1, { thread_id: 't' })).rejects.toMatchObject({ code: 'CONTEXT_REVOKED' });
    const anew = await managerOf('ada');
    await anew.run(place, async () => {});
  });

  test('lets a run that has begun end', async () => {
    const log = memoryLog();
    const { service, managerOf } = await startService({ log });
    const run = await (await managerOf('ada')).startRun(place);
    service.revoke(await service.authenticate({ token: 'ada' }));
    await run.thinking({ reasoning: 'x' });
    await run.completed();
    expect(expectWholeRun(storedEvents(log)).data).toMatchObject({ outcome: 'succeeded' });
  });
});

describe('what names a run or a thread', () => {
  test.each<[string, Record<string, unknown>]>([
    ['thread_id', { thread_id: undefined }],
    ['thread_id', { thread_id: '' }],
    ['thread_id', { thread_id: 'a b' }],
    ['thread_id', { thread_id: 7 }],
    ['run_id', { run_id: '' }],
    ['run_id', { run_id: null }],
    ['message_id', { message_id: 'ä' }],
    ['parent_run_id', { parent_run_id: 'x'.repeat(129) }],
  ])('R9: %s must be an id: %j', async (name, wrong) => {
    const { managerOf, service } = await startService();
    const manager = await managerOf('ada');
    const verdict = manager.startRun({ ...place, ...wrong } as never);
    await expect(verdict).rejects.toMatchObject({ code: 'ID_INVALID', message: expect.stringContaining(name) });
    expect(service.health().runs).toBe(0);
  });

  test.each([undefined, '', 'x'.repeat(129), 7])('agent_name must be a name: %j', async (agent_name) => {
    const { managerOf } = await startService();
    const verdict = (await managerOf('ada')).startRun({ ...place, agent_name } as never);
    await expect(verdict).rejects.toMatchObject({
      code: 'EVENT_INVALID',
      message: expect.stringContaining('agent_name'),
    });
  });
});

describe('send, outside a run', () => {
  test('says one event with the envelope of its user, and returns its position', async () => {
    const log = memoryLog();
    const { managerOf } = await startService({ log });
    const position = await (await managerOf('ada')).send('acme.invoice_ready', { id: 7 }, { thread_id: 't-1' });
    expect(storedEvents(log)).toEqual([
      {
        offset: 1,
        mark: position.split('.')[2],
        type: 'acme.invoice_ready',
        user_id: 'ada',
        thread_id: 't-1',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        data: { id: 7 },
      },
    ]);
  });

  test.each(['agent_started', 'agent_completed', 'partial_result', 'note', 'Acme.Note', undefined, 7])(
    'says nothing by the type %j',
    async (type) => {
      const { managerOf } = await startService();
      const manager = await managerOf('ada');
      await expect(manager.send(type as never, {}, { thread_id: 't' })).rejects.toMatchObject({
        code: 'EVENT_INVALID',
      });
    },
  );

  test('needs a thread', async () => {
    const { managerOf } = await startService();
    const manager = await managerOf('ada');
    await expect(manager.send('acme.note', 1, { thread_id: 'a b' })).rejects.toMatchObject({ code: 'ID_INVALID' });
  });

  test('S11: a verdict that nobody awaits ends no process', async () => {
    const { managerOf } = await startService();
    const manager = await managerOf('ada');
    void manager.send('acme.note', Number.NaN, { thread_id: 't' });
    void manager.startRun({ ...place, thread_id: '' }).catch(() => {});
    await turn();
    expect(manager.user_id).toBe('ada');
  });

  test('that never awaits is refused', async () => {
    const { managerOf } = await startService({ maxPendingBytes: 10_000 });
    const manager = await managerOf('ada');
    await manager.position();
    const verdicts: Promise<unknown>[] = [];
    for (let sent = 0; sent < 50; sent++) {
      verdicts.push(manager.send('acme.note', 'x'.repeat(1_000), { thread_id: 't' }));
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
    }
    const reasons = (await Promise.all(verdicts.map(rejectionOf))).filter((reason) => reason !== undefined);
    expect(reasons.length).toBeGreaterThan(20);
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'PRODUCER_TOO_FAST' });
  });
});

describe('position, for a snapshot', () => {
  test('is where active would open: a client that asks for it misses nothing of an open run', async () => {
    const { managerOf, enter } = await startService();
    const manager: WebSocketManager = await managerOf('ada');
    await manager.send('acme.note', 1, { thread_id: 't' });
    const run = await manager.startRun(place);
    const from = await manager.position();
    expect(from).toMatch(/\.1\.[0-9a-f]{8}$/);
    const client = await enter('ada', { from });
    expect(await client.next()).toMatchObject({ type: 'agent_started', offset: 2 });
    await run.completed();
    expect(await manager.position()).toMatch(/\.3\.[0-9a-f]{8}$/);
  });

  test('is a position, though the log drops the entry in between', async () => {
    let asked = 0;
    const hooks: Hooks = { markAt: (answer) => (++asked < 3 ? (undefined as never) : answer()) };
    const { managerOf, connect } = await startService({ log: hookedLog(memoryLog(), hooks) });
    const from = await (await managerOf('ada')).position();
    const client = await connect('ada', { from });
    expect(await client.next()).toMatchObject({ type: 'welcome', position: from });
  });

  test('rejects with a typed error when the log cannot be opened', async () => {
    const { managerOf } = await startService({ log: hookedLog(memoryLog(), { open: rejects }) });
    await expect((await managerOf('ada')).position()).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});

test('a log that could not be opened is opened by the next who needs it', async () => {
  const hooks: Hooks = { open: rejects };
  const { managerOf } = await startService({ log: hookedLog(memoryLog(), hooks) });
  const manager = await managerOf('ada');
  await expect(manager.startRun(place)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await expect(manager.send('acme.note', 1, { thread_id: 't' })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  delete hooks.open;
  await manager.run(place, async () => {});
});

test('R17: a run that nobody awaits may fail, and the process goes on', async () => {
  const { managerOf, enter } = await startService();
  const client = await enter('ada');
  const manager = await managerOf('ada');
  // Vitest fails on any unhandled rejection.
  void manager.run({ agent_name: 'a', thread_id: 't' }, () => {
    throw new Error('nobody looks');
  });
  void manager.startRun({ agent_name: 'a', thread_id: 'not an id' });
  expect(await client.until('agent_completed')).toMatchObject({ data: { outcome: 'failed' } });
  await turn();
});

describe('disconnecting', () => {
  test("S9 closes the sessions of the manager's own user, whatever their sign-in, and no other", async () => {
    const { managerOf, enter } = await startService({
      authenticate: ({ token }) => {
        const [name = '', grant_id = 'only'] = token.split('#');
        const [user_id = '', tenant_id = 'default'] = name.split('@');
        return { user_id, tenant_id, grant_id };
      },
    });
    const [laptop, phone] = [await enter('ada#laptop'), await enter('ada#phone')];
    const others = [await enter('bob'), await enter('ada@acme')];
    const manager = await managerOf('ada#laptop');
    expect(manager.disconnect()).toBe(manager.receipts().length);
    expect(await Promise.all([laptop.closed, phone.closed])).toEqual([
      { code: 1000, reason: 'disconnected' },
      { code: 1000, reason: 'disconnected' },
    ]);
    expect(retryRule(1000)).toBe('never');
    for (const other of others) {
      other.send({ type: 'ping', id: 'still-there' });
      expect(await other.until('pong')).toBeDefined();
    }
  });

  test('R14 voids no context, ends no run, and closes nothing twice', async () => {
    const { managerOf, enter } = await startService();
    const page = await enter('ada');
    const manager = await managerOf('ada');
    const run = await manager.startRun(place);
    expect([manager.disconnect('moved'), manager.disconnect('moved')]).toEqual([1, 0]);
    expect(await page.closed).toEqual({ code: 1000, reason: 'moved' });
    await run.completed();
    await manager.send('acme.note', 1, { thread_id: 't' });
    const back = await enter('ada', { from: 'active' });
    expect(back.frames[0]).toMatchObject({ head: 3 });
  });

  test.each([{ thread_id: 't' }, { thread_id: 't', run_id: 'r-1' }])(
    'S9 is more than a context narrowed to %j may do',
    async (scope) => {
      const { service, enter } = await startService();
      const page = await enter('ada', { threads: ['t'] });
      const narrowed = narrowUserContext(await service.authenticate({ token: 'ada' }), scope, { ttlMs: 60_000 });
      expect(() => getWebSocketManager(narrowed).disconnect()).toThrow(
        expect.objectContaining({ code: 'SCOPE_EXCEEDED' }),
      );
      page.send({ type: 'ping', id: 'still-there' });
      expect(await page.until('pong')).toBeDefined();
    },
  );

  test('R14 S9 is nothing that a revoked context may do, nor with a reason that a close frame cannot hold', async () => {
    const { service, managerOf, enter } = await startService();
    const manager = await managerOf('ada');
    const page = await enter('ada');
    for (const wrong of ['x'.repeat(121), 'ä'.repeat(61), 7]) {
      expect(() => manager.disconnect(wrong as string)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    }
    expect(manager.receipts()).toHaveLength(1);
    expect(manager.disconnect('ä'.repeat(60))).toBe(1);
    expect(await page.closed).toEqual({ code: 1000, reason: 'ä'.repeat(60) });
    service.revoke(await service.authenticate({ token: 'ada' }));
    expect(() => manager.disconnect()).toThrow(expect.objectContaining({ code: 'CONTEXT_REVOKED' }));
  });
});
