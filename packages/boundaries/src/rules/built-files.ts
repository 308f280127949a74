import { builtFolderOf } from '../files.js';
import { matcher } from '../pattern.js';
import { productionPatterns } from '../production.js';
import { edgesOf, type GraphRule } from '../rule.js';
import { packageOf } from '../specifier.js';

/** Sources import sources: what a build wrote is reached through a package's name alone. */
export const noBuiltFiles: GraphRule = {
  name: 'no-built-files',
  why: 'What is built is absent in a fresh checkout and stale in any other.',
  forbid: ({ workspaces }) => [
    {
      from: {},
      to: {
        path: [...workspaces.map(({ folder }) => `^${folder === '.' ? '' : `${folder}/`}dist/`), '^\\.\\..*/dist/'],
        dependencyTypesNot: ['aliased-workspace'],
      },
    },
  ],
  judge(project) {
    const isTest = matcher(productionPatterns(project.plan, project.workspaces).except);
    return [...edgesOf(project)].flatMap(({ from, to, specifier, resolved }) => {
      const path = resolved ? to : join(from, specifier);
      if (path.includes('node_modules/')) return [];
      const owner = project.workspaceOf(path);
      const built = builtFolderOf(path, owner?.folder);
      // By its name a package may well be built; a configuration or test that runs what was built says so by path.
      if (built === undefined || packageOf(specifier) === owner?.name || isTest(from)) return [];
      return {
        file: from,
        to: path,
        specifier,
        message: `'${specifier}' imports what a build writes into ${built}.`,
        instead: `Import '${owner?.name}' by name, or the source that it is built from.`,
      };
    });
  },
};

/** Where a path leads that leads nowhere. */
function join(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
