// What the client does when a service sends what it should not.
import { expect, test } from 'vitest';
import { openBench, token } from './harness.js';
import { at, event } from './script.js';

test.each([
  ['text that is no JSON', 'nonsense'],
  ['an array', '[]'],
  ['a frame without a type', '{}'],
  ['a binary frame', Buffer.from('{"type":"heartbeat"}')],
  ['a second welcome', { type: 'welcome', user_id: 'ada', position: at(0), head: 0 }],
  ['a position that is none', { type: 'reset', cause: 'lagged', position: '42' }],
])('%s is a fault, and the connection begins anew', async (_, frame) => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(event(1, 1, 'agent_started', {}));
  await bench.handled(1);
  visit.send(frame, event(2, 2, 'partial_result', { text: 'unheard' }));
  await bench.stands('offline');
  expect(bench.faults).toMatchObject([{ code: 'INVALID_FRAME' }]);
  bench.clock.advance(0);
  expect((await bench.peer.visit(1)).from).toBe(at(1));
  expect(bench.events).toHaveLength(1);
});

test.each([
  ['an event', event(1, 1, 'agent_started', {})],
  ['a heartbeat', { type: 'heartbeat', position: at(0) }],
  ['a welcome with no position', { type: 'welcome', user_id: 'ada' }],
])('%s instead of a welcome is a fault', async (_, frame) => {
  await using bench = await openBench();
  bench.client.connect();
  (await bench.peer.visit(0)).send(frame);
  await bench.stands('offline');
  expect(bench.faults).toMatchObject([{ code: 'INVALID_FRAME' }]);
  expect(bench.events).toEqual([]);
});

test.each(['a frame that is none', 'a getToken that throws', 'a refresh that throws'])(
  '%s: whoever is told may close, and it stays closed',
  async (what) => {
    let failing = what === 'a getToken that throws';
    await using bench = await openBench({
      getToken() {
        if (failing) throw new Error('fetch failed');
        return token;
      },
    });
    bench.client.on('fault', () => bench.client.close());
    bench.client.connect();
    if (!failing) {
      const visit = await bench.peer.visit(0);
      visit.welcome({ expires_in_ms: 10_000 });
      await bench.stands('live');
      failing = true;
      if (what === 'a frame that is none') visit.send('nonsense');
      else bench.clock.advance(8_000);
    }
    await bench.stands('closed');
    expect(bench.faults).toHaveLength(1);
    expect(bench.clock.pending).toEqual([]);
    expect(bench.clock.watched).toBe(false);
  },
);

test('frames and fields that it does not know are ignored', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.send({ type: 'greeting' });
  visit.welcome();
  visit.send({ type: 'degraded', level: 3 }, { ...event(1, 1, 'agent_started', {}), colour: 'red' });
  await bench.handled(1);
  expect(bench.faults).toEqual([]);
});
