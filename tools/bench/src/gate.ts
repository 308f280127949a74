// The regression gate: what an event costs beside what it costs plain `ws`, both in this run. Exit code 1 when it costs more
// than it did when the bounds in here were last set.
import { parseArgs } from 'node:util';
import { type Subject, subjects } from './gate/subjects.js';
import { judge, type Load } from './gate/verdict.js';
import type { GateProcess, GateSample } from './gate-process.js';
import { bundle } from './harness/bundle.js';
import { ordersTo } from './harness/orders.js';
import { endProgram, startProgram } from './harness/programs.js';

const loads: readonly Load[] = [
  { name: 'steady', burst: 1, turns: 60, ratio: 0.88, writes: 1 },
  { name: 'bursts', burst: 20, turns: 4, ratio: 0.7, writes: 0.06 },
];

/** Pairs of fresh processes: how a compiler happens to lay out a program lasts as long as its process. */
const pairs = 6;
/** How often what fails is measured again: noise only adds, and seldom three times; what has become slower fails each time. */
const attempts = 3;
/** Samples of a load in each process. The first compile, and fill the logs. */
const rounds = 12;
const warmupRounds = 20;

const { values } = parseArgs({
  options: {
    /** Makes each event of Throughline dearer by so many per cent, to see that it is noticed. */
    plant: { type: 'string', default: '0' },
    /** All of it so many times, to see how far noise goes. */
    repeat: { type: 'string', default: '1' },
  },
});
const [plant, repeat] = [values.plant, values.repeat].map(Number) as [number, number];

type Samples = Readonly<Record<Subject, GateSample[]>>;

const print = (line: string) => process.stdout.write(`${line}\n`);
const programs = await bundle(['gate-process']);
const leastOf = (samples: readonly GateSample[]) => Math.min(...samples.map(({ cpu }) => cpu));

async function withPair(use: (pair: Readonly<Record<Subject, GateProcess>>) => Promise<void>): Promise<void> {
  const children = subjects.map(() => startProgram(programs, 'gate-process', []));
  try {
    const [throughline, ws] = children.map((child) => ordersTo(child) as GateProcess) as [GateProcess, GateProcess];
    await throughline.start('throughline');
    await ws.start('ws');
    await use({ throughline, ws });
  } finally {
    await Promise.all(children.map(endProgram));
  }
}

/** Samples of both, by turns. */
async function sample(pair: Readonly<Record<Subject, GateProcess>>, load: Load, times: number): Promise<Samples> {
  const samples: Samples = { throughline: [], ws: [] };
  for (let round = 0; round < times; round++) {
    for (const subject of subjects) samples[subject].push(await pair[subject].sample(load.burst, load.turns));
  }
  return samples;
}

/** All loads once, in fresh processes. @returns what is wrong */
async function pass(): Promise<readonly string[]> {
  const all = loads.map((load) => ({ load, samples: { throughline: [], ws: [] } as Samples }));
  for (let count = 0; count < pairs; count++) {
    await withPair(async (pair) => {
      for (const { load, samples } of all) {
        const warm = await sample(pair, load, warmupRounds);
        if (plant > 0) await pair.throughline.plant((leastOf(warm.throughline) * plant) / 100);
        const taken = await sample(pair, load, rounds);
        for (const subject of subjects) samples[subject].push(...taken[subject]);
        await pair.throughline.plant(0);
      }
    });
  }
  return all.flatMap(({ load, samples }) => {
    const { ratio, writes, reasons } = judge(load, samples);
    const costs = subjects.map((subject) => leastOf(samples[subject]).toFixed(3)).join(' to ');
    print(`${load.name}: ${ratio.toFixed(3)}× plain ws (${costs} µs), ${writes.toFixed(3)} writes per event`);
    return reasons;
  });
}

let failed = 0;
for (let count = 0; count < repeat; count++) {
  let reasons = await pass();
  for (let attempt = 1; attempt < attempts && reasons.length > 0; attempt++) {
    for (const reason of reasons) print(`again: ${reason}`);
    reasons = await pass();
  }
  for (const reason of reasons) print(`FAILED: ${reason}`);
  if (reasons.length > 0) failed += 1;
}
print(failed === 0 ? 'passed' : `not passed${repeat > 1 ? `: ${failed} of ${repeat}` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
