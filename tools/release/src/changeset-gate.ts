import { join } from 'node:path';
import parseChangeset from '@changesets/parse';
import { getPackages } from '@manypkg/get-packages';
import { execa } from 'execa';

/** What a pull request does to the published packages, and what it says of it. */
export interface GateVerdict {
  readonly ok: boolean;
  /** What a person reads: why it passes, or what is missing and what to do. */
  readonly text: string;
}

/**
 * Fails when sources of a published package changed since `base` branched off, and no changeset that came since says so. A
 * changeset that names no package and says why there is nothing to say (`npx changeset --empty`) will do.
 *
 * @param base a branch or commit: what counts is where it and HEAD parted
 * @throws when git does not know `base`, or a changeset cannot be read
 */
export async function judgeChangesets(root: string, base: string): Promise<GateVerdict> {
  const git = async (...args: string[]): Promise<string> => (await execa('git', args, { cwd: root })).stdout;
  const parted = await git('merge-base', base, 'HEAD');
  const list = async (filter: string): Promise<string[]> => {
    const args = ['diff', '--name-only', '-z', '--no-renames', `--diff-filter=${filter}`, parted, 'HEAD'];
    return (await git(...args)).split('\0').filter(Boolean);
  };

  const changed = await changedPackages(root, await list('ACDMT'));
  if (changed.length === 0) return { ok: true, text: 'No published package changed.' };
  const added = (await list('AM')).filter(isChangeset);
  const told = await Promise.all(
    added.map(async (file) => ({ file, ...parseChangeset(await git('show', `HEAD:${file}`)) })),
  );

  const silent = told.filter(({ summary }) => summary.trim() === '').map(({ file }) => `${file} says nothing.`);
  if (silent.length > 0) return { ok: false, text: silent.join('\n') };
  const empty = told.find(({ releases }) => releases.length === 0);
  if (empty !== undefined) return { ok: true, text: `${empty.file}: ${empty.summary}` };
  const named = new Set(told.flatMap(({ releases }) => releases.map(({ name }) => name)));
  const untold = changed.filter((name) => !named.has(name));
  if (untold.length === 0) return { ok: true, text: `A changeset tells of ${changed.join(', ')}.` };
  return { ok: false, text: adviceFor(untold) };
}

function adviceFor(untold: readonly string[]): string {
  return [
    `No changeset tells of the change of ${untold.join(', ')}.`,
    'If a user can see it: npm run changeset, and say what changes for that user.',
    'If nobody can: npx changeset --empty, and say in the new file why not.',
  ].join('\n');
}

function isChangeset(file: string): boolean {
  return /^\.changeset\/[^/]+\.md$/.test(file) && file !== '.changeset/README.md';
}

/** Names of the published packages of which something changed that is published. */
async function changedPackages(root: string, files: readonly string[]): Promise<string[]> {
  const { packages } = await getPackages(root);
  return packages
    .filter(({ packageJson }) => packageJson.private !== true)
    .filter(({ dir }) => files.some((file) => isPublished(join(root, file), dir)))
    .map(({ packageJson }) => packageJson.name);
}

/** Sources, schemas and the manifest reach users; tests and notes of the package do not. */
function isPublished(file: string, folder: string): boolean {
  return (
    file === join(folder, 'package.json') || ['src', 'schema'].some((part) => file.startsWith(join(folder, part, '/')))
  );
}
