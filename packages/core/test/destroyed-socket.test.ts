import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { fakeScheduler } from './fake-scheduler.js';
import { startService, turn } from './running-service.js';

test('R8: close does not wait for a socket that is destroyed and never says so', async () => {
  const scheduler = fakeScheduler();
  const { service, server, enter } = await startService({ scheduler });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  await enter('ada');
  const ends = sockets.at(-1) as Socket;
  // Reset in the very moment in which it shuts down: the system refuses, and Node forgets the handle without a `close`.
  ends.end();
  process.nextTick(() => process.nextTick(() => ends.resetAndDestroy()));
  await turn();
  await turn();
  expect(ends.destroyed).toBe(true);
  let over = false;
  void service.close().then(() => {
    over = true;
  });
  for (let round = 0; round < 50 && !over; round++) await scheduler.pass(100);
  expect(over).toBe(true);
}, 5_000);
