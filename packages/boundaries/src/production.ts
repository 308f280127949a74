import { ASIDE } from './default-plan.js';
import type { FloorPlan } from './floor-plan.js';
import { expressionOf, matcher } from './pattern.js';
import type { Workspace } from './workspace.js';

/** Patterns of production code and of what is none although it matches. */
export interface ProductionPatterns {
  readonly files: readonly string[];
  readonly except: readonly string[];
}

/** Where the plan does not say which files are production code, folders such as `examples` of each package are none. */
export function productionPatterns({ production }: FloorPlan, workspaces: readonly Workspace[]): ProductionPatterns {
  if (production.files) return { files: production.files, except: production.except };
  const parents = workspaces
    .filter(({ folder }) => folder !== '.')
    .map(({ folder }) => (folder.includes('/') ? folder.replace(/[^/]+$/, '*/') : `${folder}/`));
  const aside = ['', ...parents].map((prefix) => `${prefix}${ASIDE}/**`);
  return { files: ['**'], except: [...production.except, ...new Set(aside), '**/*.d.{ts,mts,cts}'] };
}

/** Whether a file is production code. */
export function productionTest(plan: FloorPlan, workspaces: readonly Workspace[]): (path: string) => boolean {
  const { files, except } = productionPatterns(plan, workspaces);
  const isIn = matcher(files);
  const isOut = matcher(except);
  return (path) => isIn(path) && !isOut(path);
}

/** {@link productionTest} in the cruiser's words. */
export function productionPaths(
  plan: FloorPlan,
  workspaces: readonly Workspace[],
): { readonly path: string[]; readonly pathNot: string[] } {
  const { files, except } = productionPatterns(plan, workspaces);
  return { path: files.map(expressionOf), pathNot: ['(^|/)node_modules/', ...except.map(expressionOf)] };
}
