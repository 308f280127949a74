// `npm start -w tools/mutations [-- --only <name> …] [--jobs <n>]`: plants each bug and prints which tests noticed it.
// Exit code 1 when too few were, or when an entry of the list no longer applies.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { plantedBugs } from './planted-bugs.js';
import { prove } from './proof.js';
import { lineOf, summarise } from './report.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    jobs: { type: 'string', default: '1' },
  },
});
const jobs = Number(values.jobs);
if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs must be a whole number from 1, not ${values.jobs}.`);
const unknown = values.only.find((name) => !plantedBugs.some((bug) => bug.name === name));
if (unknown !== undefined) throw new Error(`--only ${unknown}: no planted bug is called so.`);

const root = resolve(import.meta.dirname, '../../..');
const print = (line: string) => void process.stdout.write(`${line}\n`);
/** Whoever might notice what a bug's own tests did not. */
const projects = ['packages/core', 'packages/events', 'packages/client', 'packages/test-kit', 'tools/integration']
  .filter((folder) => existsSync(join(root, folder, 'test')))
  .map((folder) => folder.slice(folder.indexOf('/') + 1));

const stop = new AbortController();
// The copies are removed on the way out, however that comes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error(signal)));

try {
  const verdicts = await prove({
    root,
    bugs: values.only.length === 0 ? plantedBugs : plantedBugs.filter(({ name }) => values.only.includes(name)),
    projects,
    jobs,
    signal: stop.signal,
    onVerdict: (verdict) => print(lineOf(verdict)),
    onNote: print,
  });
  const { lines, passed } = summarise(verdicts);
  for (const line of lines) print(line);
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  print((error as Error).message);
  process.exitCode = 1;
}
