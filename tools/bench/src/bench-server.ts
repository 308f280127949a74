// The server under test, in a process of its own: its CPU time and its memory alone are judged. Started with `--expose-gc` and
// ordered by harness/rig.ts.
import { monotonicClock } from './harness/clock.js';
import { type Handlers, type Orders, obey } from './harness/orders.js';
import { memory, sampler } from './harness/sampling.js';
import { peerOf } from './peers/all.js';
import type { PeerServer, ServeOptions } from './peers/peer.js';
import { Production, type Stream } from './server/production.js';

const sampled = sampler();
let server: PeerServer | undefined;
let production: Production | undefined;

function started(): { readonly server: PeerServer; readonly production: Production } {
  if (server && production) return { server, production };
  throw new Error('The server was not started.');
}

const handlers = {
  /** @returns its port */
  async start(peer: string, options: ServeOptions) {
    server = await peerOf(peer).serve(options);
    production = new Production(server, monotonicClock());
    return server.port;
  },

  prepare: (from: number, to: number) => started().production.prepare(from, to),

  /** Says what the stream is, and measures itself meanwhile. */
  async stream(stream: Stream) {
    sampled.begin();
    const produced = await started().production.stream(stream);
    // What was said last is written at the end of its turn.
    await new Promise((resolve) => setImmediate(resolve));
    return { ...produced, ...sampled.end() };
  },

  stop: () => started().production.stop(),

  /** So many events of so many bytes to each user, as fast as they are taken. */
  flood: (from: number, to: number, events: number, bytes: number) =>
    started().production.flood(from, to, events, bytes),

  said: (user: number) => started().production.said(user),
  handled: () => started().server.handled,
  memory,
  beginWindow: () => sampled.begin(),
  endWindow: () => sampled.end(),
} satisfies Handlers;

/** What may be asked of the server. */
export type Server = Orders<typeof handlers>;

obey(handlers);
