// Servers with planted bugs: the generator's connection must find what they do.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { monotonicClock } from '../src/harness/clock.js';
import { isComplete } from '../src/load/arrival.js';
import { Connection } from '../src/load/connection.js';
import { Tally } from '../src/load/tally.js';
import { envelope } from '../src/peers/envelope.js';
import { lineWire } from '../src/wires/line-wire.js';

const now = monotonicClock();
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((closed) => server.close(closed));
});

/** A server that sends events of these numbers, cut into pieces of so many bytes. */
async function serving(numbers: readonly number[], pieceBytes: number): Promise<number> {
  const eventOf = envelope('u1');
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      const lines = numbers.map((n) => `${JSON.stringify(eventOf({ n, at: now(), text: 'Costs ' }))}\n`);
      const text = `{"type":"welcome"}\n${lines.join('')}`;
      for (let at = 0; at < text.length; at += pieceBytes) socket.write(text.slice(at, at + pieceBytes));
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function receive(numbers: readonly number[], pieceBytes: number) {
  const ages: number[] = [];
  const connection = new Connection({
    port: await serving(numbers, pieceBytes),
    tls: false,
    localAddress: '127.0.0.1',
    wire: lineWire,
    token: 'u1',
    tally: new Tally(),
    buffer: Buffer.alloc(4_096),
    now,
    onAge: (age) => ages.push(age),
    onAccepted: () => {},
  });
  await connection.opening;
  await expect.poll(() => connection.tally.count).toBe(numbers.length);
  connection.drop();
  return { connection, ages };
}

describe('a connection of the generator', () => {
  test.each([7, 100, 65_536])('takes what comes in pieces of %i bytes', async (pieceBytes) => {
    const { connection, ages } = await receive([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], pieceBytes);
    expect(isComplete('u1', connection, 11, false)).toBe(true);
    expect(ages).toHaveLength(11);
    expect(ages.every((age) => age >= 0 && age < 60_000_000)).toBe(true);
  });

  test.each<[string, number[], RegExp]>([
    ['loses an event', [0, 1, 2, 4, 5], /event 4 instead of 3/],
    ['sends an event twice', [0, 1, 2, 2, 3, 4], /event 2 instead of 3/],
    ['swaps two events', [0, 1, 3, 2, 4], /event 3 instead of 2/],
  ])('finds a server that %s', async (_, numbers, reason) => {
    const { connection } = await receive(numbers, 300);
    expect(() => isComplete('u1', connection, 5, false)).toThrow(reason);
  });

  test('finds a server that closes', async () => {
    const { connection } = await receive([0], 300);
    const port = await serving([0], 300);
    const server = servers.at(-1);
    server?.on('connection', (socket) => socket.end());
    const other = new Connection({
      port,
      tls: false,
      localAddress: '127.0.0.1',
      wire: lineWire,
      token: 'u1',
      tally: new Tally(),
      buffer: Buffer.alloc(4_096),
      now,
      onAge: undefined,
      onAccepted: () => {},
    });
    await expect(other.opening).rejects.toThrow('the peer closed the connection');
    expect(() => isComplete('u1', other, 1, false)).toThrow('the peer closed the connection');
    expect(connection.failure).toBeUndefined();
  });
});
