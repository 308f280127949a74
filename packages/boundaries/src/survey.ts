import { createRequire } from 'node:module';
import type { CompiledRule } from './compile.js';
import { BATCH, type CruisedImport, cruiseBatch } from './cruise.js';
import { builtFolderOf, isModule } from './files.js';
import { type CachedModule, NO_CACHE, openGraphCache } from './graph-cache.js';
import type { Site } from './rule.js';
import { secondOpinion } from './second-opinion.js';
import type { Sources } from './sources.js';
import { isPath } from './specifier.js';
import { NO_TYPESCRIPT, readAliases } from './tsconfig.js';
import { turn } from './turn.js';
import { workspaceFinder } from './workspace.js';

/** Every module that was read, with its imports, and what kept others from it. */
export interface Survey {
  readonly modules: ReadonlyMap<string, readonly CruisedImport[]>;
  readonly problems: readonly string[];
}

/** Told after each batch: how many modules are done, of how many that are known by now. */
export type OnProgress = (done: number, total: number) => void;

/** How a survey is made. */
export interface SurveyOptions {
  readonly onProgress?: OnProgress | undefined;
  /** Remember in `node_modules/.cache` what was read. */
  readonly cached?: boolean | undefined;
  /** Whether the cruiser can. Asked before the first batch: what is remembered was read when it could. */
  readonly readsTypeScript: () => boolean | Promise<boolean>;
}

/**
 * Reads the modules of a site and, after them, whatever they import in this repository: an import leads out of the
 * chosen paths, and a cycle goes through what nobody chose.
 */
export async function survey(
  { root, chosen, listed, manifests, readText, parse }: Sources,
  { plan, workspaces }: Site,
  rules: readonly CompiledRule[],
  { onProgress = () => {}, cached = false, readsTypeScript }: SurveyOptions,
): Promise<Survey> {
  const aliases = readAliases(root, workspaces);
  const problems = [...aliases.problems];
  const texts = manifests.map((path) => readText(path).text);
  const circumstances = [ownVersion(), rules, plan.conditions, aliases.fingerprint, [...listed], texts];
  const cache = cached ? openGraphCache(root, circumstances, (path) => listed.has(path)) : NO_CACHE;
  const ownerOf = workspaceFinder(workspaces);
  const modules = new Map<string, readonly CruisedImport[]>();
  const known = new Set<string>();
  const waiting = new Map<string | undefined, string[]>();
  const met: string[] = [...chosen];
  /** Sorts what was met into what is known from before and what waits for the cruiser. */
  const sort = (): void => {
    for (let path = met.pop(); path !== undefined; path = met.pop()) {
      if (known.has(path)) continue;
      known.add(path);
      const { problem, text = '' } = readText(path);
      const before = problem === undefined ? cache.get(path, text) : undefined;
      if (problem !== undefined) problems.push(problem);
      else if (before !== undefined) take(path, before);
      else queueOf(aliases.tsconfigOf(path)).push(path);
    }
  };
  const queueOf = (tsconfig: string | undefined): string[] => {
    const queue = waiting.get(tsconfig) ?? [];
    waiting.set(tsconfig, queue);
    return queue;
  };
  const take = (path: string, read: CachedModule): void => {
    modules.set(path, read.imports);
    problems.push(...read.problems);
    met.push(...read.imports.filter(isFollowed).map(({ to }) => to));
  };
  /** What a build wrote is an end: its imports are those of its sources. */
  const isFollowed = ({ to, resolved, specifier }: CruisedImport): boolean =>
    resolved &&
    isModule(to) &&
    !to.startsWith('../') &&
    !to.includes('node_modules/') &&
    (builtFolderOf(to, ownerOf(to)?.folder) === undefined || isPath(specifier));

  sort();
  let next = nextBatch(waiting);
  if (next !== undefined && !(await readsTypeScript())) {
    return { modules: new Map(), problems: [...new Set([...aliases.problems, NO_TYPESCRIPT])] };
  }
  for (; next !== undefined; next = nextBatch(waiting)) {
    const { files, tsconfig } = next;
    const found = await cruiseBatch({ root, files, rules, conditions: plan.conditions, tsconfig });
    problems.push(...found.problems);
    for (const path of files) {
      const imports = found.modules.get(path);
      if (imports === undefined) {
        const isNamed = found.problems.some((problem) => problem.startsWith(path));
        if (!isNamed) problems.push(`${path} was not read by the cruiser: nothing is known about its imports.`);
        continue;
      }
      const file = parse(path);
      const read = { imports, problems: file ? secondOpinion(file, imports) : [] };
      cache.set(path, file?.text ?? '', read);
      take(path, read);
    }
    sort();
    onProgress(modules.size, known.size);
    await turn();
  }
  cache.save();
  return { modules, problems: [...new Set(problems)] };
}

/** The version of this package: another one may read the same text in another way. */
function ownVersion(): unknown {
  return (createRequire(import.meta.url)('../package.json') as { version?: unknown }).version;
}

function nextBatch(
  waiting: Map<string | undefined, string[]>,
): { files: string[]; tsconfig: string | undefined } | undefined {
  for (const [tsconfig, queue] of waiting) {
    if (queue.length > 0) return { files: queue.splice(0, BATCH), tsconfig };
  }
  return undefined;
}
