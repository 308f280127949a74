// The client as an application sees it, against a peer that behaves and one that does not.
import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '../src/index.js';
import { openBench, token } from './harness.js';
import { at, event, wholeRun } from './script.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

const good = { url: 'ws://127.0.0.1:9/ws', getToken: () => token, webSocket: WebSocket };

test('where there is no WebSocket it says so', () => {
  vi.stubGlobal('WebSocket', undefined);
  expect(() => createClient({ ...good, webSocket: undefined })).toThrow(
    expect.objectContaining({
      name: 'ClientError',
      code: 'NO_WEBSOCKET',
      message: expect.stringContaining('webSocket'),
    }),
  );
});

test.each([
  ['url', { url: '/ws' }],
  ['getToken', { getToken: undefined }],
  ['getToken', { getToken: 'token' }],
  ['from', { from: '42' }],
])('a wrong %s is refused by name', (name, wrong) => {
  expect(() => createClient({ ...good, ...wrong } as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(new RegExp(`: ${name} `)) }),
  );
});

test('the public client connects with real timers', async () => {
  await using bench = await openBench();
  const client = createClient({ ...good, url: bench.peer.url });
  client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  await vi.waitFor(() => expect(client.status.state).toBe('live'));
  client.close();
  expect(await visit.closed).toBe(1000);
});

test('a snapshot is read on from its position, and what lies before it is not asked for', async () => {
  await using bench = await openBench({ from: at(7) });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  expect(visit.from).toBe(at(7));
  visit.welcome({ head: 8 });
  visit.send(event(8, 3, 'partial_result', { text: 'a' }));
  await bench.handled(1);
  expect(bench.client.position).toBe(at(8));
});

test('S8: the socket dies again and again in mid-run; every event is handled once, in order', async () => {
  await using bench = await openBench();
  const log = wholeRun(Array.from({ length: 40 }, (_, index) => `${index} `));
  bench.client.connect();
  let number = 0;
  for (let held = 0; held < log.length; number++) {
    const visit = await bench.peer.visit(number);
    expect(visit.from).toBe(held === 0 ? 'active' : at(held));
    visit.welcome({ head: log.length });
    // What was sent already, and a little more.
    visit.send(...log.slice(Math.max(0, held - 3), held + 4));
    held = Math.min(log.length, held + 4);
    await bench.handled(held);
    visit.socket.terminate();
    await bench.stands('offline');
    bench.clock.advance(30_000);
  }
  expect(number).toBeGreaterThan(10);
  expect(bench.events).toEqual(log);
  expect([bench.faults, bench.resets]).toEqual([[], []]);
});

test('the position in a handler is still that before the event in hand; a throw changes nothing for the others', async () => {
  await using bench = await openBench();
  const positions: (string | undefined)[] = [];
  bench.client.on('partial_result', () => {
    positions.push(bench.client.position);
    throw new Error('mishap');
  });
  let after = 0;
  bench.client.on('partial_result', () => after++);
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(event(1, 1, 'partial_result', { text: 'a' }), event(2, 2, 'partial_result', { text: 'b' }));
  await bench.handled(2);
  expect(positions).toEqual([at(0), at(1)]);
  expect(after).toBe(2);
  expect(bench.client.position).toBe(at(2));
  expect(bench.client.status.state).toBe('live');
  expect(bench.faults.map(({ code }) => code)).toEqual(['HANDLER_THREW', 'HANDLER_THREW']);
});

test('acks go out one second after the first event, and name the last; none when idle', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(...wholeRun(['a']).slice(0, 3));
  await bench.handled(3);
  bench.clock.advance(1_000);
  expect(await visit.next('ack')).toEqual({ type: 'ack', position: at(3) });
  bench.clock.advance(20_000);
  bench.client.send({ thread_id: 't-1', data: 'later' });
  await visit.next('message');
  expect(visit.frames.filter(({ type }) => type === 'ack')).toHaveLength(1);
});

test('acks go out after 16 KiB without waiting', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(...[1, 2, 3].map((n) => event(n, n, 'partial_result', { text: 'x'.repeat(6_000) })));
  expect(await visit.next('ack')).toEqual({ type: 'ack', position: at(3) });
});

test('an ack that was due is not sent on another connection, where it would be beyond what was sent', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome();
  first.send(...wholeRun(['a']).slice(0, 3));
  await bench.handled(3);
  first.socket.terminate();
  await bench.stands('offline');
  bench.clock.advance(250);
  const second = await bench.peer.visit(1);
  second.welcome();
  await bench.stands('live');
  bench.clock.advance(5_000);
  bench.client.send({ thread_id: 't-1', data: 'later' });
  await second.next('message');
  expect(second.frames.map(({ type }) => type)).toEqual(['message']);
});

test('a gap is reported and mended: from active, and what is held is dropped', async () => {
  await using bench = await openBench();
  const log = wholeRun(['a', 'b', 'c']);
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome();
  first.send(...log.filter(({ seq }) => seq !== 7));
  await bench.stands('offline');
  expect(bench.faults).toMatchObject([{ code: 'GAP' }]);
  expect(bench.events).toEqual(log.slice(0, 6));
  bench.clock.advance(0);
  const second = await bench.peer.visit(1);
  expect(second.from).toBe(`active,${at(6)}`);
  second.welcome({ position: at(0), head: log.length });
  second.send(...log);
  await bench.handled(log.length);
  expect(bench.events).toEqual(log);
  expect(bench.resets).toEqual([]);
});

test('a reset is passed on before what follows it, and nothing held is used any more', async () => {
  await using bench = await openBench();
  const order: string[] = [];
  bench.client.on('event', ({ offset }) => order.push(`${offset}`));
  bench.client.on('reset', ({ cause, position }) => order.push(`${cause} ${position}`));
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome();
  first.send(event(1, 1, 'agent_started', {}), event(2, 2, 'partial_result', { text: 'a' }));
  await bench.handled(2);
  first.socket.terminate();
  await bench.stands('offline');
  bench.clock.advance(250);
  const second = await bench.peer.visit(1);
  second.welcome({ position: at(0, 'other'), head: 1 });
  second.send({ type: 'reset', cause: 'unknown_epoch', position: at(0, 'other') }, event(1, 1, 'agent_started', {}));
  await bench.handled(3);
  expect(order).toEqual(['1', '2', `unknown_epoch ${at(0, 'other')}`, '1']);
  expect(bench.client.position).toBe(at(1, 'other'));
  expect(bench.client.status.state).toBe('live');
});

test('a heartbeat beyond the last event shows that the end was lost; it is fetched', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome();
  first.send(event(1, 1, 'agent_started', {}), { type: 'heartbeat', position: at(1) });
  await bench.handled(1);
  first.send({ type: 'heartbeat', position: at(2) });
  await bench.stands('offline');
  expect(bench.faults).toMatchObject([{ code: 'GAP' }]);
  bench.clock.advance(0);
  const second = await bench.peer.visit(1);
  expect(second.from).toBe(at(1));
  second.welcome({ head: 2 });
  second.send(event(2, 2, 'agent_completed', { outcome: 'succeeded', duration_ms: 1 }));
  await bench.handled(2);
});

test('R4: a welcome for another user closes the client; what waited for the first is not sent', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome();
  await bench.stands('live');
  first.socket.terminate();
  await bench.stands('offline');
  const { accepted } = bench.client.send({ thread_id: 't-1', data: "ada's secret" });
  bench.clock.advance(250);
  const second = await bench.peer.visit(1);
  second.welcome({ user_id: 'eve', position: at(0, 'eve') });
  await bench.stands('closed');
  expect(bench.faults).toMatchObject([{ code: 'FOREIGN_USER' }]);
  await expect(accepted).rejects.toMatchObject({ code: 'CLOSED' });
  await second.closed;
  expect(second.frames).toEqual([]);
});

test("R4: another user's event is never handed on", async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  const { user_id: _, ...nameless } = event(1, 1, 'agent_started', {});
  visit.send({ ...nameless, user_id: 'eve' });
  await bench.stands('closed');
  expect(bench.events).toEqual([]);
  bench.client.connect();
  const next = await bench.peer.visit(1);
  next.welcome();
  next.send(nameless);
  await bench.stands('closed');
  expect(bench.events).toEqual([]);
  expect(bench.faults.map(({ code }) => code)).toEqual(['FOREIGN_USER', 'FOREIGN_USER']);
});

test('a handler may close the client in mid-event', async () => {
  await using bench = await openBench();
  bench.client.on('partial_result', () => bench.client.close());
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(event(1, 1, 'partial_result', { text: 'a' }), event(2, 2, 'partial_result', { text: 'b' }));
  await visit.closed;
  expect(bench.client.status.state).toBe('closed');
  expect(bench.events).toHaveLength(1);
  expect(bench.statuses.at(-1)).toEqual({ state: 'closed' });
  expect(bench.clock.pending).toEqual([]);
});

test('two clients share nothing', async () => {
  await using ada = await openBench();
  await using eve = await openBench();
  ada.client.connect();
  const visit = await ada.peer.visit(0);
  visit.welcome();
  visit.send(event(1, 1, 'agent_started', {}));
  await ada.handled(1);
  expect(eve.client.status).toEqual({ state: 'idle' });
  expect([eve.events, eve.asked]).toEqual([[], []]);
});
