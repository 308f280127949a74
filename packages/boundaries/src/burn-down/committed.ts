// The burn-down file that a team commits: a number that may only go down.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { boundariesError } from '../errors.js';

/** What was left when it was last written. */
export interface Committed {
  readonly version: 1;
  readonly sites: number;
  readonly files: number;
  /** Call sites by code. A line that uses two deprecated things is in two of them. */
  readonly codes: Readonly<Record<string, number>>;
}

/**
 * Reads a burn-down file; undefined where there is none.
 *
 * @throws BURN_DOWN_INVALID
 */
export function readCommitted(path: string): Committed | undefined {
  if (!existsSync(path)) return undefined;
  const refuse = (what: string): never => {
    throw boundariesError(
      'BURN_DOWN_INVALID',
      `${path} is no burn-down file: ${what}. Restore it from version control.`,
    );
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return refuse((error as Error).message);
  }
  const { version, sites, files, codes } = (parsed ?? {}) as Readonly<Record<string, unknown>>;
  if (version !== 1) refuse('its version is not 1');
  if (!isCount(sites) || !isCount(files)) refuse('"sites" and "files" must be whole numbers from 0');
  if (typeof codes !== 'object' || codes === null || !Object.values(codes).every(isCount)) {
    refuse('"codes" must hold a whole number for each code');
  }
  return parsed as Committed;
}

export function writeCommitted(path: string, committed: Committed): void {
  writeFileSync(path, `${JSON.stringify(committed, undefined, 2)}\n`);
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}
