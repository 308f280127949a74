import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Files of a folder, and what could not be listed. */
export interface Listing {
  /** Modules, relative to the root, with slashes, sorted. */
  readonly modules: readonly string[];
  /** Every other file, unsorted: imports lead to them too. */
  readonly others: readonly string[];
  /** Every `package.json` found. */
  readonly manifests: readonly string[];
  readonly problems: readonly string[];
}

/** Folders that a build writes, where they lie beside a `package.json`. */
const BUILT = new Set(['dist', 'build', 'out', 'coverage']);

/** Whether a file is a module that TypeScript, Node or a bundler reads as code. */
export function isModule(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}

/** The folder that a build wrote a file into, such as `dist` of a package, whose folder is given; else undefined. */
export function builtFolderOf(path: string, packageFolder: string | undefined): string | undefined {
  if (packageFolder === undefined) return undefined;
  const prefix = packageFolder === '.' ? '' : `${packageFolder}/`;
  const first = path.slice(prefix.length, path.indexOf('/', prefix.length));
  return BUILT.has(first) && path.startsWith(`${prefix}${first}/`) ? prefix + first : undefined;
}

/** All modules below `start`, without what is installed, built or hidden. `start` is a folder or a file. */
export function listModules(root: string, start = '.'): Listing {
  const modules: string[] = [];
  const others: string[] = [];
  const manifests: string[] = [];
  const problems: string[] = [];

  const visit = (folder: string): void => {
    let entries: Dirent[];
    try {
      entries = readdirSync(join(root, folder), { withFileTypes: true });
    } catch (error) {
      problems.push(`${folder} could not be listed (${codeOf(error)}): what is in it was not checked.`);
      return;
    }
    const isPackage = entries.some(({ name }) => name === 'package.json');
    for (const entry of entries) {
      const { name } = entry;
      if (name === 'node_modules' || name === 'bower_components' || (name.startsWith('.') && !isModule(name))) continue;
      if (isPackage && BUILT.has(name)) continue;
      const path = folder === '.' ? name : `${folder}/${name}`;
      if (entry.isDirectory()) visit(path);
      else if (entry.isSymbolicLink()) visitLink(path);
      else if (name === 'package.json') manifests.push(path);
      else if (isModule(name)) modules.push(path);
      else others.push(path);
    }
  };

  /** What a link names is checked where it lies. Only what lies nowhere, or elsewhere, is a gap in the verdict. */
  const visitLink = (path: string): void => {
    try {
      const target = realpathSync(join(root, path));
      const inside = relative(realpathSync(root), target).split(sep).join('/');
      const isFolder = statSync(target).isDirectory();
      if (inside.startsWith('../') && (isFolder || isModule(target))) {
        problems.push(`${path} is a link that leads out of the root: what is there was not checked.`);
      } else if (isFolder && (inside === '' || path.startsWith(`${inside}/`))) {
        problems.push(`${path} is a link to a folder that it lies in, a loop without end: remove it.`);
      }
    } catch (error) {
      if (codeOf(error) === 'ELOOP') problems.push(`${path} is a link that leads back to itself: remove it.`);
      else if (isModule(path)) problems.push(`${path} is a link that leads nowhere (${codeOf(error)}): remove it.`);
    }
  };

  if (statSync(join(root, start)).isDirectory()) visit(start);
  else modules.push(start);
  return { modules: modules.sort(), others, manifests: manifests.sort(), problems };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
