import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateTree, packagesOf } from './generated-tree.js';

interface Measured {
  readonly files: number;
  readonly imports: number;
  readonly faults: number;
  /** Milliseconds of the first and the second check of a process. */
  readonly times: readonly [number, number];
  /** Milliseconds of processor time, of both checks and of starting. */
  readonly cpu: number;
  /** The most that the process held. */
  readonly megabytes: number;
}

const execute = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('boundaries-process.ts', import.meta.url));

async function measure(root: string): Promise<Measured> {
  const args = ['--import', 'tsx', '--conditions=@throughline/source', SCRIPT, root];
  const { stdout } = await execute(process.execPath, args, { cwd: import.meta.dirname });
  const measured = JSON.parse(stdout) as Measured;
  if (measured.faults > 0) throw new Error(`The generated tree has ${measured.faults} faults: nothing was measured.`);
  return measured;
}

/** Writes a row of the table: a process without a cache, then one that finds the cache of the first. */
async function measureTree(modules: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'throughline-bench-boundaries-'));
  try {
    generateTree(root, modules);
    mkdirSync(join(root, 'node_modules/@generated'), { recursive: true });
    writeFileSync(join(root, 'node_modules/.package-lock.json'), '{}');
    for (const name of packagesOf(modules)) {
      symlinkSync(join(root, 'packages', name), join(root, 'node_modules/@generated', name));
    }
    const cold = await measure(root);
    const warm = await measure(root);
    const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(2)} s`;
    const times = [cold.times[0], warm.times[0], warm.times[1]].map(seconds).join(' | ');
    const memory = [cold, warm].map(({ megabytes }) => `${megabytes.toFixed(0)} MB`).join(' | ');
    process.stdout.write(`| ${cold.files} | ${cold.imports} | ${times} | ${memory} |\n`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

process.stdout.write(
  '| modules | imports | cold | warm, new process | warm, same process | memory, cold | memory, warm |\n',
);
for (const modules of [1_000, 10_000]) await measureTree(modules);
