import { COMPAT, entryOf, insteadOf, rowOfExport, rowsOf, standingOf } from '../deprecation-rows.js';
import type { ParsedFile } from '../parsed-file.js';
import { expressionOf } from '../pattern.js';
import type { GraphRule } from '../rule.js';
import { packageExpressions } from '../specifier.js';
import { filesOf } from '../workspace.js';

/** Entries of that package that open nothing deprecated: what is deprecated, and who uses it. As files, and as they are written. */
const LASTING =
  '/compat/((src|dist)/(deprecations|usage)\\.(d\\.)?[jt]s|schema/[a-z.-]+\\.json)$|^@throughline/compat/(deprecations|usage|[a-z.]+\\.json)$';

/** What fades out gets no new users: those it has are in the baseline, which only shrinks. */
export const noDeprecatedImport: GraphRule = {
  name: 'no-deprecated-import',
  why: 'It goes away with the next major version, and every new import makes that later and dearer.',
  forbid: ({ plan, workspaces }) =>
    plan.deprecated.map(({ package: name }) => {
      const own = workspaces.filter((one) => one.name === name).map((one) => expressionOf(filesOf(one)));
      const path = [...packageExpressions(name), ...own];
      return {
        from: { pathNot: ['(^|/)node_modules/', ...own] },
        to: name === COMPAT ? { path, pathNot: LASTING } : { path },
      };
    }),
  explain({ from, specifier, to }, { plan, workspaces, parse }) {
    const row = plan.deprecated.find(({ package: name }) => {
      const own = workspaces.filter((one) => one.name === name).map((one) => expressionOf(filesOf(one)));
      return [...packageExpressions(name), ...own].some((expression) => new RegExp(expression).test(to));
    });
    const named = rowsNamed(specifier, parse(from));
    return {
      message: [`'${specifier}' is deprecated: ${row?.package} goes away.`, ...named.map(standingOf)].join(' '),
      instead: [...new Set(named.map(insteadOf))].join(' ') || (row?.instead ?? ''),
    };
  },
};

/** The rows of what a file imports by this specifier: by name, or else all that the entry opens. */
function rowsNamed(specifier: string, file: ParsedFile | undefined): ReturnType<typeof rowsOf> {
  const entry = entryOf(specifier);
  if (entry === undefined) return [];
  const { staticImports = [], staticExports = [] } = file?.module ?? {};
  const names = [
    ...staticImports
      .filter(({ moduleRequest }) => moduleRequest.value === specifier)
      .flatMap(({ entries }) => entries.map(({ importName }) => importName)),
    ...staticExports
      .flatMap(({ entries }) => entries)
      .filter(({ moduleRequest }) => moduleRequest?.value === specifier)
      .map(({ importName }) => importName),
  ].map(({ kind, name }) => (kind === 'Default' ? 'default' : kind === 'Name' ? (name ?? undefined) : undefined));
  if (names.length === 0 || names.includes(undefined)) return rowsOf(entry);
  return [...new Set(names.flatMap((name) => rowOfExport(entry, name ?? '') ?? []))];
}
