// What the client does after each close code: section 9 of the protocol.
import { expect, test, vi } from 'vitest';
import { openBench, token } from './harness.js';
import { event } from './script.js';

test.each([1000, 1002, 1003, 1007, 1009, 4400, 4403, 4410])('after %i it stays closed', async (code) => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  await bench.stands('live');
  visit.socket.close(code);
  expect(await bench.stands('closed')).toMatchObject({ code });
  bench.clock.sign(true);
  bench.clock.sign(false);
  expect(bench.clock.pending).toEqual([]);
  expect(bench.clock.watched).toBe(false);
  expect(bench.asked).toEqual(['connect']);
});

test.each([1001, 1011, 1013, 4408, 4429, 4999])('after %i it backs off', async (code) => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  await bench.stands('live');
  visit.socket.close(code);
  expect(await bench.stands('offline')).toMatchObject({ code, retry_in_ms: expect.closeTo(250) });
  expect(bench.peer.visits).toHaveLength(1);
  bench.clock.advance(250);
  (await bench.peer.visit(1)).welcome();
  await bench.stands('live');
});

test.each([
  [1005, (socket: { close(): void }) => socket.close()],
  [1006, (socket: { terminate(): void }) => socket.terminate()],
] as const)('%i, seen when no code arrived, backs off', async (code, end) => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  await bench.stands('live');
  end(visit.socket);
  expect(await bench.stands('offline')).toMatchObject({ code, retry_in_ms: expect.closeTo(250) });
});

test('delays grow until a connection has lived for 10 s', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const waits: (number | undefined)[] = [];
  for (let number = 0; number < 4; number++) {
    const visit = await bench.peer.visit(number);
    visit.welcome();
    await bench.stands('live');
    bench.clock.advance(number === 2 ? 10_000 : 9_999);
    visit.socket.close(1013);
    const { retry_in_ms = 0 } = await bench.stands('offline');
    waits.push(Math.round(retry_in_ms));
    bench.clock.advance(retry_in_ms + 1);
  }
  expect(waits).toEqual([250, 500, 250, 500]);
});

test('1012 connects at once, the second in a row backs off', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome();
  await bench.stands('live');
  first.socket.close(1012);
  expect(await bench.stands('offline')).toMatchObject({ code: 1012, retry_in_ms: 0 });
  bench.clock.advance(0);
  const second = await bench.peer.visit(1);
  second.welcome();
  await bench.stands('live');
  second.socket.close(1012);
  expect(await bench.stands('offline')).toMatchObject({ code: 1012, retry_in_ms: expect.closeTo(250) });
});

test('a drained client stays until the close, then waits as long as it was told', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send({ type: 'draining', reconnect_after_ms: 1_234 }, event(1, 1, 'agent_started', {}));
  await bench.handled(1);
  expect(bench.client.status.state).toBe('live');
  visit.socket.close(1012);
  expect(await bench.stands('offline')).toMatchObject({ retry_in_ms: 1_234 });
  bench.clock.advance(1_233);
  expect(bench.asked).toHaveLength(1);
  bench.clock.advance(1);
  expect(bench.asked).toHaveLength(2);
  await bench.peer.visit(1);
});

test('what one drain said does not hold for the next', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome();
  first.send({ type: 'draining', reconnect_after_ms: 1_234 });
  first.socket.close(1012);
  await bench.stands('offline');
  bench.clock.advance(1_234);
  const second = await bench.peer.visit(1);
  second.welcome();
  await bench.stands('live');
  bench.clock.advance(10_000);
  second.socket.close(1012);
  expect(await bench.stands('offline')).toMatchObject({ retry_in_ms: 0 });
});

test('R14: 4401 asks for a fresh token, once; refused again without a welcome it is final', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome();
  await bench.stands('live');
  first.socket.close(4401);
  await bench.stands('offline');
  bench.clock.advance(0);
  (await bench.peer.visit(1)).socket.close(4401);
  expect(await bench.stands('signed_out')).toMatchObject({ code: 4401 });
  expect(bench.asked).toEqual(['connect', 'refused']);
  bench.clock.advance(3_600_000);
  bench.clock.sign(true);
  expect(bench.asked).toHaveLength(2);
  // The user signs in again.
  bench.client.connect();
  (await bench.peer.visit(2)).socket.close(4401);
  await bench.stands('offline');
  bench.clock.advance(250);
  (await bench.peer.visit(3)).welcome();
  await bench.stands('live');
  expect(bench.asked).toEqual(['connect', 'refused', 'connect', 'refused']);
});

test('a failure of another kind in between does not make a refused token a fresh one', async () => {
  await using bench = await openBench();
  bench.client.connect();
  (await bench.peer.visit(0)).socket.close(4401);
  await bench.stands('offline');
  bench.clock.advance(0);
  (await bench.peer.visit(1)).socket.terminate();
  await bench.stands('offline');
  bench.clock.advance(250);
  (await bench.peer.visit(2)).socket.close(4401);
  await bench.stands('signed_out');
  expect(bench.asked).toEqual(['connect', 'refused', 'connect']);
});

test('until a token is had the reason stays: a getToken that throws is asked about the refusal again', async () => {
  let failures = 1;
  await using bench = await openBench({
    getToken(reason) {
      if (reason === 'refused' && failures-- > 0) throw new Error('fetch failed');
      return token;
    },
  });
  bench.client.connect();
  (await bench.peer.visit(0)).socket.close(4401);
  await bench.stands('offline');
  bench.clock.advance(0);
  await vi.waitFor(() => expect(bench.faults).toHaveLength(1));
  bench.clock.advance(250);
  (await bench.peer.visit(1)).welcome();
  await bench.stands('live');
  expect(bench.asked).toEqual(['connect', 'refused', 'refused']);
});

test('a refused token with no successor means: sign in', async () => {
  await using bench = await openBench({ getToken: (reason) => (reason === 'refused' ? null : token) });
  bench.client.connect();
  (await bench.peer.visit(0)).socket.close(4401);
  await bench.stands('offline');
  bench.clock.advance(0);
  await bench.stands('signed_out');
  expect(bench.asked).toEqual(['connect', 'refused']);
});

test('a token that is welcomed and then refused, again and again, makes no storm', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const waits: number[] = [];
  for (let number = 0; number < 4; number++) {
    const visit = await bench.peer.visit(number);
    visit.welcome();
    await bench.stands('live');
    visit.socket.close(4401);
    const { retry_in_ms = 0 } = await bench.stands('offline');
    waits.push(Math.round(retry_in_ms));
    bench.clock.advance(retry_in_ms + 1);
  }
  expect(waits).toEqual([0, 250, 500, 1_000]);
});

test('R10: after 4409 no timer connects, and no network: only a person', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  await bench.stands('live');
  visit.socket.close(4409);
  expect(await bench.stands('offline')).toEqual({ state: 'offline', code: 4409 });
  expect(bench.clock.pending).toEqual([]);
  bench.clock.advance(86_400_000);
  bench.clock.sign(false);
  expect(bench.asked).toHaveLength(1);
  bench.clock.sign(true);
  (await bench.peer.visit(1)).welcome();
  await bench.stands('live');
});

test('a page that comes back does not wait out its delay; a click shortens nothing', async () => {
  await using bench = await openBench();
  bench.client.connect();
  (await bench.peer.visit(0)).socket.close(1013);
  await bench.stands('offline');
  bench.clock.sign(true);
  expect(bench.asked).toHaveLength(1);
  bench.clock.sign(false);
  (await bench.peer.visit(1)).welcome();
  await bench.stands('live');
  expect(bench.asked).toHaveLength(2);
  bench.clock.advance(1_000);
  expect(bench.peer.visits).toHaveLength(2);
});

test('connect() cuts a delay short', async () => {
  await using bench = await openBench();
  bench.client.connect();
  (await bench.peer.visit(0)).socket.close(1013);
  await bench.stands('offline');
  bench.client.connect();
  (await bench.peer.visit(1)).welcome();
  await bench.stands('live');
  bench.clock.advance(1_000);
  expect(bench.asked).toHaveLength(2);
});
