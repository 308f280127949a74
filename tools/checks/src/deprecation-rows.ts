import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The package that owns the registry of deprecations, and whose paths its rows name. */
export const DEPRECATING_PACKAGE = '@throughline/compat';
const DEPRECATIONS_FILE = 'packages/compat/schema/deprecations.json';

/** A row of the registry, as far as the documents need it. Its schema lies beside the file. */
export interface DeprecationRow {
  readonly code: string;
  readonly kind: string;
  readonly symbol: string;
  readonly entry: string;
  readonly status: 'deprecated' | 'removed';
  readonly since: string;
  readonly removed_in: string;
  readonly replacement: { readonly use: string; readonly example: string };
  readonly codemod: string;
  readonly page?: string;
  readonly is_default?: true;
  readonly pending?: true;
  /** The version that no longer has it at all. */
  readonly retired?: string;
  readonly reason: string;
}

export interface DeprecationRows {
  readonly deprecations: readonly DeprecationRow[];
  /** Rows of what is gone: their codes are never used again. */
  readonly retired: readonly DeprecationRow[];
}

/** The registry of deprecations: data, so that no build is needed to read it. */
export function readDeprecations(root: string): DeprecationRows {
  const { deprecations: rows } = JSON.parse(readFileSync(join(root, DEPRECATIONS_FILE), 'utf8')) as {
    readonly deprecations: readonly DeprecationRow[];
  };
  return {
    deprecations: rows.filter(({ retired }) => retired === undefined),
    retired: rows.filter(({ retired }) => retired !== undefined),
  };
}

/** What a thing is called in a sentence: `make` of `@throughline/compat`. */
export function whereOf({ symbol, kind, entry }: DeprecationRow): string {
  const path = `\`${DEPRECATING_PACKAGE}${entry.slice(1)}\``;
  if (kind === 'field' || kind === 'event') {
    const name = `${symbol[0]?.toUpperCase()}${symbol.slice(1)}`;
    return entry === '*' ? `${name}, wherever a legacy manager takes events` : `${name}, with ${path}`;
  }
  return entry === '*' ? `\`${symbol}\` of every legacy manager` : `\`${symbol}\` of ${path}`;
}

/** Who or what does the replacing. Links are relative to `docs`, or as `link` makes them. */
export function wayOf({ codemod, page }: DeprecationRow, link: (page: string) => string): string {
  return page === undefined ? `The codemod \`${codemod}\` will do it.` : `By hand: ${link(page)}.`;
}
