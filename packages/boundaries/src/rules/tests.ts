import { expressionOf } from '../pattern.js';
import { productionPatterns } from '../production.js';
import type { GraphRule, Site } from '../rule.js';
import { installedPackageOf, packageExpressions, packageOf } from '../specifier.js';
import { filesOf } from '../workspace.js';

/** Test code, fixtures, examples and what tests are written with stay out of production. */
export const productionImportsNoTests: GraphRule = {
  name: 'production-imports-no-tests',
  why: 'Tests and examples are not published, and what they fake must never answer a user.',
  forbid: (site) => {
    const { files, except } = productionPatterns(site.plan, site.workspaces);
    const from = {
      path: files.map(expressionOf),
      pathNot: ['(^|/)node_modules/', ...except.map(expressionOf), ...testPackageFolders(site)],
    };
    const libraries = site.plan.production.testPackages.flatMap(packageExpressions);
    return [
      { from, to: { path: except.map(expressionOf), pathNot: ['(^|/)node_modules/', '\\.d\\.[cm]?ts$'] } },
      { from, to: { path: [...libraries, ...testPackageFolders(site)] } },
    ];
  },
  explain({ specifier, to }, { plan }) {
    const name = installedPackageOf(to) ?? packageOf(specifier);
    if (name !== undefined && plan.production.testPackages.includes(name)) {
      return {
        message: `Production code imports ${name}, which is for tests.`,
        instead: 'Take what a test replaces as an argument, and import this in the test.',
      };
    }
    return {
      message: `Production code imports '${specifier}', which is a test, a fixture or an example.`,
      instead: 'Move what production code needs to its source.',
    };
  },
};

/** A package for tests may itself import what tests are written with. */
function testPackageFolders({ plan, workspaces }: Site): string[] {
  return workspaces
    .filter(({ name }) => plan.production.testPackages.includes(name))
    .map((one) => expressionOf(filesOf(one)));
}
