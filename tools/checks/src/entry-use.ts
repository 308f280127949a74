import { join } from 'node:path';
import { build } from 'esbuild';
import { runCommand } from './command.js';
import type { StepContext } from './step.js';
import { type Entry, entriesOf, type Workspace } from './workspaces.js';

/**
 * What is wrong with entries once somebody uses them: a bundle that imports all of an entry and uses none of it must be
 * empty (`sideEffects: false` holds for each module behind it), and `require()` must take it, as Node allows since 20.19.
 */
export async function entryUseProblems(context: StepContext, packages: readonly Workspace[]): Promise<string[]> {
  const entries = packages.flatMap(entriesOf);
  const left = await Promise.all(entries.map((entry) => bundleProblem(context.root, entry)));
  return [...left.flat(), ...(await requireProblems(context, entries))];
}

async function bundleProblem(root: string, { specifier, built }: Entry): Promise<string[]> {
  const { outputFiles } = await build({
    stdin: { contents: `import * as all from ${JSON.stringify(join(root, built))};`, resolveDir: root },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  const rest = (outputFiles[0]?.text ?? '').trim();
  if (rest === '') return [];
  return [
    `${specifier}: who imports it and uses nothing bundles this all the same. "sideEffects" must be false:\n${rest}`,
  ];
}

async function requireProblems({ root, signal }: StepContext, entries: readonly Entry[]): Promise<string[]> {
  const files = entries.map(({ specifier, built }) => [specifier, join(root, built)]);
  const script = `
    const failures = [];
    for (const [specifier, file] of ${JSON.stringify(files)}) {
      try { require(file); } catch (error) { failures.push(specifier + ' cannot be required: ' + error.message); }
    }
    require('node:fs').writeSync(1, JSON.stringify(failures));`;
  const { ok, stdout, output } = await runCommand(process.execPath, ['--input-type=commonjs', '-e', script], {
    cwd: root,
    signal,
  });
  return ok ? (JSON.parse(stdout) as string[]) : [`No entry was required:\n${output}`];
}
