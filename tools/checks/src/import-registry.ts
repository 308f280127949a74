import { join } from 'node:path';
import { DEPRECATING_PACKAGE, type DeprecationRow, readDeprecations } from './deprecation-rows.js';
import { type ExportedSymbol, exportedSymbols } from './exported-symbols.js';
import { dataOf, entriesOf, readPublishedPackages } from './workspaces.js';

/** How something public stands. */
export type Standing =
  | { readonly status: 'canonical' }
  | { readonly status: 'deprecated'; readonly code: string; readonly until: string }
  | { readonly status: 'removed'; readonly code: string };

export type RegisteredSymbol = ExportedSymbol & Standing;

/** One public path. */
export interface RegisteredPath {
  /** What is written behind `from`. */
  readonly path: string;
  /** `deprecated` or `removed` when all that it opens is. */
  readonly status: Standing['status'];
  /** What it opens; nothing for data. */
  readonly symbols: readonly RegisteredSymbol[];
}

export interface ImportRegistry {
  readonly paths: readonly RegisteredPath[];
}

/** Every public path of the published packages and what it opens, from their `exports` and the registry of deprecations. */
export function importRegistry(root: string): ImportRegistry {
  const { deprecations } = readDeprecations(root);
  const packages = readPublishedPackages(root);
  const entries = packages.flatMap(entriesOf);
  const opened = exportedSymbols(entries.map(({ source }) => join(root, source)));
  const code = entries.map(({ specifier, source }): RegisteredPath => {
    const symbols = (opened.get(join(root, source)) ?? []).map((symbol) => ({
      ...symbol,
      ...standingOf(specifier, symbol.name, deprecations),
    }));
    return { path: specifier, status: statusOf(symbols), symbols };
  });
  const data = packages
    .flatMap(dataOf)
    .filter(({ specifier }) => !specifier.endsWith('/package.json'))
    .map(({ specifier }): RegisteredPath => ({ path: specifier, status: 'canonical', symbols: [] }));
  return { paths: [...code, ...data].toSorted((one, other) => (one.path < other.path ? -1 : 1)) };
}

function standingOf(path: string, name: string, deprecations: readonly DeprecationRow[]): Standing {
  const row = deprecations.find(
    ({ entry, symbol, is_default }) =>
      (name === 'default' ? is_default === true : symbol === name) &&
      entry !== '*' &&
      path === DEPRECATING_PACKAGE + entry.slice(1),
  );
  if (row === undefined) return { status: 'canonical' };
  const { code, status, removed_in } = row;
  return status === 'removed' ? { status, code } : { status, code, until: removed_in };
}

function statusOf(symbols: readonly RegisteredSymbol[]): Standing['status'] {
  const statuses = new Set(symbols.map(({ status }) => status));
  if (statuses.has('canonical') || statuses.size === 0) return 'canonical';
  return statuses.has('deprecated') ? 'deprecated' : 'removed';
}

/** docs/import-registry.md: the same for people. */
export function importRegistryPage({ paths }: ImportRegistry): string {
  return `${[
    '# Import registry',
    '',
    'Every public path and what it opens. What is not here is not public. Generated from the `exports` of the published packages and the',
    'registry of [deprecations](deprecations.md) by `npm run documents`; [import-registry.json](import-registry.json) says the same to programs.',
    'Do not edit.',
    '',
    ...paths.flatMap(({ path, status, symbols }) => [
      `## ${path}`,
      '',
      ...(symbols.length === 0
        ? [`${named(status)}. Data.`]
        : ['| symbol | kind | status |', '|---|---|---|', ...symbols.map(rowOf)]),
      '',
    ]),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function rowOf(symbol: RegisteredSymbol): string {
  return `| \`${symbol.name}\` | ${symbol.kind} | ${standingText(symbol)} |`;
}

function standingText(standing: Standing): string {
  if (standing.status === 'canonical') return standing.status;
  const link = `[${standing.code}](deprecations.md#${standing.code.toLowerCase()})`;
  return standing.status === 'removed' ? `removed, ${link}` : `deprecated until ${standing.until}, ${link}`;
}

function named(status: Standing['status']): string {
  return `${status[0]?.toUpperCase()}${status.slice(1)}`;
}
