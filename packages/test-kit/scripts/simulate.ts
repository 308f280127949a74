// Many simulations, one after the other: `npm run simulate -w packages/test-kit -- --seeds 10000`, each night. With `--seed 77` one
// of them again, in words. Ends with 1 when a promise was broken; the seeds that broke it are the last thing it says.
import { parseArgs } from 'node:util';
import { isSimulationError } from '../src/simulation/failure.js';
import { type SimulationResult, simulate } from '../src/simulation/simulate.js';
import { scenarioOf } from './scenarios.js';

const { values } = parseArgs({
  options: {
    /** How many seeds. */
    seeds: { type: 'string', default: '500' },
    /** The first of them. */
    from: { type: 'string', default: '1' },
    /** This one alone. */
    seed: { type: 'string' },
    users: { type: 'string' },
    minutes: { type: 'string' },
  },
});

const size = {
  ...(values.users !== undefined && { users: Number(values.users) }),
  ...(values.minutes !== undefined && { minutes: Number(values.minutes) }),
};
const first = Number(values.seed ?? values.from);
const last = values.seed === undefined ? first + Number(values.seeds) - 1 : first;
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || last < first) {
  throw new TypeError('--seed, --from and --seeds are whole numbers; there is at least one seed.');
}

const say = (text: string) => void process.stdout.write(`${text}\n`);
const complain = (text: string) => void process.stderr.write(`${text}\n`);

const broken: number[] = [];
let events = 0;
let virtualMs = 0;
for (let seed = first; seed <= last; seed++) {
  try {
    const result: SimulationResult = await simulate(scenarioOf(seed, size));
    events += result.events;
    virtualMs += result.virtualMs;
    if (values.seed !== undefined) say(JSON.stringify(result));
  } catch (error) {
    if (!isSimulationError(error)) throw error;
    broken.push(seed);
    complain(`${error.message}\nor: npm run simulate -w packages/test-kit -- --seed ${seed}\n`);
  }
  const done = seed - first + 1;
  if (done % 500 === 0) say(`${done} seeds, ${broken.length} broken`);
}
const right = last - first + 1 - broken.length;
say(`${right} seeds all right: ${events} events in ${Math.round(virtualMs / 60_000)} virtual minutes`);
if (broken.length > 0) {
  complain(`${broken.length} seeds broke a promise: ${broken.join(', ')}`);
  process.exitCode = 1;
}
