// R5, R8, R16: a connection that breaks at each byte there is to break at, from the first of its upgrade to the last of
// what it says behind it. Whatever breaks: the process lives, nothing stays, neighbours notice nothing.
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CountedTimers, createCountedTimers } from '../src/counted-timers.js';
import { createGate, type Gate } from '../src/gate.js';
import { type Neighbour, startNeighbour } from '../src/neighbour.js';
import { startTestService, type TestService, testAuthenticator } from '../src/test-service.js';
import { upgradeText } from '../src/upgrade.js';
import { clientFrame, closePayload, opcodes } from '../src/wire.js';

let service: TestService;
let timers: CountedTimers;
let neighbour: Neighbour;
/** Whose token is being checked, and until when. */
const gates = new Map<string, Gate>();
/** The service's ends of all connections, by the port of the other end. */
const ends = new Map<number | undefined, Socket>();
const uncaught: unknown[] = [];
const noteUncaught = (error: unknown) => void uncaught.push(error);
let idle: { readonly sockets: number; readonly timers: number };

beforeAll(async () => {
  timers = createCountedTimers();
  const neighbourly = testAuthenticator();
  service = await startTestService({
    scheduler: timers,
    onMessage: () => {},
    authenticate: async (credentials) => {
      if (!credentials.token.startsWith('peer-')) return neighbourly(credentials);
      await gates.get(credentials.token)?.pass();
      return { user_id: credentials.token };
    },
  });
  service.server.on('connection', (socket) => ends.set(socket.remotePort, socket));
  neighbour = await startNeighbour(service, 'bob');
  process.on('uncaughtExceptionMonitor', noteUncaught);
  idle = { sockets: openSockets(), timers: timers.waiting };
});

afterAll(async () => {
  process.off('uncaughtExceptionMonitor', noteUncaught);
  await service[Symbol.asyncDispose]();
});

/** Both ends of every connection: what is left behind by either shows. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}

/** Looks again each turn. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

function upgradeOf(user: string): Buffer {
  return Buffer.from(upgradeText({ url: service.url, token: user, acks: true }));
}

/** Everything a peer says behind its upgrade, without waiting for an answer. */
function frames(): Buffer {
  const json = (frame: object) => clientFrame(JSON.stringify(frame));
  return Buffer.concat([
    json({ type: 'ping', id: 'p-1' }),
    clientFrame('still there?', { opcode: opcodes.ping }),
    json({ type: 'message', id: 'm-1', thread_id: 't-1', data: 'x'.repeat(130) }),
    clientFrame('{"type":"ping",', { final: false }),
    clientFrame('"id":"p-2"}', { opcode: opcodes.continuation }),
    clientFrame(closePayload(1000, 'bye'), { opcode: opcodes.close }),
  ]);
}

const lifeOf = (user: string) => Buffer.concat([upgradeOf(user), frames()]);

/** Who breaks the connection. Their error is what a read fails with when a cable is pulled, or a card is. */
const breaks = {
  'the peer resets': (peer: Socket) => peer.resetAndDestroy(),
  'the socket of the service fails': (_: Socket, end: Socket) => end.destroy(new Error('read EIO')),
} as const;

interface Broken {
  readonly peer: Socket;
  readonly end: Socket;
}

async function dial(): Promise<Broken> {
  const peer = connect(service.port, '127.0.0.1');
  peer.on('error', () => {});
  // What it is told is not looked at, but taken: otherwise its end would never be read.
  peer.resume();
  await until(() => ends.has(peer.localPort));
  const end = ends.get(peer.localPort) as Socket;
  // The system gives the port of who is gone to somebody else.
  ends.delete(peer.localPort);
  return { peer, end };
}

/** Some at once: enough to be quick, few enough to be told apart. */
const atOnce = 24;

async function inBatches(counts: readonly number[], work: (count: number) => Promise<void>): Promise<void> {
  for (let first = 0; first < counts.length; first += atOnce) {
    await neighbour.hears();
    await Promise.all(counts.slice(first, first + atOnce).map(work));
  }
}

/** Everything is as it was, and the neighbour has heard every word. */
async function expectNothingLeft(): Promise<void> {
  await expect.poll(() => service.service.health().sessions).toBe(1);
  await expect.poll(() => timers.waiting).toBe(idle.timers);
  await expect.poll(openSockets).toBe(idle.sockets);
  await neighbour.hears();
  await neighbour.mustHaveAll();
  expect(uncaught).toEqual([]);
  const ids = (kind: 'session_opened' | 'session_closed') =>
    service.telemetry.flatMap((event) => (event.kind === kind ? [event.session_id] : [])).sort();
  expect(ids('session_closed').length).toBe(ids('session_opened').length - 1);
  expect(service.telemetry.filter((event) => event.kind === 'session_closed' && event.code === 1011)).toEqual([]);
  expect(service.telemetry.filter(({ kind }) => kind === 'fault' || kind === 'leak')).toEqual([]);
}

const upTo = (last: number, first = 0) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe.each(Object.entries(breaks))('R5, R8: socket error at every byte of the upgrade: %s', (who, fail) => {
  /** Each connection another user, all names equally long. */
  const nameOf = (count: number, when: string) => `peer-${who.replaceAll(' ', '-')}-${when}-${1_000 + count}`;

  test('R5, R8: socket error at every byte of the upgrade, and of the frames that follow', async () => {
    const { length } = lifeOf(nameOf(0, 'at-once'));
    let reached = 0;
    await inBatches(upTo(length), async (count) => {
      const life = lifeOf(nameOf(count, 'at-once'));
      const { peer, end } = await dial();
      peer.write(life.subarray(0, count));
      await until(() => end.bytesRead >= count || end.destroyed);
      reached += end.bytesRead;
      fail(peer, end);
      await until(() => end.destroyed && peer.destroyed);
    });
    // Each byte did arrive before the break: 0 + 1 + 2 + …
    expect(reached).toBe((length * (length + 1)) / 2);
    await expectNothingLeft();
  });

  test('R5, R16: socket error during `authenticate`, at every byte of the frames that came early', async () => {
    const opened = service.telemetry.filter(({ kind }) => kind === 'session_opened').length;
    await inBatches(upTo(frames().length), async (count) => {
      const name = nameOf(count, 'checked');
      const gate = createGate();
      gates.set(name, gate);
      const { peer, end } = await dial();
      peer.write(Buffer.concat([upgradeOf(name), frames().subarray(0, count)]));
      await gate.reached;
      fail(peer, end);
      await until(() => end.destroyed && peer.destroyed);
      gate.open();
    });
    await expectNothingLeft();
    // Nobody was let in who had gone.
    expect(service.telemetry.filter(({ kind }) => kind === 'session_opened').length).toBe(opened);
  });
});
