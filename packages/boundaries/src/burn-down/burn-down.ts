// What is left of the deprecated: the audit of the sources, what runs found, and what the baseline knows, joined.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { wayOf } from '@throughline/compat/deprecations';
import type { Baseline } from '../baseline.js';
import { COMPAT, pageOf, rowOf } from '../deprecation-rows.js';
import { boundariesError } from '../errors.js';
import { openSources, type Sources } from '../sources.js';
import { packageExpressions } from '../specifier.js';
import { turn } from '../turn.js';
import { readWorkspaces } from '../workspaces.js';
import { auditFile, mayUseDeprecated } from './audit.js';
import type { Committed } from './committed.js';
import { hasReached } from './release.js';
import type { UsageFile } from './usage-file.js';

/** How a call site was found. */
export type FoundBy = 'import' | 'use' | 'run' | 'baseline';

/** A line that uses something deprecated. */
export interface CallSite {
  /** Relative to the root, with slashes. */
  readonly file: string;
  /** Absent where only the file is known. */
  readonly line?: number;
  readonly by: readonly FoundBy[];
  /** How often runs came by. */
  readonly calls?: number;
  /** Whether the baseline knows that this file imports what is deprecated. Absent without a baseline. */
  readonly known?: boolean;
}

/** One deprecated thing and who still uses it. */
export interface BurnDownRow {
  /** Null where the baseline knows of an import that names no entry. */
  readonly code: string | null;
  readonly symbol: string;
  readonly entry: string;
  readonly removed_in: string | null;
  /** One sentence. */
  readonly replacement: string;
  /** The id of a codemod, or `manual`. */
  readonly codemod: string;
  /** Where it is told how: the manual way, or the row itself. */
  readonly page: string;
  readonly way: string;
  readonly sites: readonly CallSite[];
}

/** What is left. It is complete only where `problems` is empty. */
export interface BurnDown {
  /** Lines, each counted once, however many things it uses and however it was found. */
  readonly sites: number;
  readonly files: number;
  /** How many of them go with which version, the next one first; null where that is not known. */
  readonly removals: readonly { readonly removed_in: string | null; readonly sites: number }[];
  /** Call sites of what `version` no longer has. */
  readonly due: number;
  readonly version: string | undefined;
  readonly rows: readonly BurnDownRow[];
  readonly problems: readonly string[];
  readonly modules: number;
  readonly usageFiles: number;
}

/** Options of {@link burnDown}. */
export interface BurnDownOptions {
  readonly root: string;
  readonly paths?: readonly string[];
  readonly usage?: readonly UsageFile[];
  readonly baseline?: Baseline | undefined;
  /** The version to hold removals against: of the installed package, or the next one. */
  readonly version: string | undefined;
}

interface Found {
  readonly code: string | null;
  readonly file: string;
  readonly line: number | undefined;
  readonly by: Set<FoundBy>;
  calls: number;
}

const FILES_PER_TURN = 100;

/**
 * Counts what is left of the deprecated.
 *
 * @throws PATH_UNKNOWN; VERSION_UNKNOWN where something is left and no version was given to hold it against
 */
export async function burnDown(options: BurnDownOptions): Promise<BurnDown> {
  const { root, paths = [], usage = [], baseline, version } = options;
  const sources = openSources(root, paths);
  const problems = [...sources.problems];
  if (sources.chosen.length === 0) problems.push('No module was found: nothing was audited.');
  const found = new Map<string, Found>();
  const add = (by: FoundBy, code: string | null, file: string, line: number | undefined, calls = 0): void => {
    const key = `${code} ${line} ${file}`;
    const known = found.get(key) ?? { code, file, line, by: new Set(), calls: 0 };
    known.by.add(by);
    known.calls += calls;
    found.set(key, known);
  };

  const silent = new Set<string>();
  for (const [index, path] of sources.chosen.entries()) {
    if (index % FILES_PER_TURN === 0) await turn();
    const { text, problem } = sources.readText(path);
    if (problem !== undefined) problems.push(problem);
    if (text === undefined) continue;
    if (!mayUseDeprecated(text)) {
      silent.add(path);
      continue;
    }
    const file = sources.parse(path);
    if (file === undefined) continue;
    const [error] = file.errors;
    if (error) problems.push(`${path} is not valid: ${error.message}. What it uses is not known.`);
    for (const { code, line, by } of auditFile(file)) add(by, code, path, line);
  }
  for (const { path, used } of usage) {
    for (const { file, line, code, calls } of used) {
      const problem = whyNotCounted(root, path, file, code);
      if (problem !== undefined) problems.push(problem);
      else if (isAsked(sources, paths, file)) add('run', code, file, line === 0 ? undefined : line, calls);
    }
  }
  const known = baselineFiles(sources, baseline);
  for (const file of known ?? []) if (silent.has(file)) add('baseline', null, file, undefined);

  if (found.size > 0 && version === undefined) {
    throw boundariesError(
      'VERSION_UNKNOWN',
      `${COMPAT} is used, but not installed here: name its version with --version.`,
    );
  }
  return {
    ...joined([...found.values()], known, version),
    problems: [...new Set(problems)],
    modules: sources.chosen.length,
    usageFiles: usage.length,
  };
}

/** What is left, as a team commits it. */
export function committedOf({ sites, files, rows }: BurnDown): Committed {
  return {
    version: 1,
    sites,
    files,
    codes: Object.fromEntries(rows.map((row) => [row.code ?? 'unknown', row.sites.length])),
  };
}

function joined(
  found: readonly Found[],
  known: ReadonlySet<string> | undefined,
  version: string | undefined,
): Pick<BurnDown, 'sites' | 'files' | 'removals' | 'due' | 'version' | 'rows'> {
  // A line goes with the first version that takes away something that it uses.
  const goes = new Map<string, string | null>();
  for (const { code, file, line } of found) {
    const removedIn = (code === null ? undefined : rowOf(code)?.removed_in) ?? null;
    const place = `${line} ${file}`;
    const before = goes.get(place);
    if (before === undefined || before === null || (removedIn !== null && hasReached(before, removedIn)))
      goes.set(place, removedIn);
  }
  const versions = [...new Set(goes.values())].sort((a, b) =>
    a === null ? 1 : b === null || !hasReached(a, b) ? -1 : 1,
  );
  const removals = versions.map((removed_in) => ({
    removed_in,
    sites: [...goes.values()].filter((one) => one === removed_in).length,
  }));
  const isDue = (removedIn: string | null): boolean =>
    removedIn !== null && version !== undefined && hasReached(version, removedIn);
  return {
    sites: goes.size,
    files: new Set(found.map(({ file }) => file)).size,
    removals,
    due: [...goes.values()].filter(isDue).length,
    version,
    rows: rowsOfFound(found, known),
  };
}

function rowsOfFound(found: readonly Found[], known: ReadonlySet<string> | undefined): BurnDownRow[] {
  const codes = [...new Set(found.map(({ code }) => code))].sort((a, b) => ((a ?? '~') < (b ?? '~') ? -1 : 1));
  return codes.map((code) => ({
    code,
    ...wordsOf(code),
    sites: found
      .filter((one) => one.code === code)
      .sort((a, b) => (a.file === b.file ? (a.line ?? 0) - (b.line ?? 0) : a.file < b.file ? -1 : 1))
      .map(({ file, line, by, calls }) => ({
        file,
        ...(line === undefined ? {} : { line }),
        by: [...by],
        ...(calls > 0 ? { calls } : {}),
        ...(known ? { known: known.has(file) } : {}),
      })),
  }));
}

function wordsOf(code: string | null): Omit<BurnDownRow, 'code' | 'sites'> {
  const row = code === null ? undefined : rowOf(code);
  if (row === undefined) {
    return {
      symbol: COMPAT,
      entry: '*',
      removed_in: null,
      replacement: 'Import it by its own name: the baseline knows that it is imported, but the text does not say what.',
      codemod: 'manual',
      page: 'docs/deprecations.md',
      way: 'See docs/deprecations.md.',
    };
  }
  const { symbol, entry, removed_in, replacement, codemod, page = pageOf(row) } = row;
  return { symbol, entry, removed_in, replacement: replacement.use, codemod, page, way: wayOf(row) };
}

/** A usage file of another tree, or of another release, would be counted into nothing. */
function whyNotCounted(root: string, path: string, file: string, code: string): string | undefined {
  if (file === '(more)') return `${path} does not have all lines: more were used than a process counts.`;
  if (rowOf(code) === undefined)
    return `${path} names ${code}, which is not known here: install the packages in one version.`;
  if (file.startsWith('(') || existsSync(join(root, file))) return undefined;
  return `${path} names ${file}, which is not there: write it anew, with paths relative to ${root}.`;
}

function isAsked({ isWhole, chosen }: Sources, paths: readonly string[], file: string): boolean {
  return isWhole || chosen.includes(file) || paths.some((path) => file.startsWith(`${path.replace(/\/+$/, '')}/`));
}

/** Files of which the baseline says that they import the package, by whatever name. */
function baselineFiles({ root, manifests }: Sources, baseline: Baseline | undefined): Set<string> | undefined {
  if (baseline === undefined) return undefined;
  const own = readWorkspaces(root, manifests).workspaces.find(({ name }) => name === COMPAT)?.folder;
  const expressions = packageExpressions(COMPAT).map((expression) => new RegExp(expression));
  const leadsThere = (to: string): boolean =>
    expressions.some((expression) => expression.test(to)) || (own !== undefined && to.startsWith(`${own}/`));
  return new Set(baseline.known.filter(({ to }) => to !== undefined && leadsThere(to)).map(({ file }) => file));
}
