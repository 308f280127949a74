import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type PublishedPackage, readFamily } from './published-packages.js';

interface Component {
  readonly 'bom-ref': string;
  readonly purl: string;
  readonly licenses?: readonly unknown[];
  readonly hashes?: readonly unknown[];
}

/** The parts of a CycloneDX document that are read here. */
export interface BillOfMaterials {
  readonly bomFormat: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * Writes a CycloneDX document for each package of the repository: everything that is installed with it, pinned as in the
 * lock, with checksums and licences. Gives the paths.
 */
export async function writeBillsOfMaterials(root: string, folder: string): Promise<string[]> {
  const { version, packages } = await readFamily(root);
  const workspaces = packages.flatMap(({ name }) => ['--workspace', name]);
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'library', '--package-lock-only', ...workspaces];
  const { stdout } = await execa('npm', args, { cwd: root, stdin: 'ignore' });
  const everything = JSON.parse(stdout) as BillOfMaterials;
  const wanted = new Map(await Promise.all(packages.map(async (one) => [refOf(one), await neededBy(one)] as const)));
  await mkdir(folder, { recursive: true });
  return Promise.all(
    packages.map(async (one) => {
      const path = join(folder, `${one.name.slice(1).replace('/', '-')}-${version}.cdx.json`);
      await writeFile(path, `${JSON.stringify(billOf(everything, refOf(one), wanted), undefined, 2)}\n`);
      return path;
    }),
  );
}

function refOf({ name, version }: PublishedPackage): string {
  return `${name}@${version}`;
}

/** Names that are installed with a package of ours. Those that it is developed with are in npm's document too. */
async function neededBy({ folder }: PublishedPackage): Promise<ReadonlySet<string>> {
  const {
    dependencies = {},
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly dependencies?: object;
    readonly peerDependencies?: object;
    readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  };
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return new Set([...Object.keys(dependencies), ...peers]);
}

/** npm describes the whole repository; a bill is of one package. */
function billOf(
  everything: BillOfMaterials,
  own: string,
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
): BillOfMaterials {
  const { metadata, components, dependencies, ...rest } = everything;
  const edges = new Map(
    dependencies.map(({ ref, dependsOn }) => {
      const names = wanted.get(ref);
      return [ref, names === undefined ? dependsOn : dependsOn.filter((one) => names.has(nameOf(one)))];
    }),
  );
  const reached = new Set<string>([own]);
  for (const ref of reached) for (const next of edges.get(ref) ?? []) reached.add(next);
  const component = components.find((one) => one['bom-ref'] === own);
  if (component === undefined) throw new Error(`npm sbom does not know ${own}.`);
  return {
    ...rest,
    metadata: { ...metadata, component },
    components: components.filter((one) => one !== component && reached.has(one['bom-ref'])),
    dependencies: [...reached].map((ref) => ({ ref, dependsOn: edges.get(ref) ?? [] })),
  };
}

/** `@scope/name@1.0.0` and `name@1.0.0` without the version. */
function nameOf(ref: string): string {
  return ref.slice(0, ref.indexOf('@', 1));
}
