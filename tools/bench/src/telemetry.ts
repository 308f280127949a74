// Measures what telemetry costs: CPU time per run, and per published event, with nobody listening and with each output.
//
// Each way has a process of its own, as in production, and they are measured in turn: what slows the machine down slows down all.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Who listens. */
export type Way = (typeof ways)[number];

/** CPU time in µs. */
export interface Cost {
  readonly run: number;
  readonly event: number;
}

const ways = ['nobody listens', 'OpenTelemetry, no SDK', 'Prometheus', 'OpenTelemetry, with its SDK'] as const;
const rounds = Number(process.argv[2] ?? 60);

interface Measured {
  readonly way: Way;
  readonly child: ChildProcess;
  readonly costs: Cost[];
}

async function start(way: Way): Promise<Measured> {
  const child = fork(fileURLToPath(new URL('telemetry-process.ts', import.meta.url)), [way]);
  await once(child, 'message');
  return { way, child, costs: [] };
}

async function measure({ child }: Measured): Promise<Cost> {
  const answer = once(child, 'message');
  child.send('measure');
  const [cost] = (await answer) as [Cost];
  return cost;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const all = await Promise.all(ways.map(start));
try {
  // The first rounds compile.
  for (let round = -20; round < rounds; round++) {
    for (const one of all) {
      const cost = await measure(one);
      if (round >= 0) one.costs.push(cost);
    }
  }
} finally {
  for (const { child } of all) child.disconnect();
}
process.stdout.write(
  `Medians of ${rounds} rounds (Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}), CPU time:\n`,
);
const without = all[0]?.costs ?? [];
for (const { way, costs } of all) {
  const run = median(costs.map((cost) => cost.run));
  // Of each round the difference: what slowed it down slowed down all of it.
  const more = median(costs.map((cost, round) => cost.run - (without[round]?.run ?? Number.NaN)));
  const event = median(costs.map((cost) => cost.event)) * 1_000;
  process.stdout.write(`| ${way} | ${run.toFixed(1)} µs | ${more.toFixed(1)} µs | ${event.toFixed(0)} ns |\n`);
}
