// The soak: people come and go for minutes, over a network that cuts and stalls; then all have gone, and the service's
// process must be as it was before. Exit code 1 when it is not, or when an answer did not come whole.
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type SoakCrowd, startSoakCrowd } from './soak-crowd.js';
import { type SoakProcess, startSoakProcess } from './soak-process.js';
import { type Account, judge, type Sample } from './soak-verdict.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    warmup: { type: 'string', default: '2' },
    people: { type: 'string', default: '30' },
    every: { type: 'string', default: '15' },
    /** A folder for heap snapshots: what is in `left` and not in `warm` is what leaked. */
    snapshots: { type: 'string' },
  },
});
const [minutes, warmup, people, every] = (['minutes', 'warmup', 'people', 'every'] as const).map((name) => {
  const number = Number(values[name]);
  if (number > 0) return number;
  throw new Error(`--${name} must be a number above 0, not ${JSON.stringify(values[name])}`);
}) as [number, number, number, number];

/** The log forgets within half a minute what nobody reads (soak-service.ts); twice that is enough. */
const forgettingMs = 60_000;
/** The log's rounds are a second apart (soak-service.ts). */
const sweepMs = 2_000;
/** On average so long between two troubles. */
const troubleMs = 150;

const mebibytes = (bytes: number) => (bytes / 1_048_576).toFixed(2);
const print = (line: string) => process.stdout.write(`${line}\n`);
const started = Date.now();

function row(phase: string, { heapBytes, codeBytes, handles, sessions, runs }: Sample, account?: Account): void {
  const cells = [
    phase.padEnd(9),
    `${Math.round((Date.now() - started) / 1_000)} s`.padStart(6),
    `${mebibytes(heapBytes)} MiB`.padStart(10),
    `${mebibytes(codeBytes)} MiB`.padStart(8),
    String(sessions).padStart(8),
    String(runs).padStart(5),
    (account ? `${account.whole}/${account.expected}` : '').padStart(13),
    Object.entries(handles)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', '),
  ];
  print(cells.join(' | '));
}

/** A crowd for so long; resolves when all have gone and the log has forgotten them. */
async function crowded(service: SoakProcess, url: string, ms: number, phase: string): Promise<Account> {
  const crowd: SoakCrowd = startSoakCrowd(url, people);
  const ends = Date.now() + ms;
  let sampleAt = Date.now() + every * 1_000;
  while (Date.now() < ends) {
    await pause(2 * troubleMs * Math.random());
    if (Math.random() < 0.7) {
      crowd.trouble();
    } else {
      const how = Math.random() < 0.5 ? 'fin' : 'reset';
      if (await service.cut(how)) crowd.note(how === 'fin' ? 'service cut' : 'service reset');
    }
    if (Date.now() < sampleAt) continue;
    sampleAt += every * 1_000;
    row(phase, await service.sample(), crowd.account);
  }
  await crowd.leave();
  row('all gone', await service.sample(), crowd.account);
  await pause(forgettingMs);
  // A collection gives back the logs of users who were forgotten in it; the log's next round lets go of them.
  await service.sample();
  await pause(sweepMs);
  return crowd.account;
}

/** Behind a sample: making one costs memory itself. */
async function snapshot(name: string): Promise<void> {
  if (values.snapshots !== undefined) await service.snapshot(resolve(values.snapshots, `${name}.heapsnapshot`));
}

const service = startSoakProcess();
try {
  print('phase     |   time |       heap | its code | sessions |  runs | answers whole | handles');
  const before = await service.sample();
  row('before', before);
  const url = await service.start();
  await crowded(service, url, warmup * 60_000, 'warming');
  const warm = await service.sample();
  row('warm', warm);
  await snapshot('warm');
  const account = await crowded(service, url, minutes * 60_000, 'soaking');
  const left = await service.sample();
  row('left', left, account);
  await snapshot('left');
  const telemetry = await service.telemetry();
  await service.stop();
  const closed = await service.sample();
  row('closed', closed);
  for (const [title, counts] of [
    ['done', account.deeds],
    ['telemetry', telemetry],
  ] as const) {
    print(
      `${title}: ${Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}`,
    );
  }
  const reasons = judge({ before, warm, left, closed, account });
  for (const reason of reasons.slice(0, 20)) print(`FAILED: ${reason}`);
  if (reasons.length > 20) print(`and ${reasons.length - 20} more`);
  print(`heap ${((left.heapBytes / warm.heapBytes - 1) * 100).toFixed(1)} % against the warm-up`);
  print(reasons.length === 0 ? `passed: ${minutes} minutes, Node ${process.version}` : 'not passed');
  process.exitCode = reasons.length === 0 ? 0 : 1;
} finally {
  service.end();
}
