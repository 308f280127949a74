import { entriesOf } from '../package-entries.js';
import { matcher } from '../pattern.js';
import type { Project } from '../project.js';
import { type Edge, edgesOf, type GraphRule } from '../rule.js';
import { isPath, packageOf } from '../specifier.js';
import { namesIn } from '../workspace.js';

/** An import must lead somewhere: what cannot be followed cannot be judged. */
export const noUnresolvable: GraphRule = {
  name: 'no-unresolvable',
  why: 'An import that leads nowhere fails when it runs, and until then nobody can say what it would have loaded.',
  forbid: ({ plan }) => [
    { from: {}, to: { couldNotResolve: true, pathNot: plan.unresolved.map(specifierExpression) } },
  ],
  judge(project) {
    const isKnown = matcher(project.plan.unresolved);
    return [...edgesOf(project)]
      .filter((edge) => !edge.resolved && !isKnown(edge.specifier) && !isExpected(edge, project))
      .map(({ from, to, specifier }) => ({
        file: from,
        to,
        specifier,
        message: `'${specifier}' leads nowhere.`,
        instead: isPath(specifier)
          ? 'Correct the path, or delete the import of what was deleted.'
          : 'Install and declare the package, import one of its entries, or tell the plan of it in "unresolved".',
      }));
  },
};

/** What is declared and merely not installed or not built is no fault of the import. */
function isExpected({ from, specifier }: Edge, { workspaces, workspaceOf }: Project): boolean {
  if (/^[a-z][a-z0-9+.-]*:/.test(specifier) && !/^(file|node):/.test(specifier)) return true;
  if (
    /\.(css|scss|sass|less|svg|png|jpe?g|gif|webp|avif|ico|woff2?|ttf|mp[34]|wasm|glsl|txt|md|mdx|html|graphql|gql|vue|svelte|astro)(\?.*)?$/.test(
      specifier,
    )
  ) {
    return !isPath(specifier) || /\?/.test(specifier) || /\.(vue|svelte|astro|mdx)$/.test(specifier);
  }
  const name = packageOf(specifier);
  if (name === undefined) return false;
  const sibling = workspaces.find((one) => one.name === name);
  if (sibling) {
    const opened = entriesOf(sibling);
    if (opened === undefined) return ['main', 'module', 'types', 'browser'].some((field) => field in sibling.manifest);
    return opened.some((entry) => matcher([entry.specifier.replaceAll('*', '**')])(specifier));
  }
  const own = workspaceOf(from);
  const declared = [own, workspaces.find(({ folder }) => folder === '.')]
    .filter((one) => one !== undefined)
    .flatMap((one) => namesIn(one, 'dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'));
  return declared.includes(name) || declared.includes(`@types/${name}`);
}

function specifierExpression(pattern: string): string {
  return `^${pattern.replace(/[.+?^$()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`;
}
