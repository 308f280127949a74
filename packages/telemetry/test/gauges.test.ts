import { getWebSocketManager } from '@throughline/core';
import { expect, test } from 'vitest';
import { observe } from './observed.js';

const place = { agent_name: 'researcher', thread_id: 't-1' };

test('R11 sessions, runs, readiness, health and drain are those of the service', async () => {
  const { enter, managerOf, service, value } = await observe();
  const all = async () =>
    Object.fromEntries(
      await Promise.all(
        ['sessions', 'runs', 'ready', 'health_level', 'draining'].map(async (name) => [
          name,
          await value(`throughline_${name}`),
        ]),
      ),
    );
  expect(await all()).toEqual({ sessions: 0, runs: 0, ready: 1, health_level: 0, draining: 0 });
  const peer = await enter('ada');
  const run = await (await managerOf('ada')).startRun(place);
  expect(await all()).toEqual({ sessions: 1, runs: 1, ready: 1, health_level: 0, draining: 0 });
  const drained = service.drain({ deadlineMs: 60_000, spreadMs: 0 });
  await peer.until('draining');
  expect(await all()).toEqual({ sessions: 1, runs: 1, ready: 0, health_level: 1, draining: 1 });
  await run.completed();
  await peer.until('agent_completed');
  peer.acknowledge();
  await drained;
  expect(await all()).toEqual({ sessions: 0, runs: 0, ready: 0, health_level: 2, draining: 0 });
});

test('R8 a reader that acknowledges nothing is seen to lag, until it does', async () => {
  const { enter, service, value } = await observe({ ackWindowBytes: 32_768 });
  const peer = await enter('ada');
  const manager = getWebSocketManager(await service.authenticate({ token: 'ada' }));
  expect(await value('throughline_cursor_lag_entries')).toBe(0);
  await manager.run(place, async (run) => {
    for (let sent = 0; sent < 20; sent++) await run.send('acme.row', { filler: '.'.repeat(10_000) });
  });
  await expect.poll(() => value('throughline_cursor_lag_entries')).toBeGreaterThan(10);
  await expect.poll(() => value('throughline_cursor_lag_seconds')).toBeGreaterThan(0);
  let ended = false;
  void peer.until('agent_completed').then(() => {
    ended = true;
  });
  await expect
    .poll(() => {
      peer.acknowledge();
      return ended;
    })
    .toBe(true);
  await expect.poll(() => value('throughline_cursor_lag_entries')).toBe(0);
  expect(await value('throughline_cursor_lag_seconds')).toBe(0);
});
