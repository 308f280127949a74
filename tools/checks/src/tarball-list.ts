import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Workspace } from './workspaces.js';

/** The list of what a package publishes, which a person has seen. Relative to the root. */
export function tarballListOf({ folder }: Workspace): string {
  return `${folder}/etc/tarball.txt`;
}

/**
 * The files of a tarball, one a line, except what the compiler makes of the sources beside it, which is one line.
 * The changelog is left out: the first version writes it.
 */
export function tarballList(files: readonly string[]): string {
  const all = new Set(files);
  const isBuilt = (file: string): boolean => {
    const [, module] = /^dist\/(.+)\.(?:js|d\.ts)(?:\.map)?$/.exec(file) ?? [];
    return module !== undefined && all.has(`src/${module}.ts`);
  };
  const built = files.filter(isBuilt);
  const others = files.filter((file) => !isBuilt(file) && file !== 'CHANGELOG.md').toSorted();
  return `${[...(built.length > 0 ? ['dist/: what is built from src/'] : []), ...others].join('\n')}\n`;
}

/** What a tarball has that nobody has seen, or lacks that somebody has. */
export function tarballListProblems(root: string, one: Workspace, files: readonly string[]): string[] {
  const path = tarballListOf(one);
  const listed = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8').split('\n') : [];
  const packed = tarballList(files).split('\n');
  const come = packed.filter((line) => !listed.includes(line)).map((line) => `+ ${line}`);
  const gone = listed.filter((line) => !packed.includes(line)).map((line) => `- ${line}`);
  if (come.length + gone.length === 0) return [];
  return [`${path} is not what would be published. Review it, then run: npm run api\n${[...gone, ...come].join('\n')}`];
}
