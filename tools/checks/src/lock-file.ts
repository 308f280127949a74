import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One package as a lock file pins it. */
export interface Locked {
  /** `node_modules/ws`, or a workspace: `packages/core`. */
  readonly path: string;
  readonly name: string;
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  /** A workspace, seen from `node_modules`. */
  readonly link?: true;
  readonly hasInstallScript?: true;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A lock file's packages by their paths. */
export type Lock = ReadonlyMap<string, Locked>;

/** @throws when it pins nothing */
export function readLock(root: string, path = 'package-lock.json'): Lock {
  const { packages = {} } = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
    readonly packages?: Readonly<Record<string, Omit<Locked, 'path' | 'name'> & { readonly name?: string }>>;
  };
  const pinned = Object.entries(packages).map(([place, one]): [string, Locked] => [
    place,
    { ...one, path: place, name: one.name ?? place.split('node_modules/').at(-1) ?? '' },
  ]);
  if (pinned.length < 2) throw new Error(`${path} pins nothing.`);
  return new Map(pinned);
}

/**
 * What is installed for whoever installs one of these workspaces, other people's packages alone: their dependencies, and the
 * peers that npm adds by itself. What is optional is left out.
 */
export function runtimeClosure(lock: Lock, workspaces: readonly string[]): Locked[] {
  const found = new Map<string, Locked>();
  const search = (from: Locked): void => {
    const peers = Object.keys(from.peerDependencies ?? {});
    const wanted = peers.filter((name) => from.peerDependenciesMeta?.[name]?.optional !== true);
    for (const name of [...Object.keys(from.dependencies ?? {}), ...wanted]) {
      const one = installed(lock, name, from.path);
      if (one === undefined) throw new Error(`${name}, which ${from.path} needs, is not in the lock. Run: npm install`);
      if (found.has(one.path)) continue;
      found.set(one.path, one);
      search(one);
    }
  };
  for (const path of workspaces) {
    const workspace = lock.get(path);
    if (workspace === undefined) throw new Error(`${path} is not in the lock. Run: npm install`);
    search(workspace);
  }
  return [...found.values()].filter(({ path }) => path.includes('node_modules/'));
}

/** Node's way: `node_modules` here, then further up. A link leads to its workspace. */
function installed(lock: Lock, name: string, from: string): Locked | undefined {
  const one = lock.get(`${from === '' ? '' : `${from}/`}node_modules/${name}`);
  if (one !== undefined) return one.link && one.resolved !== undefined ? lock.get(one.resolved) : one;
  if (from === '') return undefined;
  const inner = from.lastIndexOf('/node_modules/');
  return installed(lock, name, inner === -1 ? '' : from.slice(0, inner));
}
