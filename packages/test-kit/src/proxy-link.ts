// One connection through the proxy, and what happens to it.
import { connect, type Socket } from 'node:net';
import { checkLateFault, type Direction, type Fault, type Script } from './faults.js';
import { closePayload } from './frame-bytes.js';
import { ProxyLane } from './proxy-lane.js';
import type { Random } from './seeded-random.js';

/** One connection through the proxy. */
export interface Link {
  /** What waits for it, and what has happened to it. */
  readonly script: Script;
  /** Bytes and whole WebSocket frames carried so far, by direction. */
  readonly carried: Readonly<Record<Direction, { readonly bytes: number; readonly frames: number }>>;
  /** Whether either side is still there. */
  readonly open: boolean;
  /** Resolves when both sides are gone. */
  readonly closed: Promise<void>;
  /**
   * Lets a fault happen: at its point, or at once.
   *
   * @throws OPTION_INVALID for a fault that is none, or that makes sense only when a connection begins
   */
  apply(fault: Fault): void;
}

export interface ProxiedLink extends Link {
  end(): void;
}

type Of<Kind extends Fault['fault']> = Extract<Fault, { readonly fault: Kind }>;

const directions: readonly Direction[] = ['up', 'down'];
const headEnd = '\r\n\r\n';
/** An upgrade request that is longer is passed on as it is. */
const longestHead = 65_536;

export function createLink(client: Socket, target: URL, script: Script, random: Random): ProxiedLink {
  const find = <Kind extends Fault['fault']>(kind: Kind) =>
    script.find((fault): fault is Of<Kind> => fault.fault === kind);
  const log: Fault[] = [...script];
  if (find('refuse') || find('black_hole')) return createDeadEnd(client, log, find('refuse') !== undefined);

  const dial = () => connect({ host: hostOf(target), port: portOf(target), allowHalfOpen: true, noDelay: true });
  const upstream = dial();
  const twin = find('duplicate') ? dial() : undefined;
  const lanes = { up: new ProxyLane(upstream, random), down: new ProxyLane(client, random) };
  lanes.up.read(client, createHeadFilter(find('strip')?.headers ?? [], twin));
  lanes.down.read(upstream);
  twin?.on('error', () => {}).on('data', () => {});
  client.once('close', () => twin?.destroy());
  passErrors(client, upstream, lanes.up);
  passErrors(upstream, client, lanes.down);

  function cut(how: 'reset' | 'fin'): void {
    for (const direction of directions) lanes[direction].stop();
    for (const socket of [client, upstream]) {
      if (how === 'reset') reset(socket);
      else socket.end();
    }
    // Whoever was told FIN and goes on speaking is not heard.
    if (how === 'fin') for (const socket of [client, upstream]) socket.destroySoon();
  }

  function close({ code, reason = '' }: Of<'close'>): void {
    const { down, up } = lanes;
    if (!down.betweenFrames) {
      down.when({ frame: down.frames + 1 }, () => close({ fault: 'close', code, reason }));
      return;
    }
    down.stop();
    up.stop();
    upstream.destroy();
    const payload = closePayload(code, reason);
    client.write(Buffer.concat([Buffer.from([0x88, payload.length]), payload]));
    // The client answers with a close frame; then the service would end the connection.
    client.once('data', () => client.end());
    client.once('end', () => client.end());
  }

  function happen(fault: Fault): void {
    const lanesOf = (direction?: Direction) => (direction === undefined ? [lanes.up, lanes.down] : [lanes[direction]]);
    switch (fault.fault) {
      case 'cut':
        cut(fault.how ?? 'reset');
        break;
      case 'close':
        close(fault);
        break;
      case 'swallow':
        lanes[fault.direction].swallow();
        break;
      case 'stall':
        lanes[fault.direction].stall(fault.ms);
        break;
      case 'flow':
        lanes[fault.direction].flow();
        break;
      case 'latency':
        for (const lane of lanesOf(fault.direction)) lane.delay(fault.ms, fault.jitterMs ?? 0);
        break;
      case 'bandwidth':
        for (const lane of lanesOf(fault.direction)) lane.limit(fault.bytesPerSecond);
        break;
      case 'strip':
      case 'black_hole':
      case 'refuse':
      case 'duplicate':
        // Done when the connection began.
        break;
    }
  }
  function schedule(fault: Fault): void {
    const at = 'at' in fault ? fault.at : undefined;
    if (at) lanes[at.direction ?? 'down'].when(at, () => happen(fault));
    else happen(fault);
  }

  for (const fault of script) schedule(fault);
  return {
    script: log,
    carried: lanes,
    closed: Promise.all([client, upstream].map(gone)).then(() => {}),
    get open() {
      return !(client.destroyed && upstream.destroyed);
    },
    apply(fault) {
      checkLateFault(fault);
      log.push(fault);
      schedule(fault);
    },
    end() {
      for (const direction of directions) lanes[direction].stop();
      for (const socket of [client, upstream, ...(twin ? [twin] : [])]) socket.destroy();
    },
  };
}

/** A connection that leads nowhere. */
function createDeadEnd(client: Socket, script: Script, refused: boolean): ProxiedLink {
  client.on('error', () => {});
  if (refused) reset(client);
  else client.on('data', () => {}).on('end', () => client.end());
  const nothing = { bytes: 0, frames: 0 };
  return {
    script,
    carried: { up: nothing, down: nothing },
    closed: gone(client),
    get open() {
      return !client.destroyed;
    },
    apply: checkLateFault,
    end: () => client.destroy(),
  };
}

/** An error of one side is the reset of the other, unless nothing passes. */
function passErrors(from: Socket, to: Socket, lane: ProxyLane): void {
  from.on('error', () => {
    if (!lane.swallowing) reset(to);
  });
}

/** Whoever has said its end already cannot be reset: the attempt fails, and leaves the socket neither open nor closed. */
function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** What the bytes of the client go through first: header fields are taken out of the request, and a twin gets it too. */
function createHeadFilter(stripped: readonly string[], twin: Socket | undefined): (bytes: Buffer) => Buffer {
  const names = stripped.map((name) => name.toLowerCase());
  let head: Buffer | undefined = names.length > 0 || twin ? Buffer.alloc(0) : undefined;
  return (bytes) => {
    if (head === undefined) return bytes;
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf(headEnd);
    if (end < 0 && head.length < longestHead) return Buffer.alloc(0);
    const request = end < 0 ? '' : head.toString('latin1', 0, end);
    const kept = request.split('\r\n').filter((line) => !names.includes(line.split(':')[0]?.toLowerCase() ?? ''));
    const passed = Buffer.concat([Buffer.from(kept.join('\r\n'), 'latin1'), head.subarray(Math.max(0, end))]);
    if (end >= 0) twin?.write(passed.subarray(0, passed.indexOf(headEnd) + headEnd.length));
    head = undefined;
    return passed;
  };
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'wss:' ? 443 : 80));
}

/** Resolves when a socket is gone. One whose reset failed is destroyed, and never says `close`. */
function gone(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.on('error', () => {
      if (socket.destroyed) resolve();
    });
  });
}
