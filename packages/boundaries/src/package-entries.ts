import type { Workspace } from './workspace.js';

/** One way into a package. */
export interface PackageEntry {
  /** What an import writes: `@acme/core`, `@acme/core/auth`, `@acme/core/icons/*`. */
  readonly specifier: string;
  /** Its files, as patterns relative to the root: what `exports` names, and the sources that those are built from. */
  readonly files: readonly string[];
}

/** The entries that `exports` opens, or undefined where it is absent: then Node opens every file. */
export function entriesOf({ name, folder, manifest }: Workspace): PackageEntry[] | undefined {
  const { exports } = manifest;
  if (exports === undefined || exports === null) return undefined;
  const subpaths = isMapOfSubpaths(exports) ? Object.entries(exports) : [['.', exports] as const];
  return subpaths
    .map(([subpath, target]) => ({
      specifier: name + subpath.slice(1),
      files: targetsOf(target).flatMap((file) => filesBehind(folder, file)),
    }))
    .filter(({ files }) => files.length > 0);
}

/** The files that run by themselves: `bin`, and `main` and its like where there are no `exports`. */
export function startsOf({ folder, manifest }: Workspace): string[] {
  return [manifest['bin'], manifest['main'], manifest['module'], manifest['browser'], manifest['types']]
    .flatMap(targetsOf)
    .map((file) => (file.startsWith('./') ? file : `./${file}`))
    .flatMap((file) => filesBehind(folder, file));
}

function isMapOfSubpaths(exports: unknown): exports is Readonly<Record<string, unknown>> {
  return (
    typeof exports === 'object' &&
    !Array.isArray(exports) &&
    Object.keys(exports ?? {}).some((key) => key.startsWith('.'))
  );
}

function targetsOf(target: unknown): string[] {
  if (typeof target === 'string') return [target];
  return typeof target === 'object' && target !== null ? Object.values(target).flatMap(targetsOf) : [];
}

/** A built file stands for its source as well: aliases and source conditions lead there. */
function filesBehind(folder: string, file: string): string[] {
  if (!file.startsWith('./')) return [];
  const prefix = folder === '.' ? '' : `${folder}/`;
  const path = file.slice('./'.length).replaceAll('*', '**');
  const source = /^(?:dist|build|lib|out|esm|cjs)\/(?:(?:esm|cjs|src|types)\/)?(.+?)(?:\.d)?\.[cm]?[jt]sx?$/.exec(
    path,
  )?.[1];
  return [prefix + path, ...(source ? [`${prefix}src/${source}.{ts,tsx,mts,cts,js,jsx,mjs,cjs}`] : [])];
}
