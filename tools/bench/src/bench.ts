// The comparison: Throughline and its peers do the same work, by turns, in processes of their own.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './harness/bundle.js';
import { withRig } from './harness/rig.js';
import { peerOf, peers } from './peers/all.js';
import type { Peer } from './peers/peer.js';
import { keepPicture } from './profiles/picture.js';
import { profileScenario } from './profiles/scenario-profile.js';
import { writeCharts } from './report/charts.js';
import { commit, machine, versionsOf } from './report/machine.js';
import type { Measurement, Results } from './report/results.js';
import { aimsOf, growthOf, hasFailed, measurementOf, type Outcome } from './report/summary.js';
import { aimsTable, growthTable, scenarioTable } from './report/table.js';
import { scenarios } from './scenarios/all.js';
import type { Scenario } from './scenarios/scenario.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    /** Small and short, to see that everything works. Its figures are worth nothing. */
    quick: { type: 'boolean', default: false },
    /** Each scenario at four sizes, and how its cost grows. */
    grow: { type: 'boolean', default: false },
    tls: { type: 'boolean', default: false },
    /** Writes results/latest.json and the charts: what the README shows. */
    save: { type: 'boolean', default: false },
    /** Writes a CPU profile of each server into profiles/, and draws it. */
    profile: { type: 'boolean', default: false },
    /** Another size than the scenario's own. */
    size: { type: 'string' },
  },
});

const print = (line: string) => process.stdout.write(`${line}\n`);

function number(name: 'seconds' | 'rounds' | 'size', otherwise: number): number {
  const given = values[name];
  const value = given === undefined ? otherwise : Number(given);
  if (value > 0) return value;
  throw new Error(`--${name} must be a number above 0, not ${JSON.stringify(given)}.`);
}

function scenarioOf(name: string): Scenario {
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario) return scenario;
  throw new Error(
    `There is no scenario ${JSON.stringify(name)}. There are: ${scenarios.map((one) => one.name).join(', ')}.`,
  );
}

const chosen = positionals.length === 0 ? scenarios : positionals.map(scenarioOf);
const taking: readonly Peer[] = values.peers === undefined ? peers : values.peers.split(',').map(peerOf);
const seconds = number('seconds', values.quick ? 1 : 10);
const rounds = number('rounds', values.quick ? 1 : 3);
/** Sizes beside the one that is compared show a slope, for which one round is enough. */
const growthRounds = 1;

const mainSize = ({ size, quickSizes }: Scenario) => number('size', values.quick ? quickSizes[2] : size);
const sizesOf = (scenario: Scenario) => {
  const all = values.grow ? (values.quick ? scenario.quickSizes : scenario.sizes) : [];
  return [...new Set([...all, mainSize(scenario)])].sort((a, b) => a - b);
};

const programs = await bundle(['bench-server', 'bench-generator']);
const tls = values.tls ? await (await import('./harness/certificate.js')).loopbackCertificate() : undefined;

async function run(scenario: Scenario, peer: Peer, size: number): Promise<Outcome> {
  const warmupSeconds = values.quick ? 0.4 : Math.max(2, seconds / 5);
  const verified = scenario.verified ?? false;
  const options = { programs, peer, tls, verified, size, seconds, warmupSeconds };
  try {
    if (!values.profile) return await withRig(options, (rig) => scenario.measure(rig));
    const subject = {
      name: `${scenario.name}-${peer.name}`,
      title: `${peer.title}, ${scenario.name}, ${size} ${scenario.counts}`,
    };
    const { figures, picture } = await profileScenario(scenario, options, subject);
    keepPicture(picture);
    print(picture.table);
    return figures;
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** A B A B: what the machine does meanwhile meets all peers alike. Every other round goes the other way round. */
async function compare(scenario: Scenario, size: number): Promise<Measurement[]> {
  const taken = taking.filter((peer) => scenario.takesPart(peer));
  const outcomes = new Map<Peer, Outcome[]>(taken.map((peer) => [peer, []]));
  const times = size === mainSize(scenario) ? rounds : growthRounds;
  for (let round = 0; round < times; round++) {
    for (const peer of round % 2 === 0 ? taken : taken.toReversed()) {
      const outcome = await run(scenario, peer, size);
      outcomes.get(peer)?.push(outcome);
      const figure = hasFailed(outcome) ? `FAILED: ${outcome.failure.split('\n')[0]}` : outcome[scenario.primary];
      process.stderr.write(`${scenario.name} ${size}, round ${round + 1} of ${times}, ${peer.name}: ${figure}\n`);
    }
  }
  return taken.map((peer) => measurementOf(scenario, peer.name, size, outcomes.get(peer) ?? []));
}

const before = machine();
const measurements: Measurement[] = [];
for (const scenario of chosen) {
  for (const size of sizesOf(scenario)) {
    measurements.push(...(await compare(scenario, size)));
    print(scenarioTable(scenario, size, measurements));
  }
}

const results: Results = {
  date: new Date().toISOString(),
  commit: commit(),
  machine: { before, after: machine() },
  versions: versionsOf(taking),
  settings: { seconds, rounds, quick: values.quick, tls: values.tls },
  measurements,
  growth: values.grow ? chosen.flatMap((scenario) => growthOf(scenario, measurements)) : [],
  aims: chosen.flatMap((scenario) => aimsOf(scenario, mainSize(scenario), measurements)),
};
if (results.growth.length > 0) print(growthTable(results.growth, chosen));
if (results.aims.length > 0) print(aimsTable(results.aims));

const folder = new URL('../results/', import.meta.url);
mkdirSync(folder, { recursive: true });
const name = values.save ? 'latest' : results.date.replaceAll(':', '-');
const file = new URL(`${name}.json`, folder);
writeFileSync(file, JSON.stringify(results));
if (values.save) {
  const sized = chosen.map((scenario) => ({ scenario, size: mainSize(scenario) }));
  const charts = new URL('../charts/', import.meta.url);
  writeCharts(charts, results, sized);
  // As every file that is kept.
  execFileSync('npx', ['biome', 'format', '--write', fileURLToPath(file), fileURLToPath(charts)], { stdio: 'ignore' });
}
const failed = measurements.filter(({ failures }) => failures.length > 0);
const { cpu, cores, node } = before;
print(`\n${cores} × ${cpu}, Node ${node.slice(1)}, ${results.commit}; results/${name}.json`);
if (failed.length > 0) {
  print(`${failed.length} measurements have runs without a figure.`);
  process.exitCode = 1;
}
