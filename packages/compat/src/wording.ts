// The words about a deprecated thing, for editors and for warnings: one source for both.
import type { Deprecation } from './deprecation.js';

/** What stands behind `@deprecated` in the documentation of a symbol. */
export function deprecatedText({ code, status, removed_in, replacement }: Deprecation): string {
  const until = status === 'removed' ? `Removed in ${removed_in}` : `To be removed in ${removed_in}`;
  return `${code}: ${replacement.use} ${until}.`;
}

/** What a thing is called in a sentence. */
export function nameOf({ symbol, kind, entry }: Deprecation): string {
  if (kind === 'field' || kind === 'event') return `The use of ${symbol}`;
  if (entry === '*') return `${symbol} of legacy managers`;
  return `${symbol} of @throughline/compat${entry.slice(1)}`;
}

/** Who or what does the replacing: a codemod, or a page that tells how. */
export function wayOf({ codemod, page }: Deprecation): string {
  return codemod === 'manual' ? `See ${page}.` : `The codemod ${codemod} will do it.`;
}

/** What to do about it: the replacement, an example, and who does it. */
export function remedyOf(row: Deprecation): string {
  const { use, example } = row.replacement;
  return `${use} For example:\n${example.replace(/^/gm, '  ')}\n${wayOf(row)}`;
}
