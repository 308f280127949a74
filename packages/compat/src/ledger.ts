// Counts who calls what. It holds lines of code and numbers: no user, no payload.
import type { CallSite } from './call-site.js';

/** How often one line used one deprecated thing, or was refused for a foreign user id. */
export interface LineCount extends CallSite {
  readonly kind: 'shim_used' | 'user_refused';
  /** The code of the deprecated thing. */
  readonly code: string;
  readonly symbol: string;
  /** So far. */
  readonly calls: number;
}

/** Lines are made by people, but code from text may make any number of them. */
const maxLines = 10_000;

class CallLedger {
  readonly #lines = new Map<string, LineCount & { calls: number }>();

  /** Counts one call. */
  add(kind: LineCount['kind'], what: Pick<LineCount, 'code' | 'symbol'>, { file, line }: CallSite): LineCount {
    const { code, symbol } = what;
    const full = this.#lines.size >= maxLines && !this.#lines.has(keyOf(kind, code, file, line));
    const site = full ? { file: '(more)', line: 0 } : { file, line };
    const key = keyOf(kind, code, site.file, site.line);
    const known = this.#lines.get(key);
    if (known) {
      known.calls += 1;
      return known;
    }
    const count = { kind, code, symbol, ...site, calls: 1 };
    this.#lines.set(key, count);
    return count;
  }

  /** All lines, by file and line. */
  list(): LineCount[] {
    return [...this.#lines.values()].toSorted(
      (one, other) =>
        compare(one.file, other.file) ||
        one.line - other.line ||
        compare(one.code, other.code) ||
        compare(one.kind, other.kind),
    );
  }
}

export type Ledger = Pick<CallLedger, 'add' | 'list'>;

export function createLedger(): Ledger {
  return new CallLedger();
}

function keyOf(kind: string, code: string, file: string, line: number): string {
  return `${kind} ${code} ${line} ${file}`;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
