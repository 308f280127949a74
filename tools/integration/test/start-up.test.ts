// S12, family "start-up": with the real dependency up, down, late, gone and hanging.
import { createServer } from 'node:http';
import { healthHandlers, type WebSocketService } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { openPage } from '../src/page.js';
import { createRedisServer, pingRedis, type RedisServer } from '../src/redis-server.js';
import { startTestService, type TestService } from '../src/test-service.js';

function startWith(redis: RedisServer): Promise<TestService> {
  return startTestService({ readiness: [{ name: 'redis', check: () => pingRedis(redis.port) }] });
}

/** What an orchestrator reads. */
async function readyz(service: WebSocketService): Promise<{ readonly status: number; readonly reasons: string[] }> {
  const { readyz: handler } = healthHandlers(service);
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { headers: { Connection: 'close' } });
  server.close();
  const { reasons } = (await response.json()) as { readonly reasons: string[] };
  return { status: response.status, reasons };
}

describe('S12 start-up, with real services up and down', () => {
  test('S12 start-up: Redis is up: the service is ready, and lets everybody in', async ({ signal }) => {
    await using redis = await createRedisServer(signal);
    await redis.start();
    await using service = await startWith(redis);
    await expect.poll(() => service.service.health()).toMatchObject({ level: 'healthy', ready: true });
    await service.open('ada');
    expect(await readyz(service.service)).toEqual({ status: 200, reasons: [] });
  });

  test('S12 start-up, R16: Redis is down: nobody is let in and everybody is told why; it comes up, and a page that waited is served', async ({
    signal,
  }) => {
    await using redis = await createRedisServer(signal);
    await using service = await startWith(redis);
    using page = openPage({ url: service.url, user: 'ada' });
    const refused = await (await service.connect('bob')).response;
    expect([refused.status, JSON.parse(refused.body)]).toEqual([503, expect.objectContaining({ code: 'STARTING' })]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(await readyz(service.service)).toEqual({ status: 503, reasons: ['waiting for redis'] });
    await redis.start();
    await page.live();
    const manager = await service.managerOf('ada');
    await manager.run({ agent_name: 'a', thread_id: 't-1' }, (run) => {
      run.text('Here we are.');
      return undefined;
    });
    await page.until(() => page.events.some(({ type }) => type === 'agent_completed'));
    expect(await readyz(service.service)).toEqual({ status: 200, reasons: [] });
  });

  test('S12 start-up: Redis takes connections and answers nothing: it counts as down, until it answers', async ({
    signal,
  }) => {
    await using redis = await createRedisServer(signal);
    await redis.start();
    redis.hang();
    await using service = await startWith(redis);
    expect((await (await service.connect('ada')).response).status).toBe(503);
    expect(service.service.health()).toMatchObject({ ready: false, reasons: ['waiting for redis'] });
    redis.wake();
    await expect.poll(() => service.service.health().ready).toBe(true);
    await service.open('ada');
  });

  test('S12 start-up: Redis goes down in mid-answer: the answer ends whole, and newcomers are let in', async ({
    signal,
  }) => {
    await using redis = await createRedisServer(signal);
    await redis.start();
    await using service = await startWith(redis);
    await expect.poll(() => service.service.health().ready).toBe(true);
    using page = openPage({ url: service.url, user: 'ada' });
    await page.live();
    const run = await (await service.managerOf('ada')).startRun({ agent_name: 'a', thread_id: 't-1' });
    run.text('Before, ');
    await redis.stop();
    await expect(pingRedis(redis.port)).rejects.toThrow('ECONNREFUSED');
    run.text('and after.');
    await run.completed();
    expect(await page.ended(run.run_id)).toMatchObject({ text: 'Before, and after.', status: 'succeeded' });
    await service.open('bob');
  });

  test('S12 start-up: a service that is closed while Redis is down leaves nothing behind', async ({ signal }) => {
    await using redis = await createRedisServer(signal);
    const service = await startWith(redis);
    await service[Symbol.asyncDispose]();
    await redis.start();
    expect(service.service.health()).toMatchObject({ level: 'unhealthy', ready: false });
  });
});
