import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Npm } from './npm.js';
import { inTemporaryFolder } from './temporary-folder.js';

/** The parts of an installed manifest that say what else is needed. */
interface Installed {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * The folders of what is installed from other people, that the packages in `folders` need wherever they are installed, and
 * that it needs in turn. What is missing is left out if it is optional (binaries of other platforms).
 *
 * @param extra names that are wanted too, as they are installed at `root`
 */
export async function thirdPartyFolders(
  root: string,
  folders: readonly string[],
  extra: readonly string[],
): Promise<string[]> {
  const found = new Set<string>();
  const search = async (name: string, from: string, optional: boolean): Promise<void> => {
    const folder = await installedFolder(name, from);
    if (folder === undefined) {
      if (optional) return;
      throw new Error(`${name} is not installed, though ${from} needs it. Run: npm ci`);
    }
    if (found.has(folder)) return;
    found.add(folder);
    await searchAll(folder);
  };
  const searchAll = async (folder: string): Promise<void> => {
    const { dependencies, optionalDependencies, peerDependencies } = await manifestOf(folder);
    const optional = new Set([...Object.keys(optionalDependencies ?? {}), ...Object.keys(peerDependencies ?? {})]);
    for (const name of new Set([...Object.keys(dependencies ?? {}), ...optional])) {
      if (!name.startsWith('@throughline/')) await search(name, folder, optional.has(name));
    }
  };
  for (const folder of folders) await searchAll(folder);
  for (const name of extra) await search(name, root, false);
  return [...found];
}

/** Node's way of looking for a package: in `node_modules` here, then further up. */
async function installedFolder(name: string, from: string): Promise<string | undefined> {
  const candidate = join(from, 'node_modules', name);
  if ((await stat(join(candidate, 'package.json')).catch(() => undefined)) !== undefined) return candidate;
  return dirname(from) === from ? undefined : installedFolder(name, dirname(from));
}

async function manifestOf(folder: string): Promise<Installed> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Installed;
}

/**
 * Publishes what is installed, packed again, to a registry of one's own: what the lock file pinned and `npm ci` checked is what
 * consumers get there, and nothing is fetched from anywhere.
 */
export async function publishInstalled(
  folders: readonly string[],
  npm: Npm,
  registry: { readonly url: string; readonly token: string },
): Promise<void> {
  await inTemporaryFolder(async (destination) => {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination];
    const { stdout } = await npm([...args, ...folders], destination);
    const packed = JSON.parse(stdout) as { id: string; filename: string; integrity: string }[];
    // The same version may be installed in several places.
    const manifests = new Map(
      (await Promise.all(folders.map(manifestOf))).map((manifest) => [
        `${manifest.name}@${manifest.version}`,
        manifest,
      ]),
    );
    for (const [id, manifest] of manifests) {
      const tarball = packed.find((one) => one.id === id);
      if (tarball === undefined) throw new Error(`npm did not pack ${id}.`);
      await put(registry, manifest, await readFile(join(destination, tarball.filename)), tarball.integrity);
    }
  });
}

/** The document with which npm publishes, without npm: one process for each of a hundred packages would take minutes. */
async function put(
  { url, token }: { readonly url: string; readonly token: string },
  manifest: Installed,
  data: Buffer,
  integrity: string,
): Promise<void> {
  const { name, version } = manifest;
  const file = `${name}-${version}.tgz`;
  const dist = {
    integrity,
    shasum: createHash('sha1').update(data).digest('hex'),
    tarball: `${url}${name}/-/${file}`,
  };
  const document = {
    _id: name,
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
    _attachments: {
      [file]: { content_type: 'application/octet-stream', data: data.toString('base64'), length: data.length },
    },
  };
  const answer = await fetch(url + name.replace('/', '%2f'), {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(document),
  });
  if (!answer.ok) throw new Error(`The registry refused ${name} ${version}: ${answer.status} ${await answer.text()}`);
}
