import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that hold no source of ours. */
const NOT_SOURCE = new Set(['node_modules', 'dist', 'coverage']);

/** All files below a folder, relative to `root` with slashes, sorted, without what is installed, built or hidden. */
export function listFiles(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith('.') && !NOT_SOURCE.has(name))
    .flatMap((entry) => {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return listFiles(root, path);
      return entry.isFile() ? [path] : [];
    })
    .sort();
}

/** Whether a file is a module that TypeScript or Node reads as code. */
export function isModule(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file);
}
