import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Lock, runtimeClosure } from './lock-file.js';
import { readPublishedPackages } from './workspaces.js';

const PAGE = 'docs/dependencies.md';

/** What the page must say, or what it should not, line by line. */
export function dependenciesPageProblems(root: string, lock: Lock): string[] {
  const page = existsSync(join(root, PAGE)) ? readFileSync(join(root, PAGE), 'utf8') : '';
  const told = tableBelow(page, 'What is in the packages');
  const wanted = ownersByDependency(root);
  const absent = [...wanted].filter(([name]) => !told.has(name));
  const differing = [...wanted].filter(([name, owners]) => told.has(name) && told.get(name)?.[0] !== owners);
  const idle = [...told.keys()].filter((name) => !wanted.has(name));
  const empty = [...told].filter(([, cells]) => cells.length < COLUMNS || cells.some((cell) => cell === ''));
  const footprint = footprintOf(root, lock);
  const footprintTold = page.split('\n').filter((line) => /^\| `[^`]+` \d/.test(line));
  return [
    ...absent.map(([name, owners]) => `${PAGE} does not say why ${owners} needs ${name}.`),
    ...differing.map(([name, owners]) => `${PAGE} must say that ${owners} needs ${name}.`),
    ...idle.map((name) => `${PAGE} speaks of ${name}, which no published package needs.`),
    ...empty.map(
      ([name]) => `${PAGE}: why ${name} is there, who keeps it and what would replace it are three answers.`,
    ),
    ...footprint.filter((line) => !footprintTold.includes(line)).map((line) => `${PAGE} lacks: ${line}`),
    ...footprintTold.filter((line) => !footprint.includes(line)).map((line) => `${PAGE} has no reason to say: ${line}`),
  ];
}

/** Packages, why, who keeps it, what would replace it. */
const COLUMNS = 4;

/** The rows of the first table below a heading, by their first cell. */
function tableBelow(page: string, heading: string): Map<string, string[]> {
  const section = page.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    rows.map((line) => {
      const [first = '', ...cells] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [first.replaceAll('`', ''), cells];
    }),
  );
}

/** Each foreign name that a published package needs, with those packages, as the page writes them. */
function ownersByDependency(root: string): Map<string, string> {
  const found = new Map<string, string[]>();
  for (const { manifest } of readPublishedPackages(root)) {
    const { dependencies = {}, peerDependencies = {} } = manifest;
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (name.startsWith('@throughline/')) continue;
      found.set(name, [...(found.get(name) ?? []), manifest.name.slice('@throughline/'.length)]);
    }
  }
  return new Map([...found].map(([name, owners]) => [name, owners.toSorted().join(', ')]));
}

/** What is installed with core, of other people: a row each, with the size on the disk in kB. */
function footprintOf(root: string, lock: Lock): string[] {
  if (!lock.has('packages/core')) return [];
  return runtimeClosure(lock, ['packages/core'])
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, version, license, path }) => {
      const bytes = sizeOf(join(root, path));
      return `| \`${name}\` ${version} | ${license} | ${Math.ceil(bytes / BYTES_IN_KB)} kB |`;
    });
}

const BYTES_IN_KB = 1000;

/** Bytes of all files in a folder, as its author packed them. */
function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true });
  const sizes = entries.map((entry) => {
    if (entry.name === 'node_modules') return 0;
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sizeOf(path) : statSync(path).size;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}
