import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { boundariesError } from './errors.js';
import type { Violation } from './violation.js';

/** Where known violations are kept, beside the root manifest. */
export const BASELINE = 'throughline.boundaries.baseline.json';

/** A violation that may stay for now. It has no line: moving code about is no news. */
export interface KnownViolation {
  readonly file: string;
  readonly rule: string;
  readonly to?: string;
  /** How often, where more than once. */
  readonly count?: number;
}

/** Known violations, sorted. */
export interface Baseline {
  readonly version: 1;
  readonly known: readonly KnownViolation[];
}

/** What a comparison with a baseline gives. */
export interface Comparison {
  readonly unknown: readonly Violation[];
  /** Rows, or what is left of their count, that occur no longer. */
  readonly gone: readonly KnownViolation[];
}

/** Tells what a baseline does not know, and what it knows that is no longer there, in files that were judged. */
export function compareBaseline(
  violations: readonly Violation[],
  baseline: Baseline | undefined,
  isJudged: (file: string) => boolean,
): Comparison {
  const left = new Map((baseline?.known ?? []).map((row) => [keyOf(row), row.count ?? 1]));
  const unknown = violations.filter((one) => {
    const count = left.get(keyOf(one)) ?? 0;
    if (count > 0) left.set(keyOf(one), count - 1);
    return count === 0;
  });
  const gone = (baseline?.known ?? []).flatMap((row) => {
    const count = left.get(keyOf(row)) ?? 0;
    return count > 0 && isJudged(row.file) ? [withCount(row, count)] : [];
  });
  return { unknown, gone };
}

/** The baseline of these violations. */
export function baselineOf(violations: readonly Violation[]): Baseline {
  const rows = new Map<string, KnownViolation>();
  for (const one of violations) {
    const row = rows.get(keyOf(one));
    rows.set(keyOf(one), withCount(one, (row?.count ?? (row ? 1 : 0)) + 1));
  }
  return { version: 1, known: [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row) };
}

/** A baseline without what is gone: it never has more rows than before. */
export function shrunk(baseline: Baseline, gone: readonly KnownViolation[]): Baseline {
  const less = new Map(gone.map((row) => [keyOf(row), row.count ?? 1]));
  const known = baseline.known.flatMap((row) => {
    const count = (row.count ?? 1) - (less.get(keyOf(row)) ?? 0);
    return count > 0 ? [withCount(row, count)] : [];
  });
  return { version: 1, known };
}

/** Rows of a baseline that an earlier one does not have: it has grown. */
export function grownSince(earlier: Baseline, now: Baseline): readonly KnownViolation[] {
  const before = new Map(earlier.known.map((row) => [keyOf(row), row.count ?? 1]));
  return now.known.filter((row) => (row.count ?? 1) > (before.get(keyOf(row)) ?? 0));
}

/**
 * Reads a baseline; undefined where there is none.
 *
 * @throws BASELINE_INVALID
 */
export function readBaseline(path: string): Baseline | undefined {
  if (!existsSync(path)) return undefined;
  const refuse = (what: string): never => {
    throw boundariesError('BASELINE_INVALID', `${path} is no baseline: ${what}. Restore it from version control.`);
  };
  const { version, known } = (parseJson(path, refuse) ?? {}) as { version?: unknown; known?: unknown };
  if (version !== 1) refuse('its version is not 1');
  if (!Array.isArray(known)) return refuse('"known" is no list');
  for (const [index, row] of known.entries()) {
    const { file, rule, to, count } = (row ?? {}) as Record<string, unknown>;
    const isRight =
      typeof file === 'string' &&
      typeof rule === 'string' &&
      (to === undefined || typeof to === 'string') &&
      (count === undefined || (Number.isInteger(count) && (count as number) > 0));
    if (!isRight) refuse(`known[${index}] must have a file, a rule, and perhaps "to" and "count"`);
  }
  return { version: 1, known: known as KnownViolation[] };
}

/** Writes a baseline, a row to a line, so that a review shows what came and went. */
export function writeBaseline(path: string, { known }: Baseline): void {
  const rows = known.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  writeFileSync(path, `{\n  "version": 1,\n  "known": [${rows ? `\n${rows}\n  ` : ''}]\n}\n`);
}

function parseJson(path: string, refuse: (what: string) => never): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function keyOf({ file, rule, to = '' }: KnownViolation): string {
  return `${file}\0${rule}\0${to}`;
}

function withCount({ file, rule, to }: KnownViolation, count: number): KnownViolation {
  return { file, rule, ...(to === undefined ? {} : { to }), ...(count > 1 ? { count } : {}) };
}
