import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { runSteps, type Tally } from './run-steps.js';
import { selectSteps } from './steps.js';

const interruption = new AbortController();
// Every command that runs listens to it.
setMaxListeners(0, interruption.signal);
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function check(names: readonly string[]): Promise<Tally> {
  const root = join(import.meta.dirname, '../../..');
  const settings = { root, signal: interruption.signal, print, now: () => performance.now() };
  try {
    return await runSteps(selectSteps(names), settings);
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    return { passed: 0, failed: 1 };
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interruption.abort());
const { passed, failed } = await check(process.argv.slice(2));
if (failed > 0 || interruption.signal.aborted) process.exitCode = 1;
print(`${passed} passed, ${failed} failed`);
