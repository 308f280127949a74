// `for await` over the client.
import type { AgentEvent } from '@throughline/events';
import { expect, test, vi } from 'vitest';
import { openBench, token } from './harness.js';
import { at, event, wholeRun } from './script.js';

test('for await: an event is acknowledged when the loop comes back for the next', async () => {
  await using bench = await openBench();
  const taken: AgentEvent[] = [];
  let goOn: () => void = () => {};
  const looping = (async () => {
    for await (const one of bench.client) {
      taken.push(one);
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    }
  })();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(...wholeRun(['a']).slice(0, 3));
  await bench.handled(3);
  bench.clock.advance(5_000);
  expect(bench.client.position).toBe(at(0));
  expect(visit.frames).toEqual([]);
  goOn();
  await vi.waitFor(() => expect(taken).toHaveLength(2));
  bench.clock.advance(1_000);
  expect(await visit.next('ack')).toEqual({ type: 'ack', position: at(1) });
  // A cut in between: what came is in hand, and is not asked for again.
  visit.socket.terminate();
  await bench.stands('offline');
  bench.clock.advance(250);
  const next = await bench.peer.visit(1);
  expect(next.from).toBe(at(3));
  expect(bench.client.position).toBe(at(1));
  bench.client.close();
  for (let turn = 0; turn < 3; turn++) {
    goOn();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await looping;
  expect(taken.map(({ offset }) => offset)).toEqual([1, 2, 3]);
});

test('for await: what a reset made void is not given any more', async () => {
  await using bench = await openBench();
  const loop = bench.client[Symbol.asyncIterator]();
  const first = loop.next();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(event(1, 1, 'agent_started', {}));
  expect((await first).value).toMatchObject({ offset: 1 });
  visit.send(event(2, 2, 'partial_result', { text: 'void' }));
  visit.send({ type: 'reset', cause: 'lagged', position: at(4) }, event(5, 9, 'partial_result', { text: 'anew' }));
  await bench.handled(3);
  expect((await loop.next()).value).toMatchObject({ offset: 5 });
  expect(bench.client.position).toBe(at(4));
});

test.each([
  [4403, 'CLOSED'],
  [4401, 'SIGNED_OUT'],
])('for await throws when the service ends it with %i', async (code, expected) => {
  await using bench = await openBench({ getToken: (reason) => (reason === 'refused' ? null : token) });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  await bench.stands('live');
  const next = bench.client[Symbol.asyncIterator]().next();
  visit.socket.close(code);
  if (code === 4401) {
    await bench.stands('offline');
    bench.clock.advance(0);
  }
  await expect(next).rejects.toMatchObject({ code: expected });
});
