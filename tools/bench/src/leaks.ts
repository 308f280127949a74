// The leak check: people connect and leave in every way there is, 100,000 times; then all have gone, and the service's process must
// be as it was after the warm-up. Exit code 1 when it is not.
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './harness/bundle.js';
import { ordersTo } from './harness/orders.js';
import { endProgram, startProgram } from './harness/programs.js';
import type { LeaksServer } from './leaks-server.js';
import { type Checkpoint, growthOf, growthPerThousand, judge } from './leaks-verdict.js';
import { stay, visit, type Way, ways } from './leaks-visits.js';
import { readHeap } from './memory/heap-graph.js';
import { divide } from './memory/holdings.js';

const { values } = parseArgs({
  options: {
    connects: { type: 'string', default: '100000' },
    /** So many come before: what they leave behind is the program's, not theirs. */
    warmup: { type: 'string', default: '10000' },
    /** Looks at what is left, after the warm-up and the last one. */
    checkpoints: { type: 'string', default: '5' },
    /** Visits at once. */
    concurrency: { type: 'string', default: '32' },
    /** Keeps each connection for ever, to see that it is noticed. */
    plant: { type: 'boolean', default: false },
  },
});
const [connects, warmup, checkpoints, concurrency] = (
  ['connects', 'warmup', 'checkpoints', 'concurrency'] as const
).map((name) => {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} must be an integer above 0, not ${JSON.stringify(values[name])}.`);
}) as [number, number, number, number];

/**
 * Without the optimising compiler, which keeps finding something to compile for as long as it is let: its code would be what
 * the heap grows by.
 */
const flags = ['--expose-gc', '--no-opt'];
/** Half of the visits are of these few, who so come again and again; each of the others is somebody who never was there. */
const regulars = 8;
/** Loopback is 127.0.0.0/8: so many addresses, each with its own ports. */
const addresses = 16;

const print = (line: string) => process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'leaks-'));
const serverProcess = startProgram(await bundle(['leaks-server']), 'leaks-server', flags);
const service: LeaksServer = ordersTo(serverProcess);
const started = Date.now();
const done = new Map<Way, number>();
let begun = 0;

/** So many visits, some at once. */
async function visits(port: number, count: number): Promise<void> {
  const last = begun + count;
  const lane = async () => {
    while (begun < last) {
      const number = begun++;
      const way = ways[number % ways.length] as Way;
      // By another measure than the ways: each of them meets both.
      const user = Math.floor(number / ways.length) % 2 === 0 ? `regular-${number % regulars}` : `guest-${number}`;
      await visit(way, { port, user, localAddress: `127.0.0.${2 + (number % addresses)}`, messageId: `m-${number}` });
      done.set(way, (done.get(way) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

/** How many objects of each class there are. */
async function count(): Promise<ReadonlyMap<string, number>> {
  const file = join(folder, 'now.heapsnapshot');
  await service.snapshot(file);
  const { byKind } = divide(await readHeap(createReadStream(file)));
  return new Map([...byKind].map(([name, { objects }]) => [name, objects]));
}

async function look(after: number): Promise<Checkpoint> {
  const sample = await service.sample();
  const instances = await count();
  const checkpoint = { ...sample, connects: after, instances };
  const cells = [
    String(after).padStart(8),
    `${Math.round((Date.now() - started) / 1_000)} s`.padStart(6),
    `${(sample.heapBytes / 1_024).toFixed(0)} KiB`.padStart(10),
    String(sample.sessions).padStart(8),
    String(instances.get('User') ?? 0).padStart(5),
    String(instances.get('WeakRef') ?? 0).padStart(8),
    Object.entries(sample.handles)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', '),
  ];
  print(cells.join(' | '));
  return checkpoint;
}

try {
  const port = await service.start(values.plant);
  print('connects |   time |       heap | sessions | users | WeakRefs | handles');
  // Before the warm-up: what a snapshot itself leaves behind would be held against the warm-up.
  const leave = await stay({ port, user: 'regular-0', localAddress: '127.0.0.2', messageId: 'm-peopled' });
  const peopled = await count();
  await leave();
  await visits(port, warmup);
  const looks = [await look(0)];
  for (let part = 1; part <= checkpoints; part++) {
    const until = Math.round((connects * part) / checkpoints);
    await visits(port, warmup + until - begun);
    looks.push(await look(until));
  }
  const listed = (counts: Iterable<readonly [string, number]>) =>
    [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  print(`visits: ${listed(done)}`);
  print(`telemetry: ${listed(Object.entries(await service.telemetry()))}`);
  const reasons = judge(looks, peopled);
  for (const reason of reasons) print(`FAILED: ${reason}`);
  if (reasons.length > 0) print(`grew most: ${listed(grown(looks))}`);
  print(`heap: ${growthOf(looks).toFixed(0)} bytes for each 1,000 connects, ${growthPerThousand} are allowed`);
  print(
    `${reasons.length === 0 ? 'passed' : 'not passed'}: Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`,
  );
  process.exitCode = reasons.length === 0 ? 0 : 1;
} finally {
  await endProgram(serverProcess);
  rmSync(folder, { recursive: true, force: true });
}

/** What there is more of: where to look first. */
function grown(looks: readonly Checkpoint[]): readonly (readonly [string, number])[] {
  const [warm, last] = [looks[0]?.instances, looks.at(-1)?.instances];
  return [...(last ?? [])]
    .map(([name, count]) => [name, count - (warm?.get(name) ?? 0)] as const)
    .filter(([, more]) => more > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 12);
}
