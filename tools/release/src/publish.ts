import { join } from 'node:path';
import type { Npm } from './npm.js';
import type { Family, PublishedPackage } from './published-packages.js';
import { inTemporaryFolder } from './temporary-folder.js';

/**
 * Under which versions wait until their whole family is there. It points to what was published last; nobody installs by it.
 * The first version of a name is the exception: registries make it `latest` too, whatever tag it is published under.
 */
const STAGING_TAG = 'staging';

/** What the registry says of one package. */
interface Registered {
  /** The checksum of the version, when it is there. */
  readonly integrity: string | undefined;
  /** When it is there. */
  readonly tags: Readonly<Record<string, string>>;
}

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
 * @throws when a package is there with other contents, when it is not there after it was published, and what npm says
 */
export async function publishFamily(family: Family, settings: PublishSettings): Promise<void> {
  const { npm, root, print, tag, flags = [] } = settings;
  const { version, packages } = family;
  await inTemporaryFolder(async (folder) => {
    const tarballs = await pack(npm, root, packages, folder);
    const before = await registeredFamily(npm, root, family);
    const differing = packages.filter(({ name }) => {
      const integrity = before.get(name)?.integrity;
      return integrity !== undefined && integrity !== tarballs.get(name)?.integrity;
    });
    if (differing.length > 0) {
      const names = differing.map(({ name }) => name).join(', ');
      throw new Error(
        `${version} is there with other contents: ${names}. Build the commit that began to publish it, or make a new version.`,
      );
    }
    for (const { name } of packages) {
      if (before.get(name)?.integrity !== undefined) {
        print(`there already: ${name}@${version}`);
        continue;
      }
      const file = join(folder, tarballs.get(name)?.filename ?? '');
      await npm(['publish', file, '--tag', STAGING_TAG, '--ignore-scripts', ...flags], root);
      print(`published: ${name}@${version}`);
    }
  });
  const after = await registeredFamily(npm, root, family);
  const absent = packages.filter(({ name }) => after.get(name)?.integrity === undefined);
  if (absent.length > 0)
    throw new Error(
      `The registry does not show ${absent.map(({ name }) => name).join(', ')} yet. Run it again in a minute.`,
    );
  for (const { name } of packages) {
    const { tags } = after.get(name) as Registered;
    if (tags[tag] !== version) await npm(['dist-tag', 'add', `${name}@${version}`, tag], root);
    print(`${tag}: ${name}@${version}`);
  }
  for (const { name, range, message } of settings.notices) {
    await npm(['deprecate', `${name}@${range}`, message], root);
    print(`deprecated: ${name}@${range}`);
  }
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

/** What the registry has of a family. */
async function registeredFamily(npm: Npm, root: string, { version, packages }: Family) {
  const found = await Promise.all(packages.map(async ({ name }) => [name, await registered(npm, root, name, version)]));
  return new Map(found as [string, Registered][]);
}

async function registered(npm: Npm, root: string, name: string, version: string): Promise<Registered> {
  const seen = await view(npm, root, [`${name}@${version}`, 'dist.integrity', 'dist-tags']);
  const { 'dist.integrity': integrity, 'dist-tags': tags = {} } = seen ?? {};
  return { integrity, tags };
}

/** What `npm view --json` prints. */
interface Seen {
  readonly 'dist.integrity'?: string;
  readonly 'dist-tags'?: Readonly<Record<string, string>>;
}

/** `undefined` when the registry knows no such package or version. */
async function view(npm: Npm, root: string, args: readonly string[]): Promise<Seen | undefined> {
  try {
    const { stdout } = await npm(['view', ...args, '--json', '--prefer-online'], root);
    return stdout === '' ? undefined : (JSON.parse(stdout) as Seen);
  } catch (error) {
    if (/\bE404\b/.test((error as Error).message)) return undefined;
    throw error;
  }
}
