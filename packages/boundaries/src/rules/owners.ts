import type { Owner } from '../floor-plan.js';
import { expressionOf } from '../pattern.js';
import { productionPaths } from '../production.js';
import type { Forbidden, GraphRule, Site } from '../rule.js';
import { packageExpressions } from '../specifier.js';
import { filesOf } from '../workspace.js';

/** One owner per dependency. */
export const oneOwner: GraphRule = {
  name: 'one-owner',
  why: 'A library that two places use is soon used in two ways.',
  forbid: (site) => {
    // Libraries of one owner are one rule: the cruiser reads a rule's expressions anew for each batch of files.
    const groups = new Map<string, Owner[]>();
    for (const owner of site.plan.owners) {
      const key = JSON.stringify([owner.files, owner.package, owner.within]);
      groups.set(key, [...(groups.get(key) ?? []), owner]);
    }
    return [...groups.values()].map((owners) => forbidden(owners, site));
  },
  explain({ from, to, specifier }, site) {
    // The row that this import breaks; of several the last, which is the plan's own.
    const rows = site.plan.owners.filter((owner) => breaks(from, to, forbidden([owner], site)));
    const owner = rows.at(-1);
    return {
      message: `'${specifier}' is imported here, and ${owner?.package ?? owner?.files?.join(', ')} alone may import ${owner?.dependency}.`,
      instead: owner?.instead ?? '',
      ...(owner ? { why: owner.why } : {}),
    };
  },
};

function forbidden(rows: readonly Owner[], site: Site): Forbidden {
  const { files = [], package: name, within } = rows[0] ?? {};
  const production = productionPaths(site.plan, site.workspaces);
  const folders = site.workspaces.filter((one) => one.name === name).map(filesOf);
  const owners = [...files, ...folders].map(expressionOf);
  return {
    from: {
      path: within ? within.map(expressionOf) : production.path,
      pathNot: [...(within ? [] : production.pathNot), ...owners],
    },
    to: { path: rows.flatMap(({ dependency }) => packageExpressions(dependency)) },
  };
}

function breaks(from: string, to: string, rule: Forbidden): boolean {
  const some = (expressions: string | string[] | undefined, path: string): boolean =>
    [expressions ?? []].flat().some((expression) => new RegExp(expression).test(path));
  return some(rule.from.path, from) && !some(rule.from.pathNot, from) && some(rule.to.path, to);
}
