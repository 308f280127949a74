// A server whose memory is looked at, in a process of its own. Started with `--expose-gc` and ordered by memory.ts.
import { writeHeapSnapshot } from 'node:v8';
import { type Footprint, footprint } from './harness/footprint.js';
import { type Handlers, type Orders, obey } from './harness/orders.js';
import { peerOf } from './peers/all.js';
import type { PeerServer } from './peers/peer.js';

// Held, as a program holds its server.
let server: PeerServer | undefined;

/** The least of several: finalisers run in between, and what one collection finds unreachable may have held more. */
async function leastFootprint(): Promise<Footprint> {
  const samples: Footprint[] = [];
  for (let round = 0; round < 6; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
    samples.push(footprint());
  }
  const least = (name: keyof Footprint) => Math.min(...samples.map((sample) => sample[name]));
  return { rss: least('rss'), heapUsed: least('heapUsed'), external: least('external') };
}

const handlers = {
  /** @returns its port */
  async start(peer: string) {
    server = await peerOf(peer).serve({});
    return server.port;
  },

  footprint: leastFootprint,

  /** Behind collections: what nobody needs any more is in no snapshot. */
  async snapshot(file: string) {
    await leastFootprint();
    writeHeapSnapshot(file);
  },
} satisfies Handlers;

/** What may be asked of the server. */
export type MemoryServer = Orders<typeof handlers>;

obey(handlers);
