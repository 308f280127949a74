import { type Baseline, compareBaseline, type KnownViolation } from './baseline.js';
import { compileRules } from './compile.js';
import { readsTypeScript } from './cruise.js';
import { DEFAULT_PLAN } from './default-plan.js';
import type { FloorPlan } from './floor-plan.js';
import { judgeGraph, judgeSyntax, type Rules, sorted } from './judge.js';
import { openProject } from './open-project.js';
import type { Project } from './project.js';
import { ALL_RULES } from './rules.js';
import { openSources, type Sources } from './sources.js';
import { type OnProgress, survey } from './survey.js';
import { turn } from './turn.js';
import type { Violation } from './violation.js';
import { readWorkspaces } from './workspaces.js';

/** Options of {@link checkBoundaries}. */
export interface CheckOptions {
  /** The folder that holds the root manifest. Default: the current one. */
  readonly root?: string;
  /** What to judge, relative to the root. Default: all of it. What these import is read as well, but not judged. */
  readonly paths?: readonly string[];
  /** Made by `floorPlan`. Default: what holds for everybody. */
  readonly plan?: FloorPlan;
  /** Violations that are known and may stay for now. */
  readonly baseline?: Baseline;
  readonly onProgress?: OnProgress;
  /**
   * Remember in `node_modules/.cache` which imports were read from which text, and where they led. Default: false; the
   * command does.
   */
  readonly cached?: boolean;
}

/** What a check found. It is clean only where both lists are empty. */
export interface Verdict {
  /** Those that no baseline knows. */
  readonly violations: readonly Violation[];
  /** Why the verdict is not complete: what was not read or not judged. */
  readonly problems: readonly string[];
  /** All violations, known ones too. */
  readonly all: readonly Violation[];
  /** Rows of the baseline that occur no longer, and must go: it may only shrink. */
  readonly gone: readonly KnownViolation[];
  readonly files: number;
  readonly imports: number;
  /** Names of the rules that were applied. */
  readonly rules: readonly string[];
}

const FILES_PER_TURN = 100;

/** What tests replace in order to show that the check cannot pass by accident. */
export interface CheckPorts {
  readonly readsTypeScript: () => boolean | Promise<boolean>;
  readonly rules: Rules;
}

const PORTS: CheckPorts = { readsTypeScript, rules: ALL_RULES };

/**
 * Judges a repository by a plan. It never calls a repository clean of which it did not read every module: whatever
 * stood in the way is a problem of the verdict.
 *
 * @throws PATH_UNKNOWN
 */
export async function checkBoundaries(options: CheckOptions = {}, ports: CheckPorts = PORTS): Promise<Verdict> {
  const { plan = DEFAULT_PLAN, baseline, onProgress, cached } = options;
  const { rules, readsTypeScript: canRead } = ports;
  const names = [...rules.graph, ...rules.syntax, ...rules.manifest].map(({ name }) => name);
  const sources = openSources(options.root ?? process.cwd(), options.paths ?? []);
  const { workspaces, problems: unread } = readWorkspaces(sources.root, sources.manifests);
  const before = [...whatCannotBeChecked(sources, names), ...sources.problems, ...unread];
  const site = { plan, workspaces };
  const compiled = compileRules(
    site,
    rules.graph.filter(({ explain }) => explain),
  );
  const surveyed = await survey(sources, site, compiled, { onProgress, cached, readsTypeScript: canRead });
  const project = openProject(sources, site, surveyed);
  const chosen = new Set(sources.chosen);
  const found = [...judgeGraph(surveyed.modules, rules, project)];
  // What is imported out of a hidden or a built folder is code of this repository as well.
  const judged = sources.isWhole ? [...new Set([...sources.chosen, ...surveyed.modules.keys()])] : sources.chosen;
  for (const [index, path] of judged.entries()) {
    if (index % FILES_PER_TURN === 0) await turn();
    const file = sources.parse(path);
    if (file !== undefined) found.push(...judgeSyntax(file, rules.syntax, project));
  }
  const all = sorted(found.filter(({ file }) => sources.isWhole || chosen.has(file)));
  const { unknown, gone } = compareBaseline(all, baseline, (file) => sources.isWhole || chosen.has(file));
  return {
    violations: unknown,
    all,
    gone,
    problems: [...new Set([...before, ...surveyed.problems, ...noProduction(project, sources)])],
    files: chosen.size,
    imports: [...surveyed.modules.values()].reduce((sum, imports) => sum + imports.length, 0),
    rules: [...new Set(names)],
  };
}

function whatCannotBeChecked({ chosen }: Sources, names: readonly string[]): string[] {
  return [
    ...(chosen.length === 0 ? ['No module was found: nothing was checked. Name a folder with .js or .ts files.'] : []),
    ...(names.length === 0 ? ['There are no rules: nothing was checked.'] : []),
  ];
}

/** A plan by which nothing is production code would switch half of the rules off. */
function noProduction({ isProduction, graph, plan }: Project, { isWhole }: Sources): string[] {
  if (!isWhole || graph.modules.size === 0 || !plan.production.files) return [];
  if ([...graph.modules.keys()].some(isProduction)) return [];
  return ['No module is production code by the plan: correct production.files and production.except.'];
}
