import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeprecationRow, DeprecationRows } from './deprecation-rows.js';
import { compareVersions, parseVersion } from './release-version.js';

/** Where a repository is between two versions. */
export interface Moment {
  /** The version that the packages say they are. */
  readonly current: string;
  /** What the waiting changesets make of it; the same where none waits. */
  readonly next: string;
}

/** Whose version it is and what waits, read from the manifest of the package that deprecates and from the changesets. */
export function readMoment(root: string): Moment {
  const manifest = readFileSync(join(root, 'packages/compat/package.json'), 'utf8');
  const { version: current } = JSON.parse(manifest) as { readonly version: string };
  const folder = join(root, '.changeset');
  const waiting = readdirSync(folder)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => readFileSync(join(folder, name), 'utf8').split(/^---$/m)[1] ?? '');
  // A candidate is on its way to its version, with the changesets that made it.
  if (current.includes('-')) return { current, next: current };
  const [major, minor, patch] = parseVersion(current);
  const asks = (type: string): boolean => waiting.some((front) => new RegExp(`: ${type}$`, 'm').test(front));
  if (asks('major')) return { current, next: `${major + 1}.0.0` };
  if (asks('minor')) return { current, next: `${major}.${minor + 1}.0` };
  if (asks('patch')) return { current, next: `${major}.${minor}.${patch + 1}` };
  return { current, next: current };
}

/**
 * What is wrong with the dates of the rows: what goes before the version that it was promised for, what stays longer, what
 * goes in a version in which nothing may go, and what goes without ever having been announced.
 */
export function dateProblems({ deprecations, retired }: DeprecationRows, moment: Moment): string[] {
  // A snapshot is of no version, and no date is before or after it.
  if (moment.current.startsWith('0.0.0-')) return [];
  return [...deprecations, ...retired].flatMap((row) => problemsOf(row, moment));
}

function problemsOf(row: DeprecationRow, { current, next }: Moment): string[] {
  const { code, status, since, removed_in, retired } = row;
  const isLater = (one: string, other: string): boolean => compareVersions(one, other) > 0;
  const [, minor, patch] = parseVersion(removed_in);
  // What is born removed was never there for anybody: it only says so.
  const announced = since !== removed_in;
  return [
    ...(isLater(since, next) ? [`${code} is deprecated since ${since}, and the next version is ${next}.`] : []),
    ...(isLater(since, removed_in) ? [`${code} is removed in ${removed_in}, before it is deprecated.`] : []),
    ...(announced && (minor !== 0 || patch !== 0)
      ? [`${code} is removed in ${removed_in}: only a major version removes.`]
      : []),
    ...(status === 'removed' && isLater(removed_in, next)
      ? [`${code} is removed already, and was promised until ${removed_in}; the next version is ${next}.`]
      : []),
    // A version that is only prepared may still remove it.
    ...(status === 'deprecated' && !isLater(removed_in, current)
      ? [`${code} was to be gone in ${removed_in}, and ${current} still has it. Remove it, or move its date.`]
      : []),
    ...(retired !== undefined && isLater(retired, next)
      ? [`${code} is retired in ${retired}, and the next version is ${next}: keep its tombstone.`]
      : []),
    ...(retired !== undefined && !isLater(retired, removed_in)
      ? [`${code} is retired in ${retired}: its tombstone has to stand for a version after ${removed_in}.`]
      : []),
  ];
}
