import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CruisedImport } from './cruise.js';

/** What was found of one module. */
export interface CachedModule {
  readonly imports: readonly CruisedImport[];
  readonly problems: readonly string[];
}

/** Modules that were read before, under the very same circumstances. */
export interface GraphCache {
  readonly get: (path: string, text: string) => CachedModule | undefined;
  readonly set: (path: string, text: string, module: CachedModule) => void;
  /** Writes down what was read now, and nothing of what is gone. */
  readonly save: () => void;
}

interface Row extends CachedModule {
  readonly hash: string;
}

/** Written by package managers whenever what is installed changes. */
const INSTALLED = ['.package-lock.json', '.modules.yaml', '.yarn-integrity', '.yarn-state.yml'];

/** A cache that knows nothing and keeps nothing. */
export const NO_CACHE: GraphCache = { get: () => undefined, set: () => {}, save: () => {} };

/**
 * The cache of a root. `circumstances` is everything, beside a module's own text, that says where its imports lead:
 * the names of all files, manifests, aliases, rules. What is installed is added here; where nothing tells when that
 * changes, nothing is kept. A module of which an import leads nowhere is not kept either: it may lead somewhere tomorrow.
 */
export function openGraphCache(
  root: string,
  circumstances: readonly unknown[],
  isListed: (path: string) => boolean,
): GraphCache {
  const markers = INSTALLED.map((name) => join(root, 'node_modules', name)).filter(existsSync);
  if (markers.length === 0) return NO_CACHE;
  const installed = markers.map((path) => [path, statSync(path).mtimeMs, statSync(path).size]);
  const key = hashOf(JSON.stringify([1, process.version, installed, circumstances]));
  const folder = join(root, 'node_modules/.cache/throughline-boundaries');
  const known = readRows(join(folder, 'graph.json'), key);
  const now = new Map<string, Row>();
  const isThere = ({ to, kinds }: CruisedImport): boolean =>
    kinds.includes('core') || isListed(to) || to.includes('node_modules/') || existsSync(join(root, to));
  return {
    get(path, text) {
      const row = known.get(path);
      if (row === undefined || row.hash !== hashOf(text) || !row.imports.every(isThere)) return undefined;
      now.set(path, row);
      return row;
    },
    set(path, text, { imports, problems }) {
      if (imports.every(({ resolved }) => resolved)) now.set(path, { hash: hashOf(text), imports, problems });
    },
    save() {
      if (now.size === known.size && [...now].every(([path, row]) => known.get(path) === row)) return;
      mkdirSync(folder, { recursive: true });
      // Another check may read it meanwhile: it finds the old one or the new one, never half of one.
      const part = join(folder, `graph.${process.pid}.json`);
      writeFileSync(part, JSON.stringify({ key, rows: [...now] }));
      renameSync(part, join(folder, 'graph.json'));
    },
  };
}

function readRows(path: string, key: string): ReadonlyMap<string, Row> {
  try {
    const cached = JSON.parse(readFileSync(path, 'utf8')) as { key: string; rows: [string, Row][] };
    return cached.key === key ? new Map(cached.rows) : new Map();
  } catch {
    // Not there, or half of one: then everything is read anew.
    return new Map();
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
