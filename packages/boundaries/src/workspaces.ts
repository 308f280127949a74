import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { matcher } from './pattern.js';
import type { Workspace } from './workspace.js';

/** The packages of a repository, and the manifests that could not be read. */
export interface Workspaces {
  /** The root's own first. */
  readonly workspaces: readonly Workspace[];
  readonly problems: readonly string[];
}

/** Reads the manifests that the root counts as its workspaces: npm's, yarn's and bun's field or pnpm's file. */
export function readWorkspaces(root: string, manifests: readonly string[]): Workspaces {
  const problems: string[] = [];
  const read = (path: string): Workspace | undefined => {
    try {
      const manifestText = readFileSync(join(root, path), 'utf8').replace(/^\uFEFF/, '');
      const manifest: unknown = JSON.parse(manifestText);
      if (typeof manifest !== 'object' || manifest === null) throw new Error('it is no object');
      const { name } = manifest as { name?: unknown };
      const folder = dirname(path);
      const known = typeof name === 'string' && name !== '' ? name : folder;
      return { name: known, folder, manifestPath: path, manifestText, manifest: manifest as Workspace['manifest'] };
    } catch (error) {
      problems.push(`${path} could not be read (${messageOf(error)}): its package was not judged.`);
      return undefined;
    }
  };
  const own = existsSync(join(root, 'package.json')) ? read('package.json') : undefined;
  const patterns = [...fieldOf(own), ...pnpmPatterns(root)].map((pattern) => pattern.replace(/^\.\/|\/$/g, ''));
  const isIn = matcher(patterns.filter((pattern) => !pattern.startsWith('!')));
  const isOut = matcher(patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1)));
  const others = manifests
    .filter((path) => path !== 'package.json' && isIn(dirname(path)) && !isOut(dirname(path)))
    .map(read);
  return { workspaces: [own, ...others].filter((one) => one !== undefined), problems };
}

function fieldOf(own: Workspace | undefined): string[] {
  const field = own?.manifest['workspaces'];
  const patterns = Array.isArray(field) ? field : (field as { packages?: unknown } | undefined)?.packages;
  return Array.isArray(patterns) ? patterns.filter((pattern) => typeof pattern === 'string') : [];
}

/** The list of `packages` is all that is needed of that file, and pnpm writes it one to a line. */
function pnpmPatterns(root: string): string[] {
  const path = join(root, 'pnpm-workspace.yaml');
  if (!existsSync(path)) return [];
  const section =
    /^packages:[^\n]*\n((?:[ \t]*(?:-[^\n]*|#[^\n]*)?(?:\n|$))*)/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  return [...section.matchAll(/^\s*-\s*['"]?([^'"#\n]+?)['"]?\s*(?:#.*)?$/gm)].map(([, pattern = '']) =>
    pattern.trim(),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
