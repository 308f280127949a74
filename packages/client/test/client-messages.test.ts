// What the user says, through the client.
import { expect, test, vi } from 'vitest';
import { openBench } from './harness.js';
import { at } from './script.js';

test('messages said offline arrive once, in order; those not yet accepted go again after a cut', async () => {
  await using bench = await openBench();
  const said = ['a', 'b', 'c'].map((data) => bench.client.send({ thread_id: 't-1', data }));
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome();
  const { id } = await first.next('message');
  first.send({ type: 'accepted', id });
  await first.next('message');
  first.socket.terminate();
  await bench.stands('offline');
  bench.clock.advance(250);
  const second = await bench.peer.visit(1);
  second.welcome();
  for (const { id: expected } of said.slice(1)) {
    const frame = await second.next('message');
    expect(frame.id).toBe(expected);
    second.send({ type: 'accepted', id: frame.id });
  }
  await Promise.all(said.map(({ accepted }) => accepted));
});

test('nothing is said before the welcome', async () => {
  await using bench = await openBench();
  bench.client.send({ thread_id: 't-1', data: 'a' });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.socket.ping();
  await new Promise((resolve) => visit.socket.once('pong', resolve));
  expect(visit.frames).toEqual([]);
  visit.welcome();
  await visit.next('message');
});

test('a log that was lost leaves the fate of a sent message to the user', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome();
  const { accepted } = bench.client.send({ thread_id: 't-1', data: 'a' });
  await first.next('message');
  first.socket.terminate();
  await bench.stands('offline');
  bench.clock.advance(250);
  (await bench.peer.visit(1)).welcome({ position: at(0, 'other') });
  await expect(accepted).rejects.toMatchObject({ code: 'FATE_UNKNOWN' });
});

test('close(), and a code that is final, reject what waits; a closed client takes nothing', async () => {
  for (const end of ['close', 4403] as const) {
    await using bench = await openBench();
    bench.client.connect();
    const visit = await bench.peer.visit(0);
    visit.welcome();
    await bench.stands('live');
    const sent = bench.client.send({ thread_id: 't-1', data: 'a' });
    const cancelled = bench.client.cancel('r-1');
    if (end === 'close') bench.client.close();
    else visit.socket.close(end);
    await expect(sent.accepted).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(cancelled).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(bench.client.send({ thread_id: 't-1', data: 'b' }).accepted).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(bench.client.cancel('r-1')).rejects.toMatchObject({ code: 'CLOSED' });
  }
});

test('a message that waits survives a sign-out of the same user', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const { accepted } = bench.client.send({ thread_id: 't-1', data: 'a' });
  for (const number of [0, 1]) {
    (await bench.peer.visit(number)).socket.close(4401);
    await bench.stands(number === 0 ? 'offline' : 'signed_out');
    bench.clock.advance(0);
  }
  bench.client.connect();
  const visit = await bench.peer.visit(2);
  visit.welcome();
  const { id } = await visit.next('message');
  visit.send({ type: 'accepted', id });
  await expect(accepted).resolves.toBeUndefined();
});

test('a rejection that nobody looks at ends no process', async () => {
  const unhandled = vi.fn<(reason: unknown) => void>();
  process.on('unhandledRejection', unhandled);
  try {
    await using bench = await openBench();
    void bench.client.send({ thread_id: 't-1', data: 'a' });
    void bench.client.cancel('r-1');
    bench.client.connect();
    bench.client.close();
    void bench.client.send({ thread_id: 't-1', data: 'b' });
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
  } finally {
    process.off('unhandledRejection', unhandled);
  }
});

test('stop: a cancel is passed on and its verdict comes back', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  const cancelled = bench.client.cancel('r-1');
  const frame = await visit.next('cancel');
  expect(frame).toEqual({ type: 'cancel', id: expect.any(String), run_id: 'r-1' });
  visit.send({ type: 'accepted', id: frame.id });
  await cancelled;
  const unknown = bench.client.cancel('r-9');
  visit.send({ type: 'error', id: (await visit.next('cancel')).id, code: 'RUN_UNKNOWN', message: 'no such run' });
  await expect(unknown).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
});
