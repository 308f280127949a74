import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { textFrame } from '../src/framing.js';
import { createSocketAcceptor } from '../src/socket.js';
import { bareUpgrade } from './bare-upgrade.js';
import { fakeScheduler } from './fake-scheduler.js';
import { listen, startService, turn } from './running-service.js';

interface WireFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Connects without a WebSocket library and collects the frames, whatever they are. */
async function connectBare(port: number, token: string) {
  const socket = connectTcp(port, '127.0.0.1');
  let bytes = Buffer.alloc(0);
  let ended = false;
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  socket.on('close', () => {
    ended = true;
  });
  socket.write(bareUpgrade(token));
  const frames = (): WireFrame[] => {
    const found: WireFrame[] = [];
    for (let at = bytes.indexOf('\r\n\r\n') + 4; at + 2 <= bytes.length; ) {
      const [first, second] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
      const header = second < 126 ? 2 : second === 126 ? 4 : 10;
      const length = second < 126 ? second : second === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
      found.push({ opcode: first & 15, payload: bytes.subarray(at + header, at + header + length) });
      at += header + length;
    }
    return found;
  };
  await expect.poll(() => frames().length).toBeGreaterThan(0);
  return { socket, frames, ended: () => ended };
}

/** A client's frame, masked with zeros. */
function clientFrame(opcode: number, payload: Buffer, final = true): Buffer {
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

test('R8: a socket takes nothing once its close began', async () => {
  const server = createServer();
  const acceptor = createSocketAcceptor(65_536, 65_536);
  server.on('upgrade', (request, duplex, head) => {
    const socket = acceptor.accept(request, duplex, head, 'throughline.v1');
    socket?.sendText('{"before":true}');
    socket?.close(4400, 'enough');
    expect(socket).toMatchObject({ open: false, writable: false });
    socket?.sendText('{"after":true}');
    socket?.write(textFrame('{"after":true}'));
    socket?.ping();
    socket?.close(4403, 'again');
  });
  const { frames, socket } = await connectBare(await listen(server), 'ada');
  await expect.poll(() => frames().length).toBe(2);
  socket.write(clientFrame(8, Buffer.from([0x11, 0x30])));
  await once(socket, 'close');
  expect(frames().map(({ opcode }) => opcode)).toEqual([1, 8]);
  expect(frames()[1]?.payload.toString('latin1', 2)).toBe('enough');
  server.close();
});

describe('the wire', () => {
  test('R8: no data follows a close frame, whoever goes on sending', async () => {
    const { port, service, managerOf } = await startService();
    const manager = await managerOf('ada');
    const run = await manager.startRun({ agent_name: 'a', thread_id: 't' });
    const { frames, socket } = await connectBare(port, 'ada');
    for (let number = 0; number < 50; number++) void run.send('acme.note', number);
    service.revoke(await service.authenticate({ token: 'ada' }));
    for (let number = 0; number < 50; number++) await run.send('acme.note', number);
    await turn();
    await expect.poll(() => frames().some(({ opcode }) => opcode === 8)).toBe(true);
    await turn();
    expect(frames().at(-1)).toMatchObject({ opcode: 8 });
    expect(frames().at(-1)?.payload.readUInt16BE(0)).toBe(4401);
    socket.destroy();
  });

  test('R8: nothing follows the close of the peer but the answer to it', async () => {
    const { port, managerOf, service } = await startService();
    const manager = await managerOf('ada');
    const { frames, socket, ended } = await connectBare(port, 'ada');
    socket.write(clientFrame(8, Buffer.from([0x03, 0xe8])));
    await expect.poll(() => frames().some(({ opcode }) => opcode === 8)).toBe(true);
    for (let number = 0; number < 20; number++) await manager.send('acme.note', number, { thread_id: 't' });
    await expect.poll(() => service.health().sessions).toBe(0);
    expect(frames().filter(({ opcode }) => opcode === 1)).toHaveLength(1);
    await expect.poll(ended).toBe(true);
  });

  test('a message may come in fragments, with a ping between them', async () => {
    const { port } = await startService();
    const { frames, socket } = await connectBare(port, 'ada');
    socket.write(clientFrame(1, Buffer.from('{"type":"ping",'), false));
    socket.write(clientFrame(9, Buffer.from('are you there')));
    socket.write(clientFrame(0, Buffer.from('"id":"p-1"}')));
    await expect
      .poll(() =>
        frames()
          .map(({ opcode, payload }) => `${opcode} ${payload.toString()}`)
          .slice(1),
      )
      .toEqual(['10 are you there', '1 {"type":"pong","id":"p-1"}']);
    socket.destroy();
  });

  test('a frame that is not masked is a violation: 1002', async () => {
    const { port, service } = await startService();
    const { frames, socket } = await connectBare(port, 'ada');
    socket.write(Buffer.from([0x81, 2, 0x7b, 0x7d]));
    await expect.poll(() => frames().at(-1)?.opcode).toBe(8);
    expect(frames().at(-1)?.payload.readUInt16BE(0)).toBe(1002);
    await expect.poll(() => service.health().sessions).toBe(0);
  });

  test('a peer that was refused and says so is gone: nobody waits until it is cut', async () => {
    const { port } = await startService({ scheduler: fakeScheduler() });
    const { frames, socket, ended } = await connectBare(port, 'bad');
    expect(frames()[0]?.payload.readUInt16BE(0)).toBe(4401);
    socket.write(clientFrame(8, Buffer.from([0x11, 0x31])));
    // Half of what a peer that does not answer is given.
    await expect.poll(ended, { timeout: 5_000 }).toBe(true);
  });

  test('S10: a violation by a peer that was refused ends nothing but its connection', async () => {
    const { port, enter } = await startService();
    const { frames, socket, ended } = await connectBare(port, 'bad');
    expect(frames()[0]?.payload.readUInt16BE(0)).toBe(4401);
    socket.write(Buffer.from([0x81, 2, 0x7b, 0x7d]));
    await expect.poll(ended).toBe(true);
    expect((await enter('ada')).frames[0]).toMatchObject({ type: 'welcome' });
  });

  test('S10: a peer that resets at any moment ends its own session and nothing else', async () => {
    const { port, enter, managerOf, service } = await startService();
    const manager = await managerOf('ada');
    const neighbour = await enter('ada');
    for (let round = 0; round < 10; round++) {
      const { socket } = await connectBare(port, 'ada');
      for (let number = 0; number < 20; number++) void manager.send('acme.note', 'x'.repeat(5_000), { thread_id: 't' });
      socket.resetAndDestroy();
    }
    await manager.send('acme.note', 'last', { thread_id: 't' });
    await neighbour.until('acme.note', { data: 'last' });
    await expect.poll(() => service.health().sessions).toBe(1);
    expect(neighbour.offsets).toEqual(Array.from({ length: 201 }, (_, index) => index + 1));
  });

  test('pings of the heartbeat and frames of events do not cut into each other', async () => {
    const scheduler = fakeScheduler();
    const { port, managerOf, server } = await startService({ scheduler, heartbeatMs: 1_000 });
    const sockets: Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    const manager = await managerOf('ada');
    const { frames, socket } = await connectBare(port, 'ada');
    const pings = () => frames().filter(({ opcode }) => opcode === 9).length;
    for (let round = 0; round < 60; round++) {
      for (let number = 0; number < 10; number++)
        void manager.send('acme.note', 'x'.repeat(100 * number), { thread_id: 't' });
      const before = pings();
      // One turn of the heartbeat: each second one pings.
      await scheduler.pass(500);
      if (round % 2 === 0) continue;
      await expect.poll(pings, { interval: 1 }).toBe(before + 1);
      const bytesRead = sockets[0]?.bytesRead ?? 0;
      socket.write(clientFrame(10, Buffer.alloc(0)));
      await expect.poll(() => sockets[0]?.bytesRead, { interval: 1 }).toBeGreaterThan(bytesRead);
    }
    await expect.poll(() => frames().filter(({ opcode }) => opcode === 1).length).toBe(601);
    for (const { opcode, payload } of frames()) {
      expect(opcode === 9 ? payload.length : typeof JSON.parse(payload.toString())).toBe(opcode === 9 ? 0 : 'object');
    }
    expect(pings()).toBe(30);
    socket.destroy();
  });
});
