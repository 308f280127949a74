import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DEFAULT_PLAN } from './default-plan.js';
import { boundariesError } from './errors.js';
import type { FloorPlan, FloorPlanOptions } from './floor-plan.js';
import { floorPlan } from './plan.js';

/** Where a plan is looked for, in the root. */
const CONFIG_FILES: readonly string[] = ['throughline.boundaries.mjs', 'throughline.boundaries.js'];

/**
 * The plan of a root: what its file exports by default, or the default plan where there is no file. The file is checked
 * here even if it called `floorPlan` itself, so that nothing but a plan can stand for one.
 *
 * @throws CONFIG_UNREADABLE when the file cannot be loaded or exports no plan; PLAN_INVALID
 */
export async function loadPlan(root: string, file?: string): Promise<FloorPlan> {
  const found = CONFIG_FILES.filter((name) => existsSync(join(root, name)));
  if (file === undefined && found.length > 1) {
    throw boundariesError('CONFIG_UNREADABLE', `There are ${found.join(' and ')}: keep one of them.`);
  }
  const name = file ?? found[0];
  if (name === undefined) return DEFAULT_PLAN;
  const exported = await load(resolve(root, name), name);
  if (typeof exported !== 'object' || exported === null || Object.keys(exported).length === 0) {
    const hint = "export default floorPlan({ … }), with floorPlan of '@throughline/boundaries'";
    throw boundariesError('CONFIG_UNREADABLE', `${name} exports no plan: write ${hint}.`);
  }
  return floorPlan(exported as FloorPlanOptions);
}

async function load(path: string, name: string): Promise<unknown> {
  if (!existsSync(path)) throw boundariesError('CONFIG_UNREADABLE', `There is no ${name}.`);
  try {
    return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
  } catch (error) {
    throw boundariesError(
      'CONFIG_UNREADABLE',
      `${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
