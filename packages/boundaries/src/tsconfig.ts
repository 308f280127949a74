import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type TypeScript from 'typescript';
import { isWithin, type Workspace } from './workspace.js';

/** Which tsconfig each file is resolved with, for those that need one. */
export interface Aliases {
  /** Absolute path of the tsconfig with `paths` or `baseUrl` for a file, or undefined. */
  readonly tsconfigOf: (path: string) => string | undefined;
  /** What the aliases are, for comparison with an earlier time. */
  readonly fingerprint: readonly unknown[];
  readonly problems: readonly string[];
}

const NAMES = ['tsconfig.json', 'tsconfig.base.json', 'jsconfig.json'];

/**
 * Finds the configurations with aliases: of each package its own, else that of the root. They are read as the
 * compiler reads them, so what it would refuse is said here: an alias that nobody can follow hides where it leads.
 */
export function readAliases(root: string, workspaces: readonly Workspace[]): Aliases {
  const problems: string[] = [];
  const fingerprint: unknown[] = [];

  const parse = (path: string, seen: readonly string[] = []): string | undefined => {
    const typescript = compiler();
    if (typescript === undefined) {
      problems.push(NO_TYPESCRIPT);
      return undefined;
    }
    const { config, error } = typescript.readConfigFile(path, typescript.sys.readFile);
    if (error) {
      problems.push(
        `${shown(path)} cannot be read: ${typescript.flattenDiagnosticMessageText(error.messageText, ' ')}`,
      );
      return undefined;
    }
    // Listing files is the cruiser's work, and slow here.
    const host = { ...typescript.sys, readDirectory: () => [] };
    const { options, errors } = typescript.parseJsonConfigFileContent(config, host, dirname(path), {}, path);
    for (const { code, messageText } of errors) {
      if (code === NO_INPUTS || code === EMPTY_FILES) continue;
      problems.push(`${shown(path)} cannot be read: ${typescript.flattenDiagnosticMessageText(messageText, ' ')}`);
    }
    fingerprint.push([path, options.paths, options.baseUrl, options['pathsBasePath']]);
    if (options.paths !== undefined || options.baseUrl !== undefined) return path;
    const references = (config as { references?: readonly { path?: string }[] }).references ?? [];
    for (const reference of references) {
      const target = join(dirname(path), reference.path ?? '');
      const file = target.endsWith('.json') ? target : join(target, 'tsconfig.json');
      if (dirname(file) !== dirname(path) || seen.includes(file) || !existsSync(file)) continue;
      const found = parse(file, [...seen, path]);
      if (found) return found;
    }
    return undefined;
  };
  const shown = (path: string): string => path.slice(root.length + 1);

  const folders = new Map<string, string | undefined>();
  for (const folder of new Set(['.', ...workspaces.map((one) => one.folder)])) {
    const names = NAMES.map((name) => join(root, folder, name)).filter(existsSync);
    const found = names.map((path) => parse(path)).find((path) => path !== undefined);
    if (names.length > 0) folders.set(folder, found);
  }
  const deepest = [...folders.keys()].sort((a, b) => (b === '.' ? -1 : a === '.' ? 1 : b.length - a.length));
  return {
    problems: [...new Set(problems)],
    fingerprint,
    tsconfigOf: (path) => {
      const own = deepest.find((folder) => isWithin(path, folder));
      return own === undefined ? undefined : (folders.get(own) ?? folders.get('.'));
    },
  };
}

/** What is said where there is no compiler, or one without an API. */
export const NO_TYPESCRIPT =
  'TypeScript cannot be read: install typescript 6 (npm install --save-dev typescript@6). Nothing was checked.';

/** Loaded where there is something to read. An `import` would first look for names in its nine megabytes. */
function compiler(): typeof TypeScript | undefined {
  try {
    const loaded = createRequire(import.meta.url)('typescript') as Partial<typeof TypeScript>;
    return loaded.readConfigFile === undefined ? undefined : (loaded as typeof TypeScript);
  } catch {
    return undefined;
  }
}

/** Codes of diagnostics about a configuration that names no files, which is none of ours. */
const NO_INPUTS = 18003;
const EMPTY_FILES = 18002;
