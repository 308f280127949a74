// What a session may have under way, and what makes room for more.
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { memoryLog } from '../src/memory-log.js';
import { note, notes, received, upTo } from './notes.js';
import { startService, turn } from './running-service.js';

describe('backpressure', () => {
  test('S7: with acks, no more than a window is under way', async () => {
    const { enter, managerOf } = await startService();
    const manager = await managerOf('ada');
    const client = await enter('ada', { acks: true });
    await notes(manager, 1_000, 'x'.repeat(1_000));
    await turn();
    await expect.poll(() => client.offsets.length).toBeGreaterThan(100);
    await turn();
    const stillness = client.offsets.length;
    expect(stillness).toBeLessThan(131_072 / 1_000);
    while (client.offsets.length < 1_000) {
      client.send({ type: 'ack', position: client.position });
      await received(client, client.offsets.length + 1);
    }
    expect(client.offsets).toEqual(upTo(1_000));
  });

  test('without acks, the socket holds no more than its mark and one read', async () => {
    const { enter, managerOf, server } = await startService({ log: memoryLog({ bytesPerUser: 64_000_000 }) });
    const sockets: Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    const manager = await managerOf('ada');
    const client = await enter('ada');
    client.webSocket.pause();
    let most = 0;
    for (let sent = 0; sent < 200; sent++) {
      await note(manager, 'x'.repeat(100_000));
      most = Math.max(most, sockets[0]?.writableLength ?? 0);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(65_536 + 110_000);
    client.webSocket.resume();
    expect(await received(client, 200)).toEqual(upTo(200));
  });

  test('input waits while output stands still, and is heard then', async () => {
    const { enter, managerOf } = await startService({ log: memoryLog({ bytesPerUser: 64_000_000 }) });
    const manager = await managerOf('ada');
    const client = await enter('ada');
    client.webSocket.pause();
    for (let sent = 0; sent < 150; sent++) await note(manager, 'x'.repeat(100_000));
    client.send({ type: 'ping', id: 'p-1' });
    client.webSocket.resume();
    await client.until('pong', { id: 'p-1' });
    expect(await received(client, 150)).toEqual(upTo(150));
  });
});

describe('S7: what a client says', () => {
  test('is not even read while it takes nothing: what it asks for would only add to what waits', async () => {
    const heard: unknown[] = [];
    const { enter, managerOf } = await startService({
      log: memoryLog({ bytesPerUser: 64_000_000 }),
      onMessage: ({ data }) => void heard.push(data),
    });
    const manager = await managerOf('ada');
    const [client, neighbour] = [await enter('ada'), await enter('bob')];
    client.webSocket.pause();
    for (let sent = 0; sent < 150; sent++) await note(manager, 'x'.repeat(100_000));
    client.send({ type: 'message', id: 'm-1', thread_id: 't', data: 'more' });
    // The service is awake, and has had every opportunity.
    for (let count = 0; count < 20; count++) {
      neighbour.send({ type: 'ping', id: `p-${count}` });
      await neighbour.until('pong', { id: `p-${count}` });
    }
    expect(heard).toEqual([]);
    client.webSocket.resume();
    await expect.poll(() => heard).toEqual(['more']);
  });

  test('behind what ended the connection is not heard', async () => {
    const heard: unknown[] = [];
    const { enter } = await startService({ onMessage: ({ data }) => void heard.push(data) });
    for (const last of [Buffer.from([1, 2, 3]), 'no frame at all']) {
      const client = await enter('ada');
      client.webSocket.send(last);
      client.send({ type: 'message', id: 'm-1', thread_id: 't', data: 'too late' });
      await client.closed;
    }
    expect(heard).toEqual([]);
  });
});

describe('acks', () => {
  test('of another epoch are ignored', async () => {
    const { enter } = await startService();
    const client = await enter('ada', { acks: true });
    client.send({ type: 'ack', position: 'elsewhere.99.00000000' });
    client.send({ type: 'ping', id: 'p-1' });
    expect(await client.next()).toEqual({ type: 'pong', id: 'p-1' });
  });

  test.each([
    ['of what was never sent', (epoch: string) => `${epoch}.1.00000000`],
    ['of no position', () => 'yesterday'],
  ])('%s are 4400', async (_, position) => {
    const { enter } = await startService();
    const client = await enter('ada', { acks: true });
    client.send({ type: 'ack', position: position(client.position.split('.')[0] as string) });
    expect(await client.closed).toMatchObject({ code: 4400, reason: expect.stringContaining('ack.position') });
  });
});
