import { DEFAULT_PLAN } from './default-plan.js';
import { boundariesError } from './errors.js';
import type { FloorPlan, FloorPlanOptions, Layer } from './floor-plan.js';
import { checkShape } from './plan-shape.js';

/**
 * Checks a plan and adds it to the default one. Rows add up: whatever a plan says, the default rows hold as well, so
 * naming a dependency, a module or a package again can only narrow what may be done with it.
 *
 * @throws PLAN_INVALID, naming the field, what was there and what was expected
 */
export function floorPlan(options: FloorPlanOptions): FloorPlan {
  checkShape(options, '');
  checkLayers(options.layers ?? []);
  checkOwners(options);
  checkDeleted(options);
  const { production = {}, reachable } = options;
  const added = <Row>(of: readonly Row[], rows: readonly Row[] | undefined): Row[] => [
    ...of,
    ...(rows ?? []).filter((row) => !of.includes(row)),
  ];
  return Object.freeze({
    layers: options.layers ?? [],
    owners: added(DEFAULT_PLAN.owners, options.owners),
    entries: added(DEFAULT_PLAN.entries, options.entries),
    deleted: added(DEFAULT_PLAN.deleted, options.deleted),
    deprecated: added(DEFAULT_PLAN.deprecated, options.deprecated),
    production: {
      ...(production.files ? { files: production.files } : {}),
      except: added(DEFAULT_PLAN.production.except, production.except),
      testPackages: added(DEFAULT_PLAN.production.testPackages, production.testPackages),
    },
    reachable: { files: reachable?.files ?? [], from: reachable?.from ?? [] },
    standalone: options.standalone ?? [],
    cyclesOfTypes: options.cyclesOfTypes ?? false,
    leaves: options.leaves ?? [],
    sideEffectFree: options.sideEffectFree ?? [],
    unresolved: added(DEFAULT_PLAN.unresolved, options.unresolved),
    conditions: options.conditions ?? [],
  });
}

/** A layer may name those before it alone: an import that goes up cannot even be written down. */
function checkLayers(layers: readonly Layer[]): void {
  for (const [index, { name, imports = [], types = [] }] of layers.entries()) {
    const below = layers.slice(0, index).map((layer) => layer.name);
    if (below.includes(name)) {
      throw boundariesError('PLAN_INVALID', `layers[${index}].name is '${name}' again: each layer has one row.`);
    }
    for (const [field, named] of [...entries('imports', imports), ...entries('types', types)]) {
      if (below.some((layer) => named === layer || named.startsWith(`${layer}/`))) continue;
      const allowed = below.length > 0 ? below.join(', ') : 'none, since it is the lowest';
      throw boundariesError(
        'PLAN_INVALID',
        `layers[${index}].${field} names '${named}', which is not below '${name}'. Below it: ${allowed}.`,
      );
    }
  }
}

function entries(field: string, names: readonly string[]): [string, string][] {
  return names.map((name, index) => [`${field}[${index}]`, name]);
}

function checkOwners({ owners = [] }: FloorPlanOptions): void {
  for (const [index, { files, package: named }] of owners.entries()) {
    if ((files === undefined) === (named === undefined)) {
      throw boundariesError('PLAN_INVALID', `owners[${index}] must say "files" or "package", and not both.`);
    }
  }
}

/** A name of a letter or two would be found everywhere. */
function checkDeleted({ deleted = [] }: FloorPlanOptions): void {
  for (const [index, { module }] of deleted.entries()) {
    if (module.replace(/[^a-z0-9]/gi, '').length >= 6) continue;
    throw boundariesError('PLAN_INVALID', `deleted[${index}].module is '${module}': write six letters or more.`);
  }
}
