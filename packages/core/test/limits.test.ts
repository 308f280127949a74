// Nobody can exhaust the service: each limit, what it answers, and that it is counted.
import { describe, expect, test, vi } from 'vitest';
import { fakeScheduler } from './fake-scheduler.js';
import { startService, turn } from './running-service.js';

const thread_id = 't';

describe('S10 R10 handshakes', () => {
  test('from one address come at a rate; those beyond it are told when to come again', async () => {
    const { enter, refused, service } = await startService({ handshakesPerAddress: { burst: 2, perSecond: 0.1 } });
    await enter('ada');
    await enter('ada');
    const { status, headers, body } = await refused({ token: 'ada' });
    expect([status, body.code, headers['retry-after']]).toEqual([429, 'TOO_MANY_HANDSHAKES', '10']);
    expect(service.health().refusals).toEqual({ TOO_MANY_HANDSHAKES: 1 });
  });

  test('behind trusted proxies each address has its own rate, and nobody writes another one', async () => {
    const { enter, refused } = await startService({
      trustProxy: 1,
      handshakesPerAddress: { burst: 1, perSecond: 0.1 },
    });
    const from = (address: string) => ({ token: 'ada', headers: { 'x-forwarded-for': address } });
    await enter('ada', from('198.51.100.1'));
    await enter('ada', from('198.51.100.2'));
    expect((await refused(from('198.51.100.1'))).status).toBe(429);
    expect((await refused(from('203.0.113.99, 198.51.100.1'))).status).toBe(429);
  });

  test('that are refused too often get no upgrade any more; an honest neighbour at that address still comes in', async () => {
    const { connect, refused, enter } = await startService({ refusalsPerAddress: { burst: 2, perSecond: 0.1 } });
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await (await connect('bad')).closed).toMatchObject({ code: 4401 });
    }
    const { status, body } = await refused({ token: 'bad' });
    expect([status, body.code]).toEqual([401, 'CREDENTIAL_REFUSED']);
    expect(await enter('ada')).toBeDefined();
  });
});

describe('S10 R10 sessions', () => {
  test('in all are limited, and a place that is free again is given', async () => {
    const { enter, refused } = await startService({ maxSessions: 1 });
    const first = await enter('ada');
    const { status, body } = await refused({ token: 'grace' });
    expect([status, body.code]).toEqual([429, 'TOO_MANY_SESSIONS']);
    first.webSocket.close();
    await first.closed;
    await turn();
    expect(await enter('grace')).toBeDefined();
  });

  test('of one user: the dead are found out first, then the oldest gives way with 4409, and never more', async () => {
    const scheduler = fakeScheduler();
    const { enter, service, telemetry } = await startService({ scheduler, maxSessionsPerUser: 2 });
    const [oldest, deaf] = [await enter('ada'), await enter('ada')];
    deaf.webSocket.pause();
    const [young, newest, other] = [await enter('ada'), await enter('ada'), await enter('grace')];
    // Soft: the third and the fourth are in, and for now all stay.
    expect(service.health().sessions).toBe(5);
    // All answer when asked, but for one whose machine is gone. What they send next arrives behind their answer.
    for (const client of [oldest, young, newest]) {
      client.send({ type: 'ping', id: 'p' });
      await client.until('pong');
    }
    await scheduler.pass(2_000);
    expect(await oldest.closed).toMatchObject({ code: 4409 });
    await vi.waitFor(() => expect(service.health().sessions).toBe(3));
    expect([young, newest, other].every(({ webSocket }) => webSocket.readyState === 1)).toBe(true);
    expect(telemetry).toContainEqual(expect.objectContaining({ kind: 'session_closed', code: 4408, reason: 'silent' }));
  });

  test('of one user at twice the limit do not wait to be asked', async () => {
    const { enter } = await startService({ scheduler: fakeScheduler(), maxSessionsPerUser: 1 });
    const [oldest, second, third] = [await enter('ada'), await enter('ada'), await enter('ada')];
    expect(await oldest.closed).toMatchObject({ code: 4409, reason: 'replaced by a newer session' });
    expect([second, third].every(({ webSocket }) => webSocket.readyState === 1)).toBe(true);
  });
});

describe('S10 what a client sends', () => {
  test('is limited by frames: a flood is closed with 4429', async () => {
    const { enter } = await startService({ framesPerSession: { burst: 5, perSecond: 0.1 } });
    const [flood, neighbour] = [await enter('ada'), await enter('ada')];
    for (let frame = 0; frame < 6; frame++) flood.send({ type: 'ping', id: `p-${frame}` });
    expect(await flood.closed).toMatchObject({ code: 4429 });
    neighbour.send({ type: 'ping', id: 'p' });
    expect(await neighbour.until('pong')).toBeDefined();
  });

  test('is limited by pings as well, since each is answered', async () => {
    const { enter } = await startService({ framesPerSession: { burst: 5, perSecond: 0.1 } });
    const flood = await enter('ada');
    for (let ping = 0; ping < 6; ping++) flood.webSocket.ping();
    expect(await flood.closed).toMatchObject({ code: 4429 });
  });

  test('is limited by messages of its user, over all sessions: what comes too fast is not stored and may come again', async () => {
    const handled: string[] = [];
    const { enter } = await startService({
      messagesPerUser: { burst: 2, perSecond: 0.1 },
      onMessage: ({ id }) => void handled.push(id),
    });
    const [one, two] = [await enter('ada'), await enter('ada')];
    one.send({ type: 'message', id: 'm-1', thread_id, data: 1 });
    await one.until('accepted', { id: 'm-1' });
    two.send({ type: 'message', id: 'm-2', thread_id, data: 1 });
    await two.until('accepted', { id: 'm-2' });
    one.send({ type: 'message', id: 'm-3', thread_id, data: 1 });
    expect(await one.until('error', { id: 'm-3' })).toMatchObject({ code: 'MESSAGE_TOO_MANY' });
    expect(handled).toEqual(['m-1', 'm-2']);
  });
});

test('S10: how often the sessions of a user change their threads is limited, since each change looks through the log', async () => {
  const { enter } = await startService({ messagesPerUser: { burst: 3, perSecond: 0.1 } });
  const [one, two, neighbour] = [await enter('ada'), await enter('ada'), await enter('bob')];
  const change = { type: 'threads', threads: ['t'], from: 'active' };
  for (const client of [one, two, one]) {
    client.send(change);
    await client.until('reading');
  }
  two.send(change);
  expect(await two.closed).toMatchObject({ code: 4429 });
  neighbour.send(change);
  expect(await neighbour.until('reading')).toBeDefined();
});
