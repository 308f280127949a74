import { describe, expect, test } from 'vitest';
import type { DrainOptions } from '../src/drain.js';
import type { ServiceOptions } from '../src/options.js';
import { getWebSocketManager } from '../src/user-manager.js';
import { hasSettled, passUntil } from './elapse.js';
import { fakeScheduler } from './fake-scheduler.js';
import { rejectionOf, startService } from './running-service.js';

const place = { agent_name: 'a', thread_id: 't' };

async function startDrainable(options: Partial<ServiceOptions> = {}) {
  const scheduler = fakeScheduler();
  const running = await startService({ scheduler, ...options });
  return { ...running, scheduler, manager: await running.managerOf('ada') };
}

describe('S7: a drain', () => {
  test('of an idle service closes at once', async () => {
    const { service } = await startDrainable();
    await service.drain();
    expect(service.health()).toMatchObject({ level: 'unhealthy', reasons: ['closed'], sessions: 0, runs: 0 });
  });

  test('tells everybody, each another time to come back, and closes with 1012', async () => {
    const { service, enter, scheduler } = await startDrainable();
    const clients = await Promise.all(Array.from({ length: 10 }, () => enter('ada')));
    const drained = service.drain({ spreadMs: 5_000 });
    expect(service.health()).toMatchObject({ level: 'degraded', reasons: ['draining'] });
    const times: unknown[] = [];
    for (const client of clients) {
      const frame = await client.until('draining');
      expect(Object.keys(frame)).toEqual(['type', 'reconnect_after_ms']);
      times.push(frame.reconnect_after_ms);
    }
    await scheduler.pass(100);
    for (const client of clients) expect(await client.closed).toEqual({ code: 1012, reason: 'draining' });
    await scheduler.pass(100);
    await drained;
    for (const time of times) expect(time).toSatisfy((ms: number) => Number.isInteger(ms) && ms >= 0 && ms < 5_000);
    expect(new Set(times).size).toBeGreaterThan(1);
  });

  test('lets nobody in any more', async () => {
    const { service, refused, manager, scheduler } = await startDrainable();
    const run = await manager.startRun(place);
    const drained = service.drain();
    expect(await refused({ token: 'ada' })).toMatchObject({
      status: 503,
      body: { code: 'DRAINING' },
      headers: { 'retry-after': '1' },
    });
    await run.completed();
    await scheduler.pass(100);
    await drained;
  });

  test('waits for runs, and their readers read how they ended', async () => {
    const { service, enter, manager, scheduler } = await startDrainable();
    const client = await enter('ada');
    const run = await manager.startRun(place);
    const drained = service.drain();
    await scheduler.pass(5_000);
    expect(await hasSettled(drained)).toBe(false);
    expect(service.health()).toMatchObject({ sessions: 1, runs: 1 });
    run.text('to the end');
    await run.completed({ final_response: 'to the end' });
    await scheduler.pass(200);
    expect(await client.until('agent_completed')).toMatchObject({ data: { outcome: 'succeeded' } });
    expect(await client.closed).toMatchObject({ code: 1012 });
    await scheduler.pass(200);
    await drained;
  });

  test('waits for a reader that lags behind', async () => {
    const { service, enter, manager, scheduler } = await startDrainable();
    const client = await enter('ada', { acks: true });
    for (let sent = 0; sent < 200; sent++) await manager.send('acme.note', 'x'.repeat(1_000), { thread_id: 't' });
    const drained = service.drain();
    await scheduler.pass(1_000);
    expect(await hasSettled(drained)).toBe(false);
    while (client.offsets.length < 200) {
      await client.next();
      client.send({ type: 'ack', position: client.position });
    }
    client.send({ type: 'ping', id: 'p-1' });
    await client.until('pong');
    await scheduler.pass(100);
    expect(await client.closed).toMatchObject({ code: 1012 });
    await passUntil(scheduler, drained);
  });

  test('waits for a page that promised acknowledgements until it has acknowledged everything, and for no other', async () => {
    const { service, enter, manager, scheduler } = await startDrainable();
    const [promised, mute] = [await enter('ada', { acks: true }), await enter('ada')];
    await manager.send('acme.note', 1, { thread_id: 't' });
    await promised.until('acme.note', { offset: 1 });
    const first = promised.position;
    await manager.send('acme.note', 2, { thread_id: 't' });
    await promised.until('acme.note', { offset: 2 });
    const drained = service.drain();
    expect(await mute.closed).toMatchObject({ code: 1012 });
    promised.send({ type: 'ack', position: first });
    promised.send({ type: 'ping', id: 'p-1' });
    await promised.until('pong');
    await scheduler.pass(5_000);
    expect([service.health().sessions, await hasSettled(drained)]).toEqual([1, false]);
    promised.send({ type: 'ack', position: promised.position });
    promised.send({ type: 'ping', id: 'p-2' });
    await promised.until('pong');
    await scheduler.pass(100);
    expect(await promised.closed).toMatchObject({ code: 1012 });
    await passUntil(scheduler, drained);
  });

  test('waits for messages that are being handled, and takes no new ones', async () => {
    let end: () => void = () => {};
    const heard: string[] = [];
    const { service, enter, scheduler } = await startDrainable({
      onMessage: ({ id }) => {
        heard.push(id);
        return new Promise<void>((resolve) => {
          end = resolve;
        });
      },
    });
    const client = await enter('ada');
    client.send({ type: 'message', id: 'm-1', thread_id: 'a', data: null });
    await client.until('accepted');
    const drained = service.drain();
    await client.until('draining');
    client.send({ type: 'message', id: 'm-2', thread_id: 'b', data: null });
    client.send({ type: 'ping', id: 'p-1' });
    await client.until('pong');
    await scheduler.pass(1_000);
    expect(await hasSettled(drained)).toBe(false);
    end();
    await scheduler.pass(200);
    await client.closed;
    await scheduler.pass(200);
    await drained;
    expect(heard).toEqual(['m-1']);
    const answers = client.frames.filter(({ type }) => type === 'accepted' || type === 'error');
    expect(answers).toMatchObject([{ id: 'm-1' }, { id: 'm-2', code: 'STORE_UNAVAILABLE' }]);
  });

  test('past its deadline waits for no peer that does not answer the close', async () => {
    const { service, enter, scheduler } = await startDrainable();
    const deaf = await enter('ada');
    deaf.webSocket.pause();
    let over = false;
    const drained = service.drain({ deadlineMs: 100 }).then(() => {
      over = true;
    });
    // Two rounds, and the second that a closing service gives its peers.
    for (let round = 0; round < 15 && !over; round++) await scheduler.pass(100);
    await drained;
    expect(service.health()).toMatchObject({ sessions: 0, reasons: ['closed'] });
  });

  test('a handler may still begin the run that answers', async () => {
    let go: () => void = () => {};
    const { service, enter, scheduler } = await startDrainable({
      onMessage: async (_, userContext) => {
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        await getWebSocketManager(userContext).run(place, async () => ({ final_response: 'in time' }));
      },
    });
    const client = await enter('ada');
    client.send({ type: 'message', id: 'm-1', thread_id: 'a', data: null });
    await client.until('accepted');
    const drained = service.drain();
    go();
    expect(await client.until('agent_completed')).toMatchObject({ data: { final_response: 'in time' } });
    await scheduler.pass(200);
    await client.closed;
    await scheduler.pass(200);
    await drained;
  });

  test('ends what is unfinished at its deadline as interrupted, and every reader hears so', async () => {
    const { service, enter, manager, scheduler } = await startDrainable();
    const client = await enter('ada');
    const ended = rejectionOf(manager.run(place, () => new Promise<void>(() => {})));
    await client.until('agent_started');
    const drained = service.drain({ deadlineMs: 2_000 });
    await scheduler.pass(1_900);
    expect(service.health().runs).toBe(1);
    await scheduler.pass(300);
    expect(await ended).toMatchObject({ code: 'RUN_INTERRUPTED' });
    expect(await client.until('agent_completed')).toMatchObject({
      data: { outcome: 'interrupted', error: { code: 'RUN_INTERRUPTED' } },
    });
    expect(await client.closed).toMatchObject({ code: 1012 });
    await scheduler.pass(200);
    await drained;
  });

  test('closes so many per round', async () => {
    const { service, enter, scheduler, telemetry } = await startDrainable();
    const clients = await Promise.all(Array.from({ length: 6 }, () => enter('ada')));
    let closed = 0;
    for (const client of clients) void client.closed.then(() => closed++);
    const drained = service.drain({ batch: 2 });
    await expect.poll(() => closed).toBe(2);
    await scheduler.pass(100);
    await expect.poll(() => closed).toBe(4);
    await scheduler.pass(100);
    await expect.poll(() => closed).toBe(6);
    await expect.poll(() => service.health().sessions).toBe(0);
    await scheduler.pass(100);
    await drained;
    const rounds = telemetry.filter(({ kind }) => kind === 'draining');
    expect(rounds.slice(0, 4)).toMatchObject([2, 2, 2, 0].map((count) => ({ closed: count })));
    expect(rounds.at(-1)).toEqual({ kind: 'draining', sessions: 0, runs: 0, closed: 0 });
  });

  test('is one drain, however often it is asked for, and a close in its midst ends it', async () => {
    const { service, manager, scheduler } = await startDrainable();
    await manager.startRun(place);
    const drained = service.drain();
    expect(service.drain()).toBe(drained);
    await service.close();
    await scheduler.pass(200);
    await drained;
    await service.drain();
    expect(scheduler.waiting).toBe(0);
  });

  test.each<[string, DrainOptions]>([
    ['deadlineMs', { deadlineMs: -1 }],
    ['deadlineMs', { deadlineMs: Number.NaN }],
    ['spreadMs', { spreadMs: Number.POSITIVE_INFINITY }],
    ['batch', { batch: 0 }],
    ['batch', { batch: 0.5 }],
    ['batch', { batch: '100' as unknown as number }],
  ])('refuses a wrong %s, and can be asked again', async (name, options) => {
    const { service, enter, scheduler } = await startDrainable();
    await expect(service.drain(options)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(name),
    });
    expect(service.health().level).toBe('healthy');
    await enter('ada');
    const drained = service.drain();
    await scheduler.pass(200);
    await expect.poll(() => service.health().sessions).toBe(0);
    await scheduler.pass(100);
    await drained;
  });

  test('a session whose peer is gone holds it up no longer than its deadline', async () => {
    const { service, enter, manager, scheduler, server } = await startDrainable();
    const client = await enter('ada', { acks: true });
    for (let sent = 0; sent < 300; sent++) await manager.send('acme.note', 'x'.repeat(1_000), { thread_id: 't' });
    client.webSocket.pause();
    const drained = service.drain({ deadlineMs: 1_000 });
    await scheduler.pass(1_200);
    expect(await hasSettled(drained)).toBe(false);
    server.closeAllConnections();
    client.webSocket.terminate();
    await expect.poll(() => service.health().sessions).toBe(0);
    await scheduler.pass(100);
    await drained;
  });
});
