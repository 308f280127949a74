// a recovery is told once, and lasts until its own end.
import { expect, test } from 'vitest';
import { startService } from './running-service.js';

test('a change of threads after a recovery is no second recovery', async () => {
  const { enter, managerOf, telemetry } = await startService();
  const first = await enter('ada');
  first.webSocket.terminate();
  await expect.poll(() => telemetry.some(({ kind }) => kind === 'session_closed')).toBe(true);
  const second = await enter('ada', { from: first.position });
  second.send({ type: 'threads', threads: ['t-1'], from: 'active' });
  await second.until('reading');
  await (await managerOf('ada')).send('acme.note', 1, { thread_id: 't-1' });
  await second.until('acme.note');
  const recoveries = telemetry.filter((event) => event.kind === 'session_caught_up' && event.away_ms !== undefined);
  expect(recoveries).toHaveLength(1);
});
