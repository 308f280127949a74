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
  readonly pending?: true;
  readonly reason: string;
}

export interface DeprecationRows {
  readonly deprecations: readonly DeprecationRow[];
  readonly retired: readonly string[];
}

/** The registry of deprecations: data, so that no build is needed to read it. */
export function readDeprecations(root: string): DeprecationRows {
  return JSON.parse(readFileSync(join(root, DEPRECATIONS_FILE), 'utf8')) as DeprecationRows;
}
