import { join } from 'node:path';
import semver from 'semver';
import type { Npm } from './npm.js';
import type { Family, PublishedPackage } from './published-packages.js';
import { type Registered, registered, registeredIntegrity } from './registered.js';
import { inTemporaryFolder } from './temporary-folder.js';

/**
 * Under which versions wait until their whole family is there. It points to what was published last; nobody installs by it.
 * The first version of a name is the exception: registries make it `latest` too, whatever tag it is published under.
 */
const STAGING_TAG = 'staging';

/** A notice that whoever installs one of these versions is shown. */
export interface RegistryNotice {
  readonly name: string;
  /** A semver range of versions that were published before. */
  readonly range: string;
  readonly message: string;
}

export interface PublishSettings {
  readonly npm: Npm;
  /** The repository, built. */
  readonly root: string;
  /** What moves to the new version once all of it is there: `latest`, `next`. */
  readonly tag: string;
  readonly notices: readonly RegistryNotice[];
  /** Further flags of `npm publish`, such as `--provenance`. */
  readonly flags?: readonly string[];
  readonly print: (line: string) => void;
}

/** What `npm pack --json` says of one package. */
interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly integrity: string;
}

/**
 * Publishes a family, whole or not at all for whoever installs by tag: every package goes up under a tag of its own, and
 * only when the registry has all of them does `tag` move. It may die at any moment and be run again: it asks the registry what
 * is there and does what is left. npm knows no transaction over packages; since each asks for its siblings in exactly its
 * own version, no moment of it installs a mixture. A name that the registry does not know yet is `latest` as soon as it is up.
 *
 * @throws when `tag` points to a later version, when a package is there with other contents, when it is not there after it was published, and what npm says
 */
export async function publishFamily(family: Family, settings: PublishSettings): Promise<void> {
  const { npm, root, print, tag, flags = [] } = settings;
  const { version, packages } = family;
  const before = await readEach(packages, ({ name }) => registered(npm, root, name));
  demandAdvance(family, tag, before);
  const isThere = ({ name }: PublishedPackage): boolean => before.get(name)?.versions.includes(version) === true;
  await inTemporaryFolder(async (folder) => {
    const tarballs = await pack(npm, root, packages, folder);
    const there = packages.filter(isThere);
    const sums = await readEach(there, ({ name }) => registeredIntegrity(npm, root, name, version));
    const differing = there.filter(({ name }) => sums.get(name) !== tarballs.get(name)?.integrity);
    if (differing.length > 0) {
      const names = differing.map(({ name }) => name).join(', ');
      throw new Error(
        `${version} is there with other contents: ${names}. Build the commit that began to publish it, or make a new version.`,
      );
    }
    for (const one of packages) {
      const { name } = one;
      if (isThere(one)) {
        print(`there already: ${name}@${version}`);
        continue;
      }
      const file = join(folder, tarballs.get(name)?.filename ?? '');
      await npm(['publish', file, '--tag', STAGING_TAG, '--ignore-scripts', ...flags], root);
      print(`published: ${name}@${version}`);
    }
  });
  const published = packages.filter((one) => !isThere(one));
  const after = await readEach(published, ({ name }) => registered(npm, root, name));
  const absent = published.filter(({ name }) => !after.get(name)?.versions.includes(version));
  if (absent.length > 0)
    throw new Error(
      `The registry does not show ${absent.map(({ name }) => name).join(', ')} yet. Run it again in a minute.`,
    );
  for (const { name } of packages) {
    const tags = (after.get(name) ?? before.get(name))?.tags;
    if (tags?.[tag] !== version) await npm(['dist-tag', 'add', `${name}@${version}`, tag], root);
    print(`${tag}: ${name}@${version}`);
  }
  for (const { name, range, message } of settings.notices) {
    await npm(['deprecate', `${name}@${range}`, message], root);
    print(`deprecated: ${name}@${range}`);
  }
}

/**
 * Whoever installs by a tag is never given less than before: an old commit, or a correction of the major version before, must not
 * take it over.
 */
function demandAdvance({ version, packages }: Family, tag: string, before: ReadonlyMap<string, Registered>): void {
  for (const { name } of packages) {
    const now = before.get(name)?.tags[tag];
    if (now === undefined || !semver.gt(now, version)) continue;
    throw new Error(
      `${tag} of ${name} is at ${now} already, and this is ${version}. A correction of the major version before gets --tag previous; to take a bad version back, see docs/releasing.md.`,
    );
  }
}

async function readEach<Seen>(
  packages: readonly PublishedPackage[],
  read: (one: PublishedPackage) => Promise<Seen>,
): Promise<ReadonlyMap<string, Seen>> {
  return new Map(await Promise.all(packages.map(async (one) => [one.name, await read(one)] as const)));
}

async function pack(npm: Npm, root: string, packages: readonly PublishedPackage[], folder: string) {
  const chosen = packages.flatMap(({ name }) => ['--workspace', name]);
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, ...chosen];
  const { stdout } = await npm(args, root);
  const packed = new Map((JSON.parse(stdout) as Packed[]).map((one) => [one.name, one]));
  const absent = packages.filter(({ name }) => !packed.has(name));
  if (absent.length > 0) throw new Error(`npm did not pack ${absent.map(({ name }) => name).join(', ')}.`);
  return packed;
}
