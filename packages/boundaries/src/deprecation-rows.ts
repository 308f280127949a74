// What the registry of deprecations says: the words of rules and reports come from it, so that a warning, a page and a
// refused import never tell three stories.
import { type Deprecation, type DeprecationCode, deprecations, nameOf, wayOf } from '@throughline/compat/deprecations';

/** The package whose rows these are. */
export const COMPAT = '@throughline/compat';

/** Kinds that are imported; the others are met in what is sent. */
const IMPORTED: ReadonlySet<string> = new Set([
  'function',
  'class',
  'type',
  'constant',
] satisfies Deprecation['kind'][]);

const ROWS: readonly Deprecation[] = /* @__PURE__ */ Object.values(deprecations);

/** The entry of the package that a specifier names, `./manager`; undefined where it names another package. */
export function entryOf(specifier: string): string | undefined {
  if (specifier === COMPAT) return '.';
  return specifier.startsWith(`${COMPAT}/`) ? `.${specifier.slice(COMPAT.length)}` : undefined;
}

/** Everything deprecated that an entry opens: what has a name to import. */
export function rowsOf(entry: string): readonly Deprecation[] {
  return ROWS.filter((row) => row.entry === entry && IMPORTED.has(row.kind));
}

/** The row of one export. `default` is what the entry opens under that name. */
export function rowOfExport(entry: string, name: string): Deprecation | undefined {
  return rowsOf(entry).find(({ symbol, is_default }) => (name === 'default' ? is_default : symbol === name));
}

/** The row of a method of every legacy manager. */
export function rowOfMethod(name: string): Deprecation | undefined {
  return ROWS.find(({ kind, symbol }) => kind === 'method' && symbol === name);
}

/** The row of a code; undefined for one that this version does not know. */
export function rowOf(code: string): Deprecation | undefined {
  return Object.hasOwn(deprecations, code) ? deprecations[code as DeprecationCode] : undefined;
}

/** `WebSocketManager of @throughline/compat/manager (TL_DEP0010)`, with the versions. */
export function standingOf(row: Deprecation): string {
  const { code, since, removed_in, status } = row;
  const until = status === 'removed' ? `removed in ${removed_in}` : `to be removed in ${removed_in}`;
  return `${nameOf(row)} (${code}) is deprecated since ${since}, ${until}.`;
}

/** What to write instead, who does it, and where it is told. */
export function insteadOf(row: Deprecation): string {
  return `${row.replacement.use} ${wayOf(row)} More: ${pageOf(row)}.`;
}

/** Where the row is told at length. */
export function pageOf({ code }: Deprecation): string {
  return `docs/deprecations.md#${code.toLowerCase()}`;
}
