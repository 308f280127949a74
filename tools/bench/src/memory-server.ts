// A server whose memory is looked at, in a process of its own. Started with `--expose-gc` and ordered by memory.ts.
import { writeHeapSnapshot } from 'node:v8';
import { type Handlers, type Orders, obey } from './harness/orders.js';
import { peerOf } from './peers/all.js';
import type { PeerServer } from './peers/peer.js';

/** What a process holds after a forced collection, in bytes. */
export interface Footprint {
  readonly rss: number;
  readonly heapUsed: number;
  /** What objects of the heap hold outside of it. */
  readonly external: number;
}

// Held, as a program holds its server.
let server: PeerServer | undefined;

/** The least of several: finalisers run in between, and what one collection finds unreachable may have held more. */
async function footprint(): Promise<Footprint> {
  const samples: Footprint[] = [];
  for (let round = 0; round < 6; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
    samples.push(process.memoryUsage());
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

  footprint,

  /** Behind collections: what nobody needs any more is in no snapshot. */
  async snapshot(file: string) {
    await footprint();
    writeHeapSnapshot(file);
  },
} satisfies Handlers;

/** What may be asked of the server. */
export type MemoryServer = Orders<typeof handlers>;

obey(handlers);
