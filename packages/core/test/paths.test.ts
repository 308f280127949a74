import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { claimPath } from '../src/paths.js';
import { connect } from './raw-client.js';
import { listen, startService } from './running-service.js';

test('R3: several services live on one server, each at its path', async () => {
  const { server, enter, service } = await startService({ path: '/one' });
  const other = await startService({ server, path: '/two' });
  await enter('ada');
  await other.enter('bob');
  await other.enter('bob');
  expect([service.health().sessions, other.service.health().sessions]).toEqual([1, 2]);
  await service.close();
  expect(server.listenerCount('upgrade')).toBe(1);
  await other.enter('bob');
  await other.service.close();
  expect(server.listenerCount('upgrade')).toBe(0);
});

test('a path is free again once its service is closed', async () => {
  const { server, service } = await startService();
  await service.close();
  const again = await startService({ server });
  await again.enter('ada');
  expect(again.service.health().sessions).toBe(1);
});

test.each(['/', '/wss', '/ws/', '/ws/deeper', '/WS'])('a path that nobody handles is 404: %s', async (path) => {
  const { refused } = await startService();
  expect(await refused({ token: 'ada', path })).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
});

test('a peer that resets a connection that nobody handles ends nothing', async () => {
  const { port, enter, service } = await startService();
  const socket = connectTcp(port, '127.0.0.1');
  socket.write('GET /none HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  socket.resetAndDestroy();
  await once(socket, 'close');
  await enter('ada');
  expect(service.health().sessions).toBe(1);
});

test('upgrade handlers of others keep working, and what none of them knows is left to them', async () => {
  const server = createServer();
  const seen: string[] = [];
  const { enter, port } = await startService({ server });
  server.on('upgrade', (request, duplex: Duplex) => {
    if (request.url?.startsWith('/ws')) return;
    seen.push(request.url ?? '');
    duplex.end('HTTP/1.1 418 I am a teapot\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}');
  });
  await enter('ada');
  await expect(connect(port, { path: '/theirs' })).rejects.toThrow('418');
  expect(seen).toEqual(['/theirs']);
});

test('ordinary requests are none of its business', async () => {
  const server = createServer((_, response) => response.end('page'));
  const { port } = await startService({ server });
  expect(await (await fetch(`http://127.0.0.1:${port}/ws`)).text()).toBe('page');
});

test('one copy of the package respects what another has claimed', async () => {
  const server = createServer();
  const release = claimPath(server, '/ws', 'chat', () => {});
  expect(() => claimPath(server, '/ws', 'chat', () => {})).toThrow(expect.objectContaining({ code: 'PATH_TAKEN' }));
  release();
  claimPath(server, '/ws', 'chat', () => {})();
  expect(server.listenerCount('upgrade')).toBe(0);
  expect(await listen(server)).toBeGreaterThan(0);
  server.close();
});
