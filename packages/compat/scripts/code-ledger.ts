// What every code that was ever given means: schema/deprecation-codes.json, which only grows.
import type { Deprecation } from '../src/deprecation.js';

/** Codes, each with the one thing that it ever means. */
export type CodeLedger = Readonly<Record<string, string>>;

/**
 * The ledger with the codes that are new.
 *
 * @throws when a code that was given means something else now, has no row any more, is there twice, or leaves a gap
 */
export function ledgerWith(ledger: CodeLedger, rows: readonly Deprecation[]): CodeLedger {
  const meanings = new Map(rows.map((row) => [row.code, meaningOf(row)]));
  for (const [code, meaning] of Object.entries(ledger)) {
    const now = meanings.get(code);
    if (now === meaning) continue;
    if (now === undefined) throw new Error(`${code} (${meaning}) has no row any more: keep it, with "retired".`);
    throw new Error(`${code} means ${meaning}, and never ${now}: give that a new code.`);
  }
  for (const [index, { code }] of rows.entries()) {
    const expected = `TL_DEP${String(index + 1).padStart(4, '0')}`;
    if (code !== expected) throw new Error(`Row ${index + 1} has the code ${code}, but it must be ${expected}.`);
  }
  return Object.fromEntries(meanings);
}

/** What a code stands for: reasons, replacements and versions may change, this may not. */
function meaningOf({ kind, symbol, entry }: Deprecation): string {
  return `${kind} ${symbol} of ${entry === '*' ? 'legacy managers' : entry}`;
}
