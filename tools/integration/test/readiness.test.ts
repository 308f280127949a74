// R16: nobody is let in before the service can serve, and who comes early is told to come again, in HTTP.
import { memoryLog, startWebSocketService } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { createGate } from '../src/gate.js';
import { startTestService } from '../src/test-service.js';
import { clientFrame } from '../src/wire.js';

const early = clientFrame(JSON.stringify({ type: 'message', id: 'early', thread_id: 't', data: 1 }));

describe('a service that starts', () => {
  test('refuses with 503 and Retry-After until every dependency has answered once, then serves', async () => {
    const database = createGate();
    const search = createGate();
    const handled: unknown[] = [];
    await using service = await startTestService({
      readiness: [
        { name: 'database', check: () => database.pass() },
        { name: 'search', check: () => search.pass() },
      ],
      onMessage: (message) => handled.push(message),
    });
    await database.reached;
    for (const gate of [database, search]) {
      const client = await service.connect('ada', { early });
      const { status, headers, body } = await client.response;
      expect(status).toBe(503);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(JSON.parse(body)).toMatchObject({ code: 'STARTING' });
      await client.closed;
      expect(service.service.health().level).toBe('unhealthy');
      gate.open();
    }
    await expect.poll(() => service.service.health()).toMatchObject({ level: 'healthy', reasons: [] });
    await service.open('ada');
    // What came too early was refused, not kept.
    expect(handled).toEqual([]);
  });

  test('asks again what failed, and names it meanwhile', async () => {
    let asked = 0;
    await using service = await startTestService({
      readiness: [
        {
          name: 'broker',
          check: () => {
            asked += 1;
            if (asked === 1) throw new Error('connection refused');
          },
        },
      ],
    });
    expect(service.service.health().reasons).toEqual(['waiting for broker']);
    await expect.poll(() => service.service.health().level, { timeout: 4_000 }).toBe('healthy');
    expect(asked).toBe(2);
    await service.open('ada');
  });

  test('is ready once and for all: a dependency that fails later logs nobody out', async () => {
    let up = true;
    await using service = await startTestService({
      readiness: [{ name: 'database', check: () => (up ? undefined : Promise.reject(new Error('down'))) }],
    });
    await expect.poll(() => service.service.health().level).toBe('healthy');
    up = false;
    await service.open('ada');
  });
});

describe('a service that is busy', () => {
  test('refuses with 429 and Retry-After while too many tokens are being checked', async () => {
    const gate = createGate();
    let underWay = 0;
    await using service = await startTestService({
      maxHandshakes: 2,
      authenticate: async () => {
        underWay += 1;
        await gate.pass();
        return { user_id: 'ada' };
      },
    });
    const waiting = [await service.connect('ada'), await service.connect('ada')];
    await expect.poll(() => underWay).toBe(2);
    const { status, headers, body } = await (await service.connect('ada')).response;
    expect([status, headers['retry-after'] !== undefined]).toEqual([429, true]);
    expect(JSON.parse(body)).toMatchObject({ code: 'TOO_MANY_HANDSHAKES' });
    gate.open();
    await Promise.all(waiting.map(({ welcome }) => welcome));
    await service.open('ada');
  });

  test('gives an authenticator that hangs up, with 503, and lets its late answer have no effect', async () => {
    const gate = createGate();
    await using service = await startTestService({
      authenticateTimeoutMs: 50,
      authenticate: async () => {
        await gate.pass();
        return { user_id: 'ada' };
      },
    });
    const client = await service.connect('ada');
    const { status, body, headers } = await client.response;
    expect([status, headers['retry-after'] !== undefined]).toEqual([503, true]);
    expect(JSON.parse(body)).toMatchObject({ code: 'AUTHENTICATOR_DOWN' });
    gate.open();
    await client.closed;
    expect(service.service.health().sessions).toBe(0);
  });

  test('answers 503 when its logs cannot be opened, and serves when they can', async () => {
    let broken = true;
    const log = memoryLog();
    await using service = await startTestService({
      log: {
        open: (key) => {
          if (broken) throw new Error('no disk');
          return log.open(key);
        },
        close: () => log.close(),
      },
    });
    const client = await service.connect('ada');
    const { status, body } = await client.response;
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(body).not.toContain('no disk');
    broken = false;
    await service.open('ada');
  });
});

test('one service per path of a server; two on two paths know nothing of each other', async () => {
  await using service = await startTestService();
  await expect(startWebSocketService({ server: service.server, authenticate: () => null })).rejects.toMatchObject({
    code: 'PATH_TAKEN',
  });
  const second = await startWebSocketService({
    server: service.server,
    path: '/second',
    authenticate: () => ({ user_id: 'ada' }),
    telemetry: () => {},
  });
  const here = await service.open('ada');
  const there = await service.open('ada', { url: new URL('/second', service.url).href });
  expect((await here.welcome).session_id).not.toBe((await there.welcome).session_id);
  expect(second.health().sessions).toBe(1);
  await (await service.managerOf('ada')).send('test.here', 1, { thread_id: 't' });
  await here.next('test.here');
  await second.close();
  expect((await there.closed).code).toBe(1001);
  expect(there.events()).toEqual([]);
  // The path is free again, and nobody answers there.
  const gone = await service.connect('ada', { url: new URL('/second', service.url).href });
  expect((await gone.response).status).toBe(404);
});
