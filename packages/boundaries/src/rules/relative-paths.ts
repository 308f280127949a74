import { edgesOf, type GraphRule } from '../rule.js';
import { isPath } from '../specifier.js';
import { parentsOf } from '../workspace.js';

/** A package is named, never reached by a path that climbs out of the workspace. */
export const noRelativePathToAnotherPackage: GraphRule = {
  name: 'no-relative-path-to-another-package',
  why: 'A path that leaves the package works in this checkout and breaks once it is published or deployed alone.',
  forbid: ({ workspaces }) =>
    parentsOf(workspaces).map((parent) => ({
      from: { path: [`^(${parent}/[^/]+)/`] },
      to: {
        path: parentsOf(workspaces).map((other) => `^${other}/[^/]+/`),
        pathNot: ['^$1/'],
        dependencyTypes: ['local' as const],
        dependencyTypesNot: ['aliased-workspace' as const],
      },
    })),
  judge(project) {
    return [...edgesOf(project)].flatMap(({ from, to, specifier }) => {
      if (!isPath(specifier)) return [];
      const target = project.workspaceOf(to);
      const own = project.workspaceOf(from);
      if (target === undefined || own === undefined || target === own || target.folder === '.') return [];
      // The root's own scripts and configuration belong to no package that could be published.
      if (own.folder === '.' && !/^(src|lib|app)\//.test(from)) return [];
      return {
        file: from,
        to,
        specifier,
        message: `'${specifier}' leaves ${own.folder} for ${target.folder}.`,
        instead: `Import '${target.name}' by name and declare it in "dependencies" of ${own.manifestPath}.`,
      };
    });
  },
};
