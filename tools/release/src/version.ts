import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getPackages } from '@manypkg/get-packages';
import { execa } from 'execa';
import { readCandidateState } from './candidates.js';
import { deprecationsSection } from './deprecations.js';
import { type Family, readFamily } from './published-packages.js';

export interface VersionOptions {
  /** A snapshot instead of a version: `0.0.0-<name>-<time>`, of what is not released yet. */
  readonly snapshot?: string;
}

/**
 * Turns the changesets into a new version of all packages and their changelogs, in the working tree. Nothing is committed.
 *
 * @throws when there are no changesets
 */
export async function makeVersion(root: string, { snapshot }: VersionOptions = {}): Promise<Family> {
  const before = await readFamily(root);
  const previous = await finishedVersion(root, before);
  const run = (command: string, ...args: string[]) =>
    execa(command, args, { cwd: root, preferLocal: true, localDir: import.meta.dirname, stdin: 'ignore' });
  await run('changeset', 'version', ...(snapshot === undefined ? [] : ['--snapshot', snapshot]));
  const family = await readFamily(root);
  if (family.version === before.version) {
    throw new Error(`No changeset asks for a version after ${before.version}. Add one: npm run changeset`);
  }
  await removePrivateChangelogs(root);
  const deprecates = family.packages.some(({ name }) => name === DEPRECATING_PACKAGE);
  // A snapshot is of no version: nothing is new, still there or gone in it.
  const told = deprecates && snapshot === undefined;
  const section = told ? await deprecationsSection(root, family.version, previous) : undefined;
  await completeChangelogs(family, section);
  // Changesets leaves the lock alone. All that it needs is in it already: nothing is fetched.
  await run('npm', 'install', '--package-lock-only', '--ignore-scripts', '--offline');
  return family;
}

/**
 * The last finished version, or 0.0.0: candidates are steps towards one, and whoever reads the changelog of the version that
 * they lead to comes from the one before.
 */
async function finishedVersion(root: string, { version, packages: [first] }: Family): Promise<string> {
  const state = await readCandidateState(root);
  return state?.initialVersions[first?.name ?? ''] ?? version;
}

/** A workspace that nobody installs has no readers who would want to know what changed. */
async function removePrivateChangelogs(root: string): Promise<void> {
  const { packages } = await getPackages(root);
  for (const { dir, packageJson } of packages) {
    if (packageJson.private === true) await rm(join(dir, 'CHANGELOG.md'), { force: true });
  }
}

/** The package whose changelog tells of deprecations. */
const DEPRECATING_PACKAGE = '@throughline/compat';

/** Adds what changesets does not know: the deprecations, and a word where nothing changed but the version. */
async function completeChangelogs({ version, packages }: Family, deprecations: string | undefined): Promise<void> {
  for (const { name, folder } of packages) {
    const file = join(folder, 'CHANGELOG.md');
    const text = await readFile(file, 'utf8');
    const more = [
      ...(entryOf(text, version).trim() === '' ? ['Nothing changed here: all packages share a version.'] : []),
      ...(name === DEPRECATING_PACKAGE && deprecations !== undefined ? [deprecations] : []),
    ];
    await writeFile(file, withinEntry(text, version, more));
  }
}

/** What a changelog says below the heading of a version. */
function entryOf(changelog: string, version: string): string {
  return split(changelog, version)[2];
}

function withinEntry(changelog: string, version: string, more: readonly string[]): string {
  const [before, heading, entry, after] = split(changelog, version);
  const parts = [entry.trim(), ...more.map((part) => part.trim())].filter(Boolean);
  return `${[before + heading, ...parts].join('\n\n')}\n${after === '' ? '' : `\n${after}`}`;
}

function split(changelog: string, version: string): [before: string, heading: string, entry: string, after: string] {
  const heading = `## ${version}`;
  const start = `\n${changelog}`.indexOf(`\n${heading}\n`);
  if (start === -1) throw new Error(`A changelog has no entry for ${version}.`);
  const rest = changelog.slice(start + heading.length);
  const next = rest.search(/^## /m);
  const end = next === -1 ? rest.length : next;
  return [changelog.slice(0, start), heading, rest.slice(0, end), rest.slice(end)];
}
