import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { memoryLog } from '../src/memory-log.js';
import { fakeScheduler } from './fake-scheduler.js';
import { type Hooks, hookedLog, promises, rejects, throws } from './hooked-log.js';
import { note, notes, received, upTo } from './notes.js';
import { startService, turn } from './running-service.js';

test.each<[string, <T>(answer: T) => T | Promise<T>]>([
  ['at once', (answer) => answer],
  ['by promises', (answer) => Promise.resolve(answer)],
])('S9: a page for which the log answers nonsense, %s, is let go of, and no other notices', async (_, give) => {
  const hooks: Hooks = {};
  const { enter, managerOf, telemetry } = await startService({ log: hookedLog(memoryLog(), hooks) });
  const [one, other] = [await enter('ada'), await enter('ada')];
  let times = 0;
  hooks.read = (answer) => give(++times === 1 ? JSON.parse('{"last":1}') : answer());
  await note(await managerOf('ada'), 1);
  expect(await other.until('acme.note')).toMatchObject({ offset: 1 });
  expect(await one.closed).toMatchObject({ code: 1011 });
  expect(telemetry).toContainEqual(expect.objectContaining({ kind: 'fault', where: 'storage' }));
  expect(one.offsets).toEqual([]);
});

test('R14: who is signed out by whoever hears that a session opens hears nothing', async () => {
  const told: string[] = [];
  const { connect, service } = await startService({
    telemetry: ({ kind }) => {
      if (kind === 'session_opened') told.push(`${service.revoke({ user_id: 'ada' })} closed`);
    },
  });
  const client = await connect('ada');
  expect(await client.closed).toMatchObject({ code: 4401 });
  expect(client.frames).toEqual([]);
  expect(told).toEqual(['0 closed']);
});

describe('S8: reading', () => {
  test('R1: live, replayed, or both, is one sequence', async () => {
    const { enter, managerOf } = await startService();
    const manager = await managerOf('ada');
    const first = await enter('ada');
    await notes(manager, 50);
    const second = await enter('ada', { from: String(first.frames[0]?.position) });
    await notes(manager, 50);
    expect(await received(first, 100)).toEqual(upTo(100));
    expect(await received(second, 100)).toEqual(upTo(100));
    expect(second.frames[0]).toMatchObject({ type: 'welcome', head: 50 });
  });

  test('goes on behind the position that a client kept', async () => {
    const { enter, connect, managerOf } = await startService();
    const manager = await managerOf('ada');
    const client = await enter('ada');
    await notes(manager, 10);
    await received(client, 10);
    const from = client.position.replace(/\.10\..*$/, `.7.${String(client.frames[7]?.mark)}`);
    client.webSocket.terminate();
    await notes(manager, 10);
    const again = await connect('ada', { from });
    expect(await again.next()).toMatchObject({ type: 'welcome', position: from, head: 20 });
    expect(await received(again, 13)).toEqual(upTo(20, 8));
    expect(again.frames.some(({ type }) => type === 'reset')).toBe(false);
  });

  test('S7: begins with the oldest unfinished run where a page has no state', async () => {
    const { enter, managerOf } = await startService();
    const manager = await managerOf('ada');
    await notes(manager, 3);
    const run = await manager.startRun({ agent_name: 'a', thread_id: 't' });
    await run.thinking({ reasoning: 'x' });
    const client = await enter('ada');
    expect(await received(client, 2)).toEqual([4, 5]);
    await run.completed();
    const late = await enter('ada');
    await note(manager);
    expect(await received(late, 1)).toEqual([7]);
  });

  test('is exactly as ordered when the log answers with promises', async () => {
    const hooks: Hooks = {
      append: promises,
      read: promises,
      markAt: promises,
      active: promises,
      claim: promises,
      open: promises,
    };
    const { enter, managerOf } = await startService({ log: hookedLog(memoryLog(), hooks) });
    const manager = await managerOf('ada');
    const client = await enter('ada', { acks: true });
    await notes(manager, 100);
    expect(await received(client, 100)).toEqual(upTo(100));
  });

  test('the sends of one turn are one flush, in their order', async () => {
    const { enter, managerOf } = await startService();
    const manager = await managerOf('ada');
    const client = await enter('ada');
    await Promise.all(upTo(100).map((number) => note(manager, number)));
    await received(client, 100);
    expect(client.frames.slice(1).map(({ data }) => data)).toEqual(upTo(100));
  });
});

test('S9: what is said to one user is heard by that user alone, tenants included', async () => {
  const { enter, managerOf } = await startService();
  const users = ['ada', 'bob', 'ada@acme', 'bob@acme'];
  const clients = await Promise.all(users.map((user) => enter(user)));
  for (const user of users) await notes(await managerOf(user), 5, `for ${user}`);
  for (const [index, client] of clients.entries()) {
    await received(client, 5);
    await turn();
    const events = client.frames.slice(1);
    expect(events.map(({ data }) => data)).toEqual(Array(5).fill(`for ${users[index]}`));
    expect(new Set(events.map(({ user_id }) => user_id))).toEqual(new Set([users[index]?.split('@')[0]]));
  }
});

describe('a position that cannot be honoured is answered by its cause, and by all that active has', () => {
  test.each<[string, (position: string) => string]>([
    ['unknown_epoch', (position) => position.replace(/^[^.]+/, 'elsewhere')],
    ['beyond_head', (position) => position.replace(/\.\d+\./, '.999.')],
    ['mark_mismatch', (position) => position.replace(/[^.]+$/, '00000000')],
  ])('%s', async (cause, spoil) => {
    const { enter, connect, managerOf, telemetry } = await startService();
    const manager = await managerOf('ada');
    await notes(manager, 5);
    const run = await manager.startRun({ agent_name: 'a', thread_id: 't' });
    const from = spoil(await run.thinking({ reasoning: 'x' }));
    const client = await connect('ada', { from });
    const welcome = await client.next();
    expect(await client.next()).toEqual({ type: 'reset', cause, position: welcome.position });
    expect(welcome.position).toMatch(/\.5\./);
    expect(await received(client, 2)).toEqual([6, 7]);
    expect(telemetry).toContainEqual(expect.objectContaining({ kind: 'reset', cause }));
    const calm = await enter('ada');
    expect(calm.frames.some(({ type }) => type === 'reset')).toBe(false);
  });

  test('below_floor', async () => {
    const { connect, managerOf } = await startService({ log: memoryLog({ entriesPerUser: 50 }) });
    const manager = await managerOf('ada');
    const from = await note(manager);
    await notes(manager, 500, 'x'.repeat(200));
    const client = await connect('ada', { from });
    await client.until('welcome');
    expect(await client.next()).toMatchObject({ type: 'reset', cause: 'below_floor' });
    await note(manager);
    expect(await received(client, 1)).toEqual([502]);
  });

  test('lagged: a reader so slow that the log dropped what it had yet to read is told, and reads on', async () => {
    const { enter, managerOf, service } = await startService({ log: memoryLog({ bytesPerUser: 300_000 }) });
    const manager = await managerOf('ada');
    const slow = await enter('ada', { acks: true });
    const neighbour = await enter('ada');
    await notes(manager, 200, 'x'.repeat(1_000));
    await notes(manager, 500, 'x'.repeat(1_000));
    expect(await received(neighbour, 700)).toEqual(upTo(700));
    const got = slow.offsets.length;
    expect(got).toBeLessThan(150);
    slow.send({ type: 'ack', position: slow.position });
    const reset = await slow.until('reset');
    expect(reset).toMatchObject({ cause: 'lagged', position: expect.stringContaining('.700.') });
    await note(manager);
    expect(await slow.next()).toMatchObject({ offset: 701 });
    expect(slow.offsets.slice(0, got)).toEqual(upTo(got));
    expect(service.health().sessions).toBe(2);
  });
});

describe('R6: each illegal frame has its verdict, and neighbours notice nothing', () => {
  test.each<[string, string | Buffer, number]>([
    ['text that is not JSON', '{', 4400],
    ['a type nobody knows', '{"type":"join","room":"all"}', 4400],
    ['a missing field', '{"type":"ping"}', 4400],
    ['an event', '{"type":"agent_started","offset":1,"user_id":"bob"}', 4400],
    ['a binary frame', Buffer.from([1, 2, 3]), 1003],
    ['a frame that is too long', `{"type":"ping","id":"${'x'.repeat(70_000)}"}`, 1009],
  ])('%s: %#', async (_, frame, code) => {
    const { enter } = await startService();
    const neighbour = await enter('ada');
    const client = await enter('ada');
    client.send(frame);
    expect(await client.closed).toMatchObject({ code });
    neighbour.send({ type: 'ping', id: 'p-1' });
    expect(await neighbour.next()).toEqual({ type: 'pong', id: 'p-1' });
  });

  test('a million bytes', async () => {
    const { enter, service } = await startService();
    const client = await enter('ada');
    client.send('x'.repeat(1_000_000));
    expect([1006, 1009]).toContain((await client.closed).code);
    await expect.poll(() => service.health().sessions).toBe(0);
  });

  test('bad UTF-8', async () => {
    const { enter } = await startService();
    const client = await enter('ada');
    client.webSocket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect(await client.closed).toMatchObject({ code: 1007 });
  });

  test('what follows the frame that ended the session is not heard', async () => {
    const heard: string[] = [];
    const { enter } = await startService({ onMessage: ({ id }) => void heard.push(id) });
    const client = await enter('ada');
    client.send('{');
    client.send({ type: 'message', id: 'm-1', thread_id: 't', data: null });
    await client.closed;
    await turn();
    expect(heard).toEqual([]);
  });
});

describe('liveness', () => {
  test('a peer that answers pings lives on, however long it says nothing', async () => {
    const scheduler = fakeScheduler();
    const { enter, service, server } = await startService({ scheduler });
    const sockets: Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    const client = await enter('ada');
    let pings = 0;
    client.webSocket.on('ping', () => pings++);
    const [socket] = sockets as [Socket];
    for (let answered = 0; answered < 6; answered++) {
      const { bytesRead } = socket;
      for (let intervals = 0; pings === answered && intervals < 2; intervals++) await scheduler.pass(25_000);
      await expect.poll(() => pings).toBe(answered + 1);
      await expect.poll(() => socket.bytesRead).toBeGreaterThan(bytesRead);
    }
    expect(service.health().sessions).toBe(1);
  });

  test('S7: a peer that answers nothing for three intervals is gone', async () => {
    const scheduler = fakeScheduler();
    const { enter, service, telemetry } = await startService({ scheduler });
    const client = await enter('ada');
    client.webSocket.pause();
    await scheduler.pass(75_000);
    expect(service.health().sessions).toBe(1);
    await scheduler.pass(50_000);
    await expect.poll(() => service.health().sessions).toBe(0);
    expect(telemetry).toContainEqual(expect.objectContaining({ kind: 'session_closed', code: 4408 }));
  });

  test.each([
    ['throws', throws],
    ['rejects', rejects],
  ])('a store that %s when a heartbeat asks for the mark ends nothing', async (_, fault) => {
    const scheduler = fakeScheduler();
    const hooks: Hooks = {};
    const { enter, managerOf, service } = await startService({ scheduler, log: hookedLog(memoryLog(), hooks) });
    const client = await enter('ada');
    await note(await managerOf('ada'));
    await client.until('acme.note');
    hooks.markAt = fault;
    await scheduler.pass(100_000);
    client.send({ type: 'ping', id: 'p-1' });
    await client.until('pong');
    expect(service.health().sessions).toBe(1);
  });
});

describe('cancel', () => {
  test('of no run, and of a run of somebody else, gets the same answer', async () => {
    const { enter, managerOf } = await startService();
    const run = await (await managerOf('bob')).startRun({ agent_name: 'a', thread_id: 't', run_id: 'r-bob' });
    const client = await enter('ada');
    client.send({ type: 'cancel', id: 'c-1', run_id: 'r-bob' });
    client.send({ type: 'cancel', id: 'c-1', run_id: 'r-none' });
    const answers = [await client.next(), await client.next()];
    expect(answers[0]).toEqual({ type: 'error', id: 'c-1', code: 'RUN_UNKNOWN', message: expect.any(String) });
    expect(answers[1]).toEqual(answers[0]);
    expect(run.signal.aborted).toBe(false);
  });

  test('reaches the run, from any session of its user', async () => {
    const { enter, managerOf } = await startService();
    const run = await (await managerOf('ada')).startRun({ agent_name: 'a', thread_id: 't' });
    const client = await enter('ada');
    client.send({ type: 'cancel', id: 'c-1', run_id: run.run_id });
    await client.until('accepted', { id: 'c-1' });
    expect(run.signal.aborted).toBe(true);
  });
});

test('a log that cannot say where active opens closes a lagging session instead of the process', async () => {
  const hooks: Hooks = {};
  const log = hookedLog(memoryLog({ bytesPerUser: 300_000 }), hooks);
  const { enter, managerOf, service } = await startService({ log });
  const manager = await managerOf('ada');
  const slow = await enter('ada', { acks: true });
  await notes(manager, 700, 'x'.repeat(1_000));
  await expect.poll(() => slow.offsets.length).toBeGreaterThan(100);
  hooks.active = rejects;
  slow.send({ type: 'ack', position: slow.position });
  expect(await slow.closed).toMatchObject({ code: 1013 });
  await expect.poll(() => service.health().sessions).toBe(0);
});

test('telemetry tells who came, from where, and how it ended', async () => {
  const { enter, telemetry } = await startService();
  const client = await enter('ada');
  const session_id = client.frames[0]?.session_id;
  client.webSocket.close(1000, 'done');
  await client.closed;
  await expect.poll(() => telemetry.length).toBe(3);
  const duration_ms = expect.any(Number);
  expect(telemetry).toEqual([
    { kind: 'session_opened', session_id, user_id: 'ada', from: 'active' },
    { kind: 'session_caught_up', session_id, user_id: 'ada', entries: 0, duration_ms },
    { kind: 'session_closed', session_id, user_id: 'ada', code: 1000, reason: 'done', duration_ms },
  ]);
});

test('R13 S8: a reader that lags is told where to go on, though the log moved while that was looked up', async () => {
  const hooks: Hooks = {};
  const log = hookedLog(memoryLog({ bytesPerUser: 300_000 }), hooks);
  const { enter, managerOf } = await startService({ log });
  const manager = await managerOf('ada');
  const slow = await enter('ada', { acks: true });
  await notes(manager, 700, 'x'.repeat(1_000));
  await expect.poll(() => slow.offsets.length).toBeGreaterThan(100);
  let asked = 0;
  hooks.markAt = (answer) => (++asked === 1 ? (undefined as ReturnType<typeof answer>) : answer());
  slow.send({ type: 'ack', position: slow.position });
  const reset = await slow.until('reset');
  expect([reset.cause, asked]).toEqual(['lagged', 2]);
  await manager.send('acme.last', {}, { thread_id: 't' });
  await slow.until('acme.last');
});
