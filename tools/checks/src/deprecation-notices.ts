import { DEPRECATING_PACKAGE, type DeprecationRow, type DeprecationRows } from './deprecation-rows.js';
import { compareVersions } from './release-version.js';

/** What the registry tells whoever installs a superseded version. */
export interface RegistryNotice {
  readonly package: string;
  /** The versions that are superseded, as npm writes ranges: those that still have what a release removed. */
  readonly range: string;
  /** One line, without anything that a shell or a terminal would read otherwise. */
  readonly message: string;
  /** Rows that it speaks of. */
  readonly codes: readonly string[];
}

/** Where a notice sends people. */
const PAGE = 'docs/deprecations.md';

/**
 * The notices that are due once a version is released: one for each release that removed something. The ranges do not
 * overlap, since npm keeps one notice for a version: the newest, and it speaks of the next thing that goes.
 */
export function registryNotices({ deprecations, retired }: DeprecationRows, version: string): RegistryNotice[] {
  const rows = [...deprecations, ...retired].toSorted((a, b) => (a.code < b.code ? -1 : 1));
  const removals = [...new Set(rows.map(({ removed_in }) => removed_in))]
    // A candidate supersedes nothing yet.
    .filter((removal) => compareVersions(removal, version) < (version.includes('-') ? 0 : 1))
    .toSorted(compareVersions);
  return removals.map((removal, index) => {
    const gone = rows.filter(({ removed_in }) => removed_in === removal);
    const before = removals[index - 1];
    return {
      package: DEPRECATING_PACKAGE,
      range: before === undefined ? `<${removal}` : `>=${before} <${removal}`,
      message: messageOf(removal, gone),
      codes: gone.map(({ code }) => code),
    };
  });
}

/** The command that puts a notice up. */
export function noticeCommand({ package: name, range, message }: RegistryNotice): string {
  return `npm deprecate '${name}@${range}' '${message}'`;
}

function messageOf(removal: string, rows: readonly DeprecationRow[]): string {
  const uses = [...new Set(rows.map(({ replacement }) => replacement.use))];
  const [most = ''] = uses.toSorted((a, b) => countOf(b, rows) - countOf(a, rows));
  const words = most.replaceAll('`', '').replaceAll("'", '');
  return `Superseded: ${removal} removes ${spans(rows.map(({ code }) => code))}. ${words} See ${PAGE}.`;
}

function countOf(use: string, rows: readonly DeprecationRow[]): number {
  return rows.filter(({ replacement }) => replacement.use === use).length;
}

/** `TL_DEP0001, TL_DEP0005 to TL_DEP0048`. */
function spans(codes: readonly string[]): string {
  const runs: string[][] = [];
  for (const code of codes) {
    const last = runs.at(-1);
    if (last && numberOf(code) === numberOf(last.at(-1) ?? '') + 1) last.push(code);
    else runs.push([code]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]} to ${run.at(-1)}` : run.join(', '))).join(', ');
}

function numberOf(code: string): number {
  return Number(code.slice(-4));
}
