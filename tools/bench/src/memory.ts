// What an idle session costs in memory, and what holds it: heap snapshots before and after, divided by owner.
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Generator } from './bench-generator.js';
import { bundle } from './harness/bundle.js';
import type { Footprint } from './harness/footprint.js';
import { ordersTo } from './harness/orders.js';
import { endProgram, startProgram } from './harness/programs.js';
import { readHeap } from './memory/heap-graph.js';
import { divide, growth, type Holdings } from './memory/holdings.js';
import { type PeerMemory, pathTable, processTable, sideBySide } from './memory/report.js';
import type { MemoryServer } from './memory-server.js';
import { peerOf } from './peers/all.js';
import type { Peer } from './peers/peer.js';
import { median } from './report/statistics.js';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000' },
    peers: { type: 'string', default: 'throughline,ws' },
    /** So many rows have the tables of paths. */
    paths: { type: 'string', default: '40' },
  },
});

function number(name: 'sessions' | 'paths'): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} must be an integer above 0, not ${JSON.stringify(values[name])}.`);
}

const sessions = number('sessions');
const paths = number('paths');
/** So many come before anything is measured: what is loaded and compiled for the first is no session's. */
const first = 200;
/** Processes whose footprint is taken: RSS differs by megabytes from one to the next. */
const rounds = 3;

const print = (text: string) => process.stdout.write(`${text}\n`);
const programs = await bundle(['memory-server', 'bench-generator']);
const folder = mkdtempSync(join(tmpdir(), 'memory-'));

/** Looks at a server before and after so many sessions, in fresh processes. */
async function beforeAndAfter<T>(peer: Peer, look: (server: MemoryServer, when: string) => Promise<T>) {
  const serverProcess = startProgram(programs, 'memory-server', ['--expose-gc']);
  const generatorProcess = startProgram(programs, 'bench-generator', []);
  try {
    const server: MemoryServer = ordersTo(serverProcess);
    const generator: Generator = ordersTo(generatorProcess);
    await generator.setup(peer.name, await server.start(peer.name), false);
    await generator.connect({ from: sessions, to: sessions + first });
    const before = await look(server, 'before');
    await generator.connect({ from: 0, to: sessions });
    const after = await look(server, 'after');
    // A session that was lost meanwhile would have cost nothing.
    await generator.arrived([{ from: 0, to: sessions + first, events: 0 }]);
    return { before, after };
  } finally {
    await Promise.all([endProgram(serverProcess), endProgram(generatorProcess)]);
  }
}

async function measure(peer: Peer): Promise<PeerMemory> {
  // Writing a snapshot costs memory itself: the figures of the process are those of others.
  const footprints: { readonly before: Footprint; readonly after: Footprint }[] = [];
  for (let round = 0; round < rounds; round++) {
    footprints.push(await beforeAndAfter(peer, (server) => server.footprint()));
  }
  const each = (name: keyof Footprint) =>
    median(footprints.map(({ before, after }) => (after[name] - before[name]) / sessions));
  const files = await beforeAndAfter(peer, async (server, when) => {
    const file = join(folder, `${peer.name}-${when}.heapsnapshot`);
    await server.snapshot(file);
    return file;
  });
  const holdings = growth(await holdingsOf(files.before), await holdingsOf(files.after), sessions);
  return { title: peer.title, rss: each('rss'), heapUsed: each('heapUsed'), external: each('external'), holdings };
}

async function holdingsOf(file: string): Promise<Holdings> {
  return divide(await readHeap(createReadStream(file)));
}

try {
  const measured: PeerMemory[] = [];
  for (const name of values.peers.split(',')) measured.push(await measure(peerOf(name)));
  print(
    `${sessions} idle sessions of as many users. Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}.\n`,
  );
  print(`${processTable(measured)}\n`);
  print(`${sideBySide('owner', measured, 'byOwner')}\n`);
  print(`${sideBySide('kind', measured, 'byKind')}\n`);
  for (const one of measured) print(`${pathTable(one, paths)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
