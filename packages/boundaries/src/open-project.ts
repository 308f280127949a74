import { join, relative } from 'node:path';
import type { Graph } from './graph.js';
import { entriesOf, type PackageEntry } from './package-entries.js';
import { productionTest } from './production.js';
import type { Project } from './project.js';
import { readModule } from './read-file.js';
import type { Site } from './rule.js';
import type { Sources } from './sources.js';
import { workspaceFinder } from './workspace.js';

/** Puts together what rules may look at. */
export function openProject({ root, parse }: Sources, { plan, workspaces }: Site, graph: Graph): Project {
  const installed = new Map<string, readonly PackageEntry[] | undefined>();
  const read = (path: string): string | undefined =>
    relative(root, join(root, path)).startsWith('..') ? undefined : readModule(root, path).text;
  return {
    plan,
    workspaces,
    graph,
    workspaceOf: workspaceFinder(workspaces),
    isProduction: remembered(productionTest(plan, workspaces)),
    parse,
    read,
    entriesOfInstalled(folder) {
      if (!installed.has(folder)) installed.set(folder, installedEntries(folder, read(`${folder}/package.json`)));
      return installed.get(folder);
    },
  };
}

/** Rules ask about each end of each import: what a dozen expressions say of a path is found out once. */
function remembered(test: (path: string) => boolean): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const answer = test(path);
    known.set(path, answer);
    return answer;
  };
}

/** Without a manifest nothing says that a file inside is open. */
function installedEntries(folder: string, manifestText: string | undefined): readonly PackageEntry[] | undefined {
  try {
    const manifest = JSON.parse(manifestText ?? '') as Readonly<Record<string, unknown>>;
    return entriesOf({ name: folder, folder, manifestPath: `${folder}/package.json`, manifestText: '', manifest });
  } catch {
    return [];
  }
}
