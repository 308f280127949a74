import { relative } from 'node:path';
import { getPackages } from '@manypkg/get-packages';

/** A package that goes to the registry. */
export interface PublishedPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute. */
  readonly folder: string;
  /** Relative to the root, with slashes: `packages/core`. */
  readonly path: string;
  /** The other published packages that it needs, with the range it asks for. */
  readonly needs: ReadonlyMap<string, string>;
  /** Where its manifest says that its source is. */
  readonly repository: string | undefined;
}

/** The packages of one release. */
export interface Family {
  readonly version: string;
  /** Each behind all that it needs. */
  readonly packages: readonly PublishedPackage[];
}

/**
 * What the repository publishes, in the order in which it must be published.
 *
 * @throws when there is nothing to publish, when the packages do not share one version, when one asks for another version of
 *   a sibling than the one published with it, and when they need each other in a circle
 */
export async function readFamily(root: string): Promise<Family> {
  const { packages } = await getPackages(root);
  const published = packages.filter(({ packageJson }) => packageJson.private !== true);
  const names = new Set(published.map(({ packageJson }) => packageJson.name));
  const members = published.map(({ dir, packageJson }): PublishedPackage => {
    const { name, version, dependencies = {}, peerDependencies = {} } = packageJson;
    const needs = Object.entries({ ...peerDependencies, ...dependencies }).filter(([needed]) => names.has(needed));
    const path = relative(root, dir).replaceAll('\\', '/');
    return { name, version, folder: dir, path, needs: new Map(needs), repository: repositoryOf(packageJson) };
  });
  const [first] = members;
  if (first === undefined) throw new Error(`${root} publishes nothing: every workspace is private.`);
  const { version } = first;
  const problems = members.flatMap((member) => problemsOf(member, version));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return { version, packages: inOrder(members) };
}

/** npm takes an address, or an object that has one. */
function repositoryOf(manifest: object): string | undefined {
  const { repository } = manifest as { readonly repository?: string | { readonly url?: string } };
  return typeof repository === 'string' ? repository : repository?.url;
}

function problemsOf({ name, version, needs, path }: PublishedPackage, shared: string): string[] {
  const own =
    version === shared ? [] : [`${path}: ${name} is ${version}, others are ${shared}. They share one version.`];
  const foreign = [...needs]
    .filter(([, range]) => range !== shared)
    .map(
      ([needed, range]) =>
        `${path} needs ${needed} ${range}: it must be exactly ${shared}. Run: npm run release:version`,
    );
  return [...own, ...foreign];
}

function inOrder(members: readonly PublishedPackage[]): PublishedPackage[] {
  const ordered: PublishedPackage[] = [];
  const left = [...members].sort((one, other) => (one.name < other.name ? -1 : 1));
  while (left.length > 0) {
    const next = left.findIndex(({ needs }) => left.every(({ name }) => !needs.has(name)));
    if (next === -1) throw new Error(`They need each other in a circle: ${left.map(({ name }) => name).join(', ')}`);
    ordered.push(...left.splice(next, 1));
  }
  return ordered;
}
