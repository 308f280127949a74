import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of a `package.json` that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[];
}

/** A workspace of the repository. */
export interface Workspace {
  /** Relative to the root, with slashes: `packages/core`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** One way into a published package. */
export interface Entry {
  /** What a consumer writes: `@throughline/core/auth`. */
  readonly specifier: string;
  /** Its three files, relative to the root: the TypeScript source, the declarations and the built module. */
  readonly source: string;
  readonly types: string;
  readonly built: string;
}

/** All workspaces, in the order of the root manifest. Throws when there are none: nothing would be checked. */
export function readWorkspaces(root: string): Workspace[] {
  const found = (readManifest(root, '.').workspaces ?? []).flatMap((pattern) =>
    foldersOf(root, pattern)
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map((folder) => ({ folder, manifest: readManifest(root, folder) })),
  );
  if (found.length === 0) throw new Error(`${root} has no workspaces: name them in "workspaces" of its package.json.`);
  return found;
}

/** The workspaces that go to the registry. Throws when there are none. */
export function readPublishedPackages(root: string): Workspace[] {
  const published = readWorkspaces(root).filter(({ manifest }) => !manifest.private);
  if (published.length === 0) throw new Error(`${root} publishes nothing: every workspace is private.`);
  return published;
}

/** The entries that the `exports` of a package open to code. Throws when an entry lacks one of its three files. */
export function entriesOf({ folder, manifest }: Workspace): Entry[] {
  const opened = Object.entries(manifest.exports ?? {}).filter(([, target]) => !isData(target));
  if (opened.length === 0) throw new Error(`${folder}/package.json opens no entry: name them in "exports".`);
  return opened.map(([subpath, target]) => {
    const file = (condition: string): string => {
      const path = (target as Record<string, unknown> | null)?.[condition];
      if (typeof path === 'string') return below(folder, path);
      throw new Error(`${folder}/package.json: exports["${subpath}"] has no "${condition}" file.`);
    };
    return {
      specifier: manifest.name + subpath.slice(1),
      source: file('@throughline/source'),
      types: file('types'),
      built: file('default'),
    };
  });
}

/** The data that the `exports` of a package open: `"./schema.json": "./schema.json"`. */
export function dataOf({ folder, manifest }: Workspace): Pick<Entry, 'specifier' | 'source'>[] {
  return Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) =>
    isData(target) ? [{ specifier: manifest.name + subpath.slice(1), source: below(folder, target) }] : [],
  );
}

function isData(target: unknown): target is string {
  return typeof target === 'string' && target.endsWith('.json');
}

function below(folder: string, path: string): string {
  return `${folder}/${path.slice('./'.length)}`;
}

function readManifest(root: string, folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

function foldersOf(root: string, pattern: string): string[] {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -'/*'.length);
  if (!existsSync(join(root, parent))) return [];
  return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
}
