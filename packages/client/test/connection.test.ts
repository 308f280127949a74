// Attempts and tokens before a connection, liveness and refresh on one: over real sockets, with the test's clock.
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openBench, token } from './harness.js';
import { at, event } from './script.js';

test('nothing happens before connect(): no token, no socket', async () => {
  await using bench = await openBench();
  bench.clock.sign(true);
  bench.clock.sign(false);
  expect(bench.client.status).toEqual({ state: 'idle' });
  expect(bench.asked).toEqual([]);
  expect(bench.clock.pending).toEqual([]);
  expect(bench.clock.watched).toBe(false);
});

test('it connects, catches up and is live', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  expect([visit.from, visit.acks]).toEqual(['active', '1']);
  visit.welcome({ position: at(0), head: 2 });
  await bench.stands('catching_up');
  visit.send(event(1, 1, 'agent_started', {}), event(2, 2, 'partial_result', { text: 'a' }));
  await bench.stands('live');
  expect(bench.statuses.map(({ state }) => state)).toEqual(['connecting', 'catching_up', 'live']);
  expect(bench.events).toHaveLength(2);
});

test('with nothing to catch up with it is live at once', async () => {
  await using bench = await openBench();
  bench.client.connect();
  (await bench.peer.visit(0)).welcome({ position: at(7), head: 7 });
  await bench.stands('live');
  expect(bench.statuses.map(({ state }) => state)).toEqual(['connecting', 'live']);
  expect(bench.client.position).toBe(at(7));
});

test('connect() while connecting or connected changes nothing', async () => {
  await using bench = await openBench();
  bench.client.connect();
  bench.client.connect();
  (await bench.peer.visit(0)).welcome();
  await bench.stands('live');
  bench.client.connect();
  expect(bench.asked).toEqual(['connect']);
});

test('R15: without a token it waits, in no loop, and asks again when told to connect', async () => {
  let now: string | null = null;
  await using bench = await openBench({ getToken: () => now });
  bench.client.connect();
  await bench.stands('waiting');
  bench.clock.advance(3_600_000);
  bench.clock.sign(true);
  bench.clock.sign(false);
  expect(bench.asked).toEqual(['connect']);
  now = token;
  bench.client.connect();
  (await bench.peer.visit(0)).welcome();
  await bench.stands('live');
  expect(bench.asked).toEqual(['connect', 'connect']);
});

test('a getToken that throws is a fault, and is asked again after a delay', async () => {
  let failing = true;
  await using bench = await openBench({
    getToken() {
      if (failing) throw new Error('fetch failed');
      return token;
    },
  });
  bench.client.connect();
  expect(await bench.stands('offline')).toMatchObject({ retry_in_ms: expect.closeTo(250) });
  expect(bench.faults).toMatchObject([{ code: 'TOKEN_FAILED', cause: { message: 'fetch failed' } }]);
  failing = false;
  bench.clock.advance(250);
  (await bench.peer.visit(0)).welcome();
  await bench.stands('live');
});

test('a getToken that never answers is given up, and asked again after a delay', async () => {
  let hangs = true;
  let late: (token: string) => void = () => {};
  await using bench = await openBench({
    getToken: () =>
      hangs
        ? new Promise((resolve) => {
            late = resolve;
          })
        : token,
  });
  bench.client.connect();
  bench.clock.advance(29_999);
  expect(bench.client.status.state).toBe('connecting');
  bench.clock.advance(1);
  expect(bench.client.status).toMatchObject({ state: 'offline', retry_in_ms: expect.closeTo(250) });
  expect(bench.faults).toMatchObject([{ code: 'TOKEN_FAILED' }]);
  hangs = false;
  bench.clock.advance(250);
  const visit = await bench.peer.visit(0);
  late('too.late');
  visit.welcome();
  await bench.stands('live');
  expect(visit.protocols[1]).toBe(`bearer.${token}`);
  expect(bench.peer.visits).toHaveLength(1);
});

test('a token that comes after close() opens nothing', async () => {
  let give: (token: string) => void = () => {};
  let opened = 0;
  await using bench = await openBench({
    getToken: () =>
      new Promise((resolve) => {
        give = resolve;
      }),
    webSocket: class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        opened++;
      }
    },
  });
  bench.client.connect();
  bench.client.close();
  give(token);
  await new Promise((resolve) => setImmediate(resolve));
  expect(bench.client.status.state).toBe('closed');
  expect(opened).toBe(0);
});

test('R7: the token is the second subprotocol and nowhere else', async () => {
  const shown: string[] = [];
  await using bench = await openBench();
  for (const occasion of ['status', 'fault', 'reset', 'event'] as const) {
    bench.client.on(occasion, (value) => shown.push(inspect(value, { depth: 9 })));
  }
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  expect(visit.protocols).toEqual(['throughline.v1', `bearer.${token}`]);
  expect(visit.url).not.toContain(token);
  visit.welcome();
  await bench.stands('live');
  visit.send('nonsense');
  await bench.stands('offline');
  bench.clock.advance(0);
  (await bench.peer.visit(1)).socket.close(4401);
  await bench.stands('offline');
  bench.clock.advance(250);
  (await bench.peer.visit(2)).socket.close(4401);
  await bench.stands('signed_out');
  expect(shown.length).toBeGreaterThan(5);
  expect(shown.join('')).not.toContain('s3cret');
});

test('a constructor that throws, quoting the token, is reported without it and tried again later', async () => {
  await using bench = await openBench({
    webSocket: class {
      constructor(_url: string, protocols: string[]) {
        throw new SyntaxError(`The subprotocol ${protocols[1]} is invalid`);
      }
    } as never,
  });
  bench.client.connect();
  await bench.stands('offline');
  expect(bench.faults).toMatchObject([{ code: 'CONNECT_FAILED' }]);
  expect(inspect(bench.faults, { depth: 9, showHidden: true })).not.toContain('s3cret');
});

test('close() says 1000, rests, and connect() begins again where it stopped', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(event(1, 1, 'agent_started', {}));
  await bench.handled(1);
  bench.client.close();
  expect(bench.client.status).toEqual({ state: 'closed' });
  expect(await visit.closed).toBe(1000);
  expect(bench.clock.pending).toEqual([]);
  expect(bench.clock.watched).toBe(false);
  bench.client.connect();
  const next = await bench.peer.visit(1);
  expect(next.from).toBe(at(1));
});

test('a half-open socket is found out by asking, and left at once: nothing waits for its close', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(event(1, 1, 'agent_started', {}));
  await bench.handled(1);
  visit.freeze();
  bench.clock.sign(false);
  bench.clock.advance(1_999);
  expect(bench.client.status.state).toBe('live');
  bench.clock.advance(1);
  expect(bench.statuses.at(-2)).toMatchObject({ state: 'offline', retry_in_ms: 0 });
  const next = await bench.peer.visit(1);
  expect(next.from).toBe(at(1));
  next.welcome();
  await bench.stands('live');
  // What the old socket says now is no longer heard.
  visit.send(event(2, 2, 'partial_result', { text: 'ghost' }));
  visit.socket.resume();
  next.send(event(2, 2, 'partial_result', { text: 'a' }));
  await bench.handled(2);
  await visit.closed;
  expect(bench.events.map(({ data }) => data)).toEqual([{}, { text: 'a' }]);
  expect(bench.client.status.state).toBe('live');
  expect(bench.peer.visits).toHaveLength(2);
});

test('a network that goes away is noticed within two seconds, and begins no attempt of its own', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  await bench.stands('live');
  visit.freeze();
  bench.clock.sign();
  bench.clock.advance(1_999);
  expect(bench.client.status.state).toBe('live');
  bench.clock.chance = 0.5;
  bench.clock.advance(1);
  expect(bench.statuses.at(-2)).toMatchObject({ state: 'offline', retry_in_ms: 0 });
  const next = await bench.peer.visit(1);
  next.socket.terminate();
  await bench.stands('offline');
  const before = bench.statuses.length;
  bench.clock.sign();
  expect(bench.statuses).toHaveLength(before);
  bench.clock.sign(false);
  expect(bench.client.status.state).toBe('connecting');
});

test('a network that went away and is back in time costs nothing', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  await bench.stands('live');
  bench.clock.sign();
  visit.send({ type: 'pong', id: (await visit.next('ping')).id }, event(1, 1, 'agent_started', {}));
  await bench.handled(1);
  bench.clock.advance(10_000);
  expect(bench.client.status.state).toBe('live');
});

test('a late heartbeat is asked about; an answer of any kind keeps the connection', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ heartbeat_ms: 20_000 });
  await bench.stands('live');
  bench.clock.advance(30_000);
  await visit.next('ping');
  visit.send(event(1, 1, 'agent_started', {}));
  await bench.handled(1);
  bench.clock.advance(2_000);
  expect(bench.client.status.state).toBe('live');
  bench.clock.advance(28_000);
  const { id } = await visit.next('ping');
  visit.send({ type: 'pong', id });
  visit.send(event(2, 2, 'partial_result', { text: 'a' }));
  await bench.handled(2);
  bench.clock.advance(2_000);
  expect(bench.client.status.state).toBe('live');
});

test('a service that never says welcome is given up', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  bench.clock.advance(14_999);
  expect(bench.client.status.state).toBe('connecting');
  bench.clock.advance(1);
  expect(bench.client.status).toMatchObject({ state: 'offline', retry_in_ms: expect.closeTo(250) });
  await visit.closed;
});

test('R14: a token is replaced in band before it ends, time and again, and the connection stays', async () => {
  const tokens = ['one.1', 'two.2', 'three.3'];
  await using bench = await openBench({ getToken: () => tokens.shift() ?? null });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ expires_in_ms: 10_000 });
  await bench.stands('live');
  bench.clock.advance(8_000);
  const first = await visit.next('token');
  expect(first).toEqual({ type: 'token', id: expect.any(String), token: 'two.2' });
  visit.send({ type: 'refreshed', id: first.id, expires_in_ms: 20_000 }, event(1, 1, 'agent_started', {}));
  await bench.handled(1);
  bench.clock.advance(15_999);
  expect(bench.asked).toEqual(['connect', 'expiring']);
  bench.clock.advance(1);
  expect(await visit.next('token')).toMatchObject({ token: 'three.3' });
  expect(bench.peer.visits).toHaveLength(1);
});

test('no successor is fetched for the token of a connection that is gone', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ expires_in_ms: 10_000 });
  await bench.stands('live');
  visit.socket.close(4409);
  await bench.stands('offline');
  bench.clock.advance(60_000);
  expect(bench.asked).toEqual(['connect']);
});

test('a token that the service cannot check now is sent again', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ expires_in_ms: 10_000 });
  await bench.stands('live');
  bench.clock.advance(8_000);
  const { id } = await visit.next('token');
  visit.send({ type: 'error', id, code: 'AUTHENTICATOR_DOWN', message: 'later' }, event(1, 1, 'agent_started', {}));
  await bench.handled(1);
  expect(bench.faults).toMatchObject([{ code: 'AUTHENTICATOR_DOWN' }]);
  bench.clock.advance(2_000);
  await visit.next('token');
  expect(bench.client.status.state).toBe('live');
});

test('a message refused because the token expired fetches one, and goes out after it', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  await bench.stands('live');
  const { id, accepted } = bench.client.send({ thread_id: 't-1', data: 'a' });
  await visit.next('message');
  visit.send({ type: 'error', id, code: 'TOKEN_EXPIRED', message: 'expired' });
  const fresh = await visit.next('token');
  visit.send({ type: 'refreshed', id: fresh.id, expires_in_ms: null });
  expect(await visit.next('message')).toMatchObject({ id });
  visit.send({ type: 'accepted', id });
  await accepted;
});
