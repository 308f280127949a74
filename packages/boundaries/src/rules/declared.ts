import { edgesOf, type GraphRule } from '../rule.js';
import { installedPackageOf, packageOf } from '../specifier.js';
import { namesIn, type Workspace } from '../workspace.js';

const DEV_ONLY = ['npm-dev', 'npm-no-pkg', 'npm-unknown'];

/** Production code imports what its package declares under "dependencies". */
export const productionDeclaresWhatItImports: GraphRule = {
  name: 'production-declares-what-it-imports',
  why: 'Whoever installs this package gets its "dependencies" and nothing else: the import fails there.',
  forbid: () => [
    {
      from: { pathNot: ['(^|/)node_modules/', '(^|/)(test|tests|examples)/', '\\.(test|spec)\\.'] },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'],
      },
    },
  ],
  judge(project) {
    const { workspaces } = project;
    return [...edgesOf(project)].flatMap(({ from, to, specifier, kinds }) => {
      const own = project.workspaceOf(from);
      if (own === undefined || !installs(own) || !project.isProduction(from)) return [];
      const sibling = project.workspaceOf(to);
      const isSibling =
        sibling !== undefined && sibling !== own && sibling.folder !== '.' && !to.includes('node_modules/');
      const name = isSibling ? sibling.name : (installedPackageOf(to) ?? packageOf(specifier));
      if (name === undefined || name === own.name || declares(own, name, workspaces)) return [];
      if (!isSibling && !(kinds.some((kind) => DEV_ONLY.includes(kind)) && to.includes('node_modules/'))) return [];
      // A private package ships no declarations: what it knows by type alone is needed nowhere but here.
      if (kinds.includes('type-only') && own.manifest['private'] === true) return [];
      return {
        file: from,
        to,
        specifier,
        message: `Production code imports ${name}, which ${own.manifestPath} does not declare under "dependencies".`,
        instead: `Declare ${name} under "dependencies", or keep it out of production code.`,
      };
    });
  },
};

/** An application that declares no dependency at all bundles everything: nothing is installed with it. */
function installs(own: Workspace): boolean {
  return own.manifest['private'] !== true || namesIn(own, 'dependencies').length > 0;
}

function declares(own: Workspace, name: string, workspaces: readonly Workspace[]): boolean {
  const root = workspaces.find(({ folder }) => folder === '.');
  const fields = ['dependencies', 'peerDependencies', 'optionalDependencies'];
  const declared = [
    ...namesIn(own, ...fields),
    ...(root && root !== own && own.manifest['private'] === true ? namesIn(root, ...fields) : []),
  ];
  return declared.includes(name) || declared.includes(`@types/${name}`);
}
