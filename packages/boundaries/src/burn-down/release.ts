// Which release the deprecations are held against.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { COMPAT } from '../deprecation-rows.js';
import { boundariesError } from '../errors.js';

/**
 * The version of @throughline/compat that a repository has installed; undefined where it has none.
 *
 * @throws VERSION_UNKNOWN where its manifest has none
 */
export function installedVersion(root: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', COMPAT, 'package.json');
    if (existsSync(path)) return versionIn(path);
    if (folder === dirname(folder)) return undefined;
  }
}

function versionIn(path: string): string {
  let version: unknown;
  try {
    ({ version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version?: unknown });
  } catch (error) {
    throw boundariesError('VERSION_UNKNOWN', `${path} cannot be read: ${(error as Error).message}`);
  }
  return checkedVersion(String(version), `The installed ${COMPAT}`);
}

/** @throws VERSION_UNKNOWN for what is no version */
export function checkedVersion(version: string, whose: string): string {
  if (/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(version)) return version;
  throw boundariesError('VERSION_UNKNOWN', `${whose} has the version '${version}': write one such as 2.0.0.`);
}

/** Whether a release has reached another: a release candidate of it removes what it will remove. */
export function hasReached(version: string, removedIn: string): boolean {
  const [one, other] = [version, removedIn].map((text) => text.split(/[-+]/)[0]?.split('.').map(Number) ?? []);
  for (const index of [0, 1, 2]) {
    const difference = (one?.[index] ?? 0) - (other?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** `2.0` for 2.0.0: a removal is a matter of minor versions. */
export function shortVersion(version: string): string {
  return version.replace(/^(\d+\.\d+)\.0$/, '$1');
}
