// Profiles of the live path at the loads that matter, kept in profiles/ as pictures and tables: `before` and `after`.
import { parseArgs } from 'node:util';
import { subjects } from './gate/subjects.js';
import { bundle } from './harness/bundle.js';
import { peerOf } from './peers/all.js';
import { profileGate } from './profiles/gate-profile.js';
import { keepPicture, type Picture, type Subject } from './profiles/picture.js';
import { profileScenario } from './profiles/scenario-profile.js';
import { bursts } from './scenarios/bursts.js';
import { connect } from './scenarios/connect.js';
import type { Scenario } from './scenarios/scenario.js';
import { steady } from './scenarios/steady.js';

/** Something to be profiled, more than once. */
interface Load {
  readonly name: string;
  readonly title: string;
  take(subject: Subject): Promise<Picture>;
}

const labels = ['before', 'after'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** How long is profiled. Connecting takes as long as it takes. */
    seconds: { type: 'string', default: '15' },
    /** Whatever else a machine does only adds: the cheapest round is kept. */
    rounds: { type: 'string', default: '3' },
  },
});
const [label = '', ...names] = positionals;
const [seconds, rounds] = [values.seconds, values.rounds].map(Number) as [number, number];
const programs = await bundle(['bench-server', 'bench-generator', 'gate-process']);

function loadOf(scenario: Scenario, peerName: string): Load {
  const peer = peerOf(peerName);
  const verified = scenario.verified ?? false;
  const options = { programs, peer, verified, size: scenario.size, seconds, warmupSeconds: Math.max(2, seconds / 5) };
  return {
    name: `${scenario.name}-${peer.name}`,
    title: `${peer.title}, ${scenario.name}, ${scenario.size} ${scenario.counts}`,
    take: async (subject) => (await profileScenario(scenario, options, subject)).picture,
  };
}

const loads: readonly Load[] = [
  ...[steady, bursts, connect].flatMap((scenario) => subjects.map((peer) => loadOf(scenario, peer))),
  ...subjects.map((peer) => ({
    name: `gate-${peer}`,
    title: `${peerOf(peer).title}, steady over sinks as the gate measures it, 50 users`,
    take: (subject: Subject) => profileGate(peer, programs, seconds, subject),
  })),
];

const unknown = names.find((name) => !loads.some((load) => load.name === name));
if (!labels.includes(label) || unknown !== undefined || !(seconds > 0) || !(rounds >= 1)) {
  const known = loads.map(({ name }) => name).join(', ');
  throw new Error(
    `Say ${labels.join(' or ')}, then which of ${known} (all, when none is named); --seconds above 0, --rounds from 1.`,
  );
}

for (const { name, title, take } of loads) {
  if (names.length > 0 && !names.includes(name)) continue;
  let cheapest: Picture | undefined;
  for (let round = 0; round < rounds; round++) {
    const picture = await take({ name: `${name}-${label}`, title: `${title}, ${label}` });
    process.stderr.write(`${name}, round ${round + 1} of ${rounds}: ${picture.cpu?.toFixed(2)} µs\n`);
    if ((cheapest?.cpu ?? Number.POSITIVE_INFINITY) > (picture.cpu ?? 0)) cheapest = picture;
  }
  if (!cheapest) continue;
  keepPicture(cheapest);
  process.stdout.write(`${cheapest.table}\n`);
}
