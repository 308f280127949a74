// What runs found out: the files that `reportUsage` of @throughline/compat/usage writes.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { boundariesError } from '../errors.js';

/** A line that called something deprecated. */
export interface UsedLine {
  /** Relative to the root, with slashes; `(unknown)` where a run could not tell, `(more)` for lines beyond its limit. */
  readonly file: string;
  readonly line: number;
  readonly code: string;
  readonly calls: number;
}

/** A usage file that was read. */
export interface UsageFile {
  /** As it was named. */
  readonly path: string;
  readonly used: readonly UsedLine[];
}

/**
 * Reads usage files: a path is a file, or a folder with one `.json` for each process.
 *
 * @throws USAGE_INVALID
 */
export function readUsage(root: string, paths: readonly string[]): UsageFile[] {
  return paths.flatMap((path) => {
    const absolute = resolve(root, path);
    if (!existsSync(absolute))
      throw boundariesError('USAGE_INVALID', `There is no usage file ${path}: run what writes it.`);
    if (!statSync(absolute).isDirectory()) return [read(absolute, path)];
    const names = readdirSync(absolute)
      .filter((name) => name.endsWith('.json'))
      .sort();
    if (names.length === 0)
      throw boundariesError('USAGE_INVALID', `${path} holds no usage file: run what writes them.`);
    return names.map((name) => read(join(absolute, name), join(path, name)));
  });
}

function read(absolute: string, path: string): UsageFile {
  const refuse = (what: string): never => {
    throw boundariesError('USAGE_INVALID', `${path} is no usage file: ${what}. Write it anew with reportUsage().`);
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(absolute, 'utf8'));
  } catch (error) {
    return refuse((error as Error).message);
  }
  const { version, used } = (parsed ?? {}) as { readonly version?: unknown; readonly used?: unknown };
  if (version !== 1) refuse('its version is not 1');
  if (!Array.isArray(used)) return refuse('"used" is no list');
  for (const [index, row] of used.entries()) {
    const { file, line, code, calls } = (row ?? {}) as Readonly<Record<string, unknown>>;
    const isRight =
      typeof file === 'string' && file !== '' && typeof code === 'string' && isCount(line, 0) && isCount(calls, 1);
    if (!isRight) refuse(`used[${index}] must have a file, a line, a code and calls`);
  }
  return { path, used: used as UsedLine[] };
}

function isCount(value: unknown, least: number): boolean {
  return Number.isInteger(value) && (value as number) >= least;
}
