import { realpathSync } from 'node:fs';
import type { ICruiseOptions } from 'dependency-cruiser';
import { type CompiledRule, compileRules } from './compile.js';
import { cruiseOptions } from './cruise.js';
import { DEFAULT_PLAN } from './default-plan.js';
import { listModules } from './files.js';
import type { FloorPlan } from './floor-plan.js';
import { readWorkspaces } from './workspaces.js';

/** Options of {@link preset}. */
export interface PresetOptions {
  /** Made by `floorPlan`. Default: what holds for everybody. */
  readonly plan?: FloorPlan;
  /** The folder in which dependency-cruiser runs: its rules are about paths relative to it. Default: the current one. */
  readonly root?: string;
}

/** A configuration of dependency-cruiser. */
export interface Preset {
  readonly forbidden: CompiledRule[];
  readonly options: ICruiseOptions;
}

/**
 * A floor plan as a configuration of dependency-cruiser, for its pictures, editors and reports. As a gate call the
 * command `throughline-boundaries check`: dependency-cruiser exits 0 on 256 errors, on TypeScript that it cannot read, on no
 * files, and where a configuration names a rule again in order to switch it off; and imports do not show everything.
 */
export function preset({ plan = DEFAULT_PLAN, root = process.cwd() }: PresetOptions = {}): Preset {
  const { workspaces } = readWorkspaces(root, listModules(realpathSync(root)).manifests);
  const forbidden = compileRules({ plan, workspaces });
  const { baseDir: _root, ruleSet: _rules, validate: _validate, ...options } = cruiseOptions(root, [], plan.conditions);
  return { forbidden, options: { ...options, doNotFollow: { path: ['(^|/)node_modules/', '(^|/)dist/'] } } };
}
