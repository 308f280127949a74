import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from './command.js';
import { listFiles } from './source-files.js';
import { failed, type StepContext, type StepOutcome, verdict } from './step.js';
import { readWorkspaces, type Workspace } from './workspaces.js';

/**
 * Runs the `generate` script of each workspace that has one, on a copy, and compares: what is committed must be what
 * the script writes today. The workspace itself is never written to, so a failure leaves nothing to tidy up.
 */
export async function checkGeneratedFiles(context: StepContext): Promise<StepOutcome> {
  const generating = readWorkspaces(context.root).filter(({ manifest }) => manifest.scripts?.['generate']);
  if (generating.length === 0) return failed('nothing to check', 'No workspace has a "generate" script any more.');
  const problems = await Promise.all(generating.map((workspace) => staleFiles(workspace, context)));
  return verdict(problems.flat(), generating.map(({ folder }) => folder).join(', '));
}

async function staleFiles({ folder, manifest }: Workspace, { root, signal }: StepContext): Promise<string[]> {
  // Beside the original: a generator may write down the way from here to what is installed.
  const copy = await mkdtemp(join(root, dirname(folder), '.generate-'));
  try {
    for (const file of listFiles(join(root, folder), '.')) await cp(join(root, folder, file), join(copy, file));
    await symlink(join(root, folder, 'node_modules'), join(copy, 'node_modules'));
    const { ok, output } = await runCommand('npm', ['run', 'generate'], { cwd: copy, signal });
    if (!ok) return [`npm run generate failed in ${folder}:\n${output}`];
    const files = new Set([join(root, folder), copy].flatMap((base) => listFiles(base, '.')));
    const found = await Promise.all([...files].map((file) => difference(file, join(root, folder), copy)));
    const mend = `Run: npm run generate -w ${manifest.name}`;
    return found.filter((one) => one !== undefined).map((one) => `${folder}/${one}\n${mend}`);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function difference(file: string, original: string, copy: string): Promise<string | undefined> {
  const [committed, generated] = await Promise.all([original, copy].map((base) => readLines(join(base, file))));
  if (committed === undefined) return `${file} is generated, but not there.`;
  if (generated === undefined) return `${file} is there, but no longer generated.`;
  const length = Math.max(committed.length, generated.length);
  const line = Array.from({ length }).findIndex((_, index) => committed[index] !== generated[index]);
  if (line === -1) return undefined;
  return `${file}:${line + 1} is not what its source says:\n- ${committed[line] ?? ''}\n+ ${generated[line] ?? ''}`;
}

async function readLines(file: string): Promise<string[] | undefined> {
  try {
    return (await readFile(file, 'latin1')).split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
