import { strict as assert } from 'node:assert';
import { execa } from 'execa';
import type { Family } from './published-packages.js';

export interface ReleaseSettings {
  /** The repository that is released. */
  readonly root: string;
  readonly registry: string;
  readonly env: NodeJS.ProcessEnv;
  readonly tag: string;
  readonly signal: AbortSignal;
}

/** Runs `npm run release` to its end and gives its lines. */
export async function runRelease({ root, registry, env, tag, signal }: ReleaseSettings): Promise<string[]> {
  const args = ['run', '--silent', 'release', '--', '--registry', registry, '--tag', tag];
  const { stdout } = await execa('npm', args, { cwd: root, env, extendEnv: false, cancelSignal: signal, lines: true });
  return stdout;
}

/** Runs it until it has published so many packages, and kills it, and whatever it has started, on the spot. */
export async function killRelease(settings: ReleaseSettings, afterPackages: number): Promise<void> {
  const { root, registry, env, tag, signal } = settings;
  const args = ['run', '--silent', 'release', '--', '--registry', registry, '--tag', tag];
  const options = { cwd: root, env, extendEnv: false, cancelSignal: signal, detached: true, reject: false } as const;
  const child = execa('npm', args, options);
  let published = 0;
  for await (const line of child) {
    if (line.startsWith('published: ')) published += 1;
    if (published === afterPackages && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }
  const { signal: killedBy, stdout } = await child;
  assert.equal(killedBy, 'SIGKILL', `The release was not killed in the middle:\n${stdout}`);
}

/** How a registry shows a family. */
export interface FamilyInRegistry {
  /** Names of the packages that have the version. */
  readonly there: readonly string[];
  /** What each tag of each package points to. */
  readonly tags: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Asks a registry that everybody may read. */
export async function lookUpFamily(registry: string, { version, packages }: Family): Promise<FamilyInRegistry> {
  const there: string[] = [];
  const tags: Record<string, Record<string, string>> = {};
  for (const { name } of packages) {
    const answer = await fetch(registry + name.replace('/', '%2f'));
    // A package that joins the family is nowhere before its first version.
    if (answer.status === 404) continue;
    const seen = (await answer.json()) as { versions: object; 'dist-tags': Record<string, string> };
    if (Object.hasOwn(seen.versions, version)) there.push(name);
    tags[name] = seen['dist-tags'];
  }
  return { there, tags };
}

/** Fails unless a version is there in part, and whoever installs by `tag` still gets the whole version before it. */
export function expectHalf({ there, tags }: FamilyInRegistry, family: Family, tag: string, before: Family): void {
  assert.ok(there.length > 0 && there.length < family.packages.length, `${there.length} packages are there: no half.`);
  for (const { name } of before.packages)
    assert.equal(tags[name]?.[tag], before.version, `${tag} of ${name} has moved.`);
}

/** Fails unless a version is there whole and `tag` points to it everywhere. */
export function expectWholeFamily({ there, tags }: FamilyInRegistry, family: Family, tag: string): void {
  assert.deepEqual(
    there,
    family.packages.map(({ name }) => name),
  );
  for (const { name } of family.packages)
    assert.equal(tags[name]?.[tag], family.version, `${tag} of ${name} has not moved.`);
}
