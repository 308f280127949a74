// Builds the example's page from the sources that are there now, packages included: what the browser runs is what the
// tests of the packages tested.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Builds with the very command of the example's manifest; only the conditions and the folder are of the test. */
export async function buildPage(directory: string): Promise<void> {
  const manifest = fileURLToPath(import.meta.resolve('@throughline-examples/golden-path/package.json'));
  const { scripts } = JSON.parse(await readFile(manifest, 'utf8')) as { scripts: Record<string, string> };
  const command = /\besbuild (?<options>.+)/.exec(scripts['build:page'] ?? '')?.groups?.['options'];
  if (!command?.includes('--outdir=')) throw new Error('The example no longer builds its page with esbuild --outdir=.');
  const options = command.split(' ').filter((option) => !option.startsWith('--outdir='));
  const esbuild = fileURLToPath(new URL('../bin/esbuild', import.meta.resolve('esbuild')));
  await run(esbuild, [...options, `--outdir=${directory}`, '--conditions=@throughline/source'], {
    cwd: dirname(manifest),
  });
}
