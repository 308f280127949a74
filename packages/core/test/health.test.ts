// Health: levels with reasons, told to operators over HTTP and to pages by a frame.
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { healthHandlers } from '../src/health.js';
import { memoryLog } from '../src/memory-log.js';
import { fakeScheduler } from './fake-scheduler.js';
import { type Hooks, hookedLog, throws } from './hooked-log.js';
import { startService } from './running-service.js';

test('S7 S10 storage that fails: newcomers get 503, pages are told, and so they are when it works again', async () => {
  const hooks: Hooks = {};
  const scheduler = fakeScheduler();
  const { enter, refused, service, managerOf } = await startService({ scheduler, log: hookedLog(memoryLog(), hooks) });
  const page = await enter('ada');
  const manager = await managerOf('ada');
  const note = () => manager.send('acme.note', {}, { thread_id: 't' }).catch(() => {});
  hooks.append = throws;
  for (let failure = 0; failure < 5; failure++) await note();
  expect(service.health()).toMatchObject({ level: 'degraded', reasons: ['storage fails'], ready: true });
  expect(await page.until('degraded')).toMatchObject({ level: 'degraded' });
  const { status, headers, body } = await refused({ token: 'ada' });
  expect([status, body.code, headers['retry-after']]).toEqual([503, 'STORE_UNAVAILABLE', '5']);
  await scheduler.pass(5_000);
  expect(await enter('ada')).toBeDefined();
  delete hooks.append;
  await note();
  expect(service.health()).toMatchObject({ level: 'healthy', reasons: [] });
  expect(await page.until('degraded')).toMatchObject({ level: 'healthy' });
});

test('S7 R16 /healthz and /readyz say what a restarter and a load balancer need to know', async () => {
  let there = false;
  const server = createServer((request, response) => {
    const { healthz, readyz } = healthHandlers(running.service);
    (request.url === '/healthz' ? healthz : readyz)(request, response);
  });
  const scheduler = fakeScheduler();
  const check = () => {
    if (!there) throw new Error('no route');
  };
  const running = await startService({ server, scheduler, readiness: [{ name: 'redis', check }] });
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${running.port}${path}`);
    return [answer.status, await answer.json()] as const;
  };
  const waiting = { level: 'unhealthy', reasons: ['waiting for redis'] };
  expect(await ask('/readyz')).toEqual([503, waiting]);
  expect(await ask('/healthz')).toEqual([503, waiting]);
  there = true;
  await scheduler.pass(1_000);
  expect(await ask('/readyz')).toEqual([200, { level: 'healthy', reasons: [] }]);
  const page = await running.enter('ada');
  const drained = running.service.drain({ deadlineMs: 60_000 });
  expect(await ask('/readyz')).toEqual([503, { level: 'degraded', reasons: ['draining'] }]);
  expect(await ask('/healthz')).toEqual([200, { level: 'degraded', reasons: ['draining'] }]);
  await scheduler.pass(200);
  await page.closed;
  await scheduler.pass(200);
  await drained;
  expect(await ask('/healthz')).toEqual([503, { level: 'unhealthy', reasons: ['closed'] }]);
});
