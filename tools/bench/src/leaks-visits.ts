// Visits: each opens a connection, and ends it in one of the ways in which connections end.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { throughlineWire } from './wires/throughline-wire.js';
import { clientFrame, upgradeRequest } from './wires/web-socket-framing.js';
import type { Resume, Wire } from './wires/wire.js';

/** A token that the service refuses. */
export const refusedToken = 'nobody';
/** What comes of a message, with the run's beginning and end. */
export const eventsPerRun = 5;

/** How a visit ends, or fails to begin. */
export const ways = [
  'closed',
  'ended without a close',
  'reset',
  'came back, closed',
  'refused',
  'left half a request',
  'left before the welcome',
] as const;
export type Way = (typeof ways)[number];

/** Where to, from where, and as whom. */
export interface Visitor {
  readonly port: number;
  readonly localAddress: string;
  readonly user: string;
  /** Of no other message of this user. */
  readonly messageId: string;
}

const patienceMs = 30_000;
const closeOpcode = 8;
/** 1000: normal. */
const normalClosure = Buffer.from([0x03, 0xe8]);

interface Line {
  readonly socket: Socket;
  readonly wire: Wire;
  /** Resolves when this is so; rejects when the connection has ended before, or when it takes too long. */
  until(what: string, isSo: () => boolean): Promise<void>;
  readonly opened: boolean;
  readonly accepted: boolean;
  readonly events: number;
  /** What the service closed with, or refused with. */
  readonly farewell: string | undefined;
}

function lineOf({ port, localAddress }: Visitor, token: string, resume?: Resume): Line {
  const seen: { opened: boolean; accepted: boolean; events: number; farewell: string | undefined } = {
    opened: false,
    accepted: false,
    events: 0,
    farewell: undefined,
  };
  let look = () => {};
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  const wire = throughlineWire({
    token,
    resume,
    events: {
      opened: () => {
        seen.opened = true;
      },
      event: () => {
        seen.events += 1;
      },
      accepted: () => {
        seen.accepted = true;
      },
      excused: () => {},
      send: (bytes) => socket.write(bytes),
      failed: (reason) => {
        seen.farewell ??= reason;
      },
    },
  });
  socket.on('data', (bytes: Buffer) => {
    wire.feed(bytes);
    look();
  });
  socket.on('error', () => {});
  socket.on('close', () => look());
  return Object.assign(seen, {
    socket,
    wire,
    until: (what: string, isSo: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`Not ${what} within ${patienceMs} ms.`)), patienceMs);
        look = () => {
          if (!isSo() && !socket.closed) return;
          clearTimeout(timer);
          look = () => {};
          if (isSo()) resolve();
          else reject(new Error(`Not ${what}: the connection ended (${seen.farewell ?? 'without a word'}).`));
        };
        look();
      }),
  });
}

/** Comes in, says something, takes what comes of it, and acknowledges it. */
async function converse(visitor: Visitor, resume?: Resume): Promise<Line> {
  const line = lineOf(visitor, visitor.user, resume);
  line.socket.write(line.wire.hello());
  await line.until('welcomed', () => line.opened);
  const before = line.events;
  line.socket.write(line.wire.message(`${visitor.messageId}${resume ? '-again' : ''}`));
  await line.until('answered', () => line.accepted && line.events >= before + eventsPerRun);
  // As if a second had passed: what came is acknowledged now.
  line.wire.tick?.(Date.now());
  return line;
}

async function close({ socket, until }: Line): Promise<void> {
  socket.write(clientFrame(normalClosure, closeOpcode));
  await until('closed', () => socket.closed);
}

async function drop({ socket }: Line): Promise<void> {
  const closed = once(socket, 'close');
  socket.resetAndDestroy();
  await closed;
}

/** Somebody who came in, and stays. @returns leaves, by a close */
export async function stay(visitor: Visitor): Promise<() => Promise<void>> {
  const line = await converse(visitor);
  return () => close(line);
}

/** One visit. @throws when the service did something else than it must */
export async function visit(way: Way, visitor: Visitor): Promise<void> {
  switch (way) {
    case 'closed':
      return close(await converse(visitor));
    case 'reset':
      return drop(await converse(visitor));
    case 'ended without a close': {
      const line = await converse(visitor);
      line.socket.end();
      return line.until('ended', () => line.socket.closed);
    }
    case 'came back, closed': {
      const line = await converse(visitor);
      await drop(line);
      return close(await converse(visitor, line.wire.resume));
    }
    case 'refused': {
      const line = lineOf(visitor, refusedToken);
      line.socket.write(line.wire.hello());
      await line.until('refused', () => line.farewell !== undefined);
      line.socket.destroy();
      return;
    }
    case 'left half a request': {
      const line = lineOf(visitor, visitor.user);
      const request = upgradeRequest('/ws', {});
      await new Promise((written) => line.socket.write(request.slice(0, request.length / 2), written));
      return drop(line);
    }
    case 'left before the welcome': {
      const line = lineOf(visitor, visitor.user);
      await new Promise((written) => line.socket.write(line.wire.hello(), written));
      return drop(line);
    }
  }
}
