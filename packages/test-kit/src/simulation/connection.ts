// A connection of the in-memory network: two links, the stream at the service's end, and what can befall it.
import type { IncomingMessage } from 'node:http';
import { type Conditions, Link } from './link.js';
import type { Random } from './random.js';
import { ServerEnd } from './server-end.js';
import type { Timeline } from './timeline.js';

/** The page's end of a connection. */
export interface PageEnd {
  receive(bytes: Buffer): void;
  /** The service's end is closed, or the connection broke. Nothing follows. */
  ended(): void;
  /** So many bytes for this page wait in the memory of the service. */
  waiting(bytes: number): void;
}

/** Takes upgrades: what the load balancer in front of the services does. */
export type Accept = (request: IncomingMessage, stream: ServerEnd) => boolean;

export interface Connection {
  /** Its weather: how both of its links behave. */
  readonly conditions: Conditions;
  /** From the page. */
  write(bytes: Buffer): void;
  /** The page closes its end. */
  end(): void;
  /** Breaks it, at any byte; both ends notice. */
  cut(): void;
  /** From now on nothing arrives, and nobody is told. */
  blackHole(): void;
  /** The page reads nothing for a while; what the service sends waits in the buffers. */
  stall(ms: number): void;
  readonly open: boolean;
}

/** Opens a connection and asks for an upgrade on it. */
export function openConnection(
  timeline: Timeline,
  random: Random,
  conditions: Conditions,
  head: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly address: string },
  accept: Accept,
  page: PageEnd,
): Connection {
  let open = true;
  let accepted = false;
  const stream = new ServerEnd({
    write: (bytes, taken) => down.write(bytes, taken),
    end: () => down.end(),
    resume: () => up.resume(),
    waiting: page.waiting,
    gone() {
      // What was written before is on its way: the kernel sends it on.
      up.drop();
      down.end();
    },
  });
  const down = new Link(timeline, random, conditions, {
    receive(bytes) {
      page.receive(bytes);
      return true;
    },
    ended() {
      open = false;
      page.ended();
    },
  });
  const up = new Link(timeline, random, conditions, {
    receive: (bytes) => stream.push(bytes),
    ended: () => void stream.push(null),
  });
  const request = { method: 'GET', url: head.url, headers: head.headers, socket: { remoteAddress: head.address } };
  timeline.after(conditions.latencyMs + random.int(0, conditions.jitterMs), () => {
    if (!open) return;
    accepted = true;
    // Nobody listens there: the connection is refused.
    if (!accept(request as unknown as IncomingMessage, stream)) stream.destroy();
  });

  return {
    conditions,
    get open() {
      return open;
    },
    write: (bytes) => up.write(bytes, () => {}),
    end: () => up.end(),
    cut() {
      if (!open) return;
      open = false;
      up.break();
      down.break();
      // Either a reset, or an end in the middle of things.
      const reset = () => stream.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
      if (!accepted) stream.destroy();
      else if (random.chance(0.5)) reset();
      else if (!stream.destroyed) {
        stream.push(null);
        // What the service writes to an end that is gone is answered by a reset.
        timeline.after(1_000, () => void (stream.destroyed || reset()));
      }
      page.ended();
    },
    blackHole() {
      up.lose();
      down.lose();
    },
    stall(ms) {
      down.stall();
      timeline.after(ms, () => down.unstall());
    },
  };
}
