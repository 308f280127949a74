// A version is there whole, or nobody is given it. With a real registry and the real npm.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FamilyInRegistry, lookUpFamily } from '../src/interrupted-release.js';
import { loopbackNpm, type Npm } from '../src/npm.js';
import { type PublishSettings, publishFamily } from '../src/publish.js';
import { type Family, readFamily } from '../src/published-packages.js';
import { installRegistry, type LocalRegistry, startRegistry } from '../src/registry-process.js';
import { inTemporaryFolder } from '../src/temporary-folder.js';
import { type Files, type Planted, plant, SMALL, temporaryFolder } from './planted-repository.js';

const LIMIT_MS = 300_000;
const { signal } = new AbortController();
let registry: LocalRegistry;
let end = (): void => undefined;
let ended: Promise<void>;
let families = 0;

beforeAll(async () => {
  await installRegistry(() => undefined);
  await new Promise<void>((resolve, reject) => {
    ended = inTemporaryFolder(async (folder) => {
      await using started = await startRegistry(folder, signal);
      registry = started;
      resolve();
      await new Promise<void>((stop) => {
        end = stop;
      });
    });
    ended.catch(reject);
  });
}, LIMIT_MS);

afterAll(async () => {
  end();
  await ended;
});

/** Two packages with names that this registry has not seen, and npm towards it. */
async function start(files: Files = {}): Promise<{ planted: Planted; npm: Npm; lines: string[]; names: string[] }> {
  families += 1;
  const names = ['base', 'above'].map((name) => `@throughline/${name}-${families}`);
  const text = JSON.stringify({ ...SMALL, ...files });
  const planted = plant(JSON.parse(text.replaceAll(/@throughline\/(base|above)/g, `$&-${families}`)) as Files);
  const { npm } = await loopbackNpm(registry.url, registry.token, join(temporaryFolder(), 'home'), signal);
  return { planted, npm, lines: [], names };
}

const settings = (root: string, npm: Npm, lines: string[], more: Partial<PublishSettings> = {}): PublishSettings => ({
  npm,
  root,
  tag: 'latest',
  notices: [],
  print: (line) => void lines.push(line),
  ...more,
});

test('S6 what dies half-way moves no tag, is completed by running it again, and tells who stays behind', {
  timeout: LIMIT_MS,
}, async () => {
  const { planted, npm, lines, names } = await start();
  const { root } = planted;
  const [base = '', above = ''] = names;
  await publishFamily(await readFamily(root), settings(root, npm, lines));
  const next = await atVersion(planted, '1.1.0');
  const dying: Npm = (args, cwd) => {
    if (args[0] === 'publish' && args[1]?.includes('above')) throw new Error('the power went');
    return npm(args, cwd);
  };
  await expect(publishFamily(next, settings(root, dying, lines))).rejects.toThrow('the power went');
  const half = await lookUpFamily(registry.url, next);
  expect(half.there).toEqual([base]);
  expect(latestOf(half)).toEqual({ [base]: '1.0.0', [above]: '1.0.0' });

  lines.length = 0;
  const notices = [{ name: base, range: '<1.1.0', message: 'Superseded: see docs.' }];
  await publishFamily(next, settings(root, npm, lines, { notices }));
  expect(lines.slice(0, 2)).toEqual([`there already: ${base}@1.1.0`, `published: ${above}@1.1.0`]);
  const whole = await lookUpFamily(registry.url, next);
  expect(whole.there).toEqual(names);
  expect(latestOf(whole)).toEqual({ [base]: '1.1.0', [above]: '1.1.0' });

  // What npm shows whoever installs one of them is read from here; the rehearsal installs.
  const { versions } = (await (await fetch(registry.url + base.replace('/', '%2f'))).json()) as {
    versions: Record<string, { deprecated?: string }>;
  };
  expect(versions['1.0.0']?.deprecated).toBe('Superseded: see docs.');
  expect(versions['1.1.0']).not.toHaveProperty('deprecated');
});

test('S13 other contents under a version are refused, a candidate leaves latest alone, and nothing moves it back', {
  timeout: LIMIT_MS,
}, async () => {
  const { planted, npm, lines, names } = await start();
  const { root } = planted;
  const [base = '', above = ''] = names;
  const family = await readFamily(root);
  const first = ({ version, packages }: Family): Family => ({ version, packages: packages.slice(0, 1) });
  await publishFamily(first(family), settings(root, npm, lines));
  planted.write({ 'packages/base/dist/index.js': 'export const base = 3;\n' });
  await expect(publishFamily(family, settings(root, npm, lines))).rejects.toThrow(`other contents: ${base}`);
  expect(lines).not.toContain(`published: ${above}@1.0.0`);

  const candidate = await atVersion(planted, '1.1.0-next.0');
  await publishFamily(first(candidate), settings(root, npm, lines, { tag: 'next' }));
  const { there, tags } = await lookUpFamily(registry.url, candidate);
  expect(there).toEqual([base]);
  expect(tags[base]).toMatchObject({ latest: '1.0.0', next: '1.1.0-next.0' });

  lines.length = 0;
  const correction = await atVersion(planted, '0.9.1');
  const refusal = publishFamily(correction, settings(root, npm, lines));
  await expect(refusal).rejects.toThrow(`latest of ${base} is at 1.0.0 already, and this is 0.9.1`);
  expect(lines).toEqual([]);
});

function latestOf({ tags }: FamilyInRegistry): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(tags).map(([name, { latest }]) => [name, latest]));
}

/** The family at another version, as a changeset would have made it. */
async function atVersion({ root, write }: Planted, version: string): Promise<Family> {
  for (const { path, needs } of (await readFamily(root)).packages) {
    const manifest = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as object;
    const dependencies = Object.fromEntries([...needs.keys()].map((name) => [name, version]));
    write({ [`${path}/package.json`]: { ...manifest, version, dependencies } });
  }
  return readFamily(root);
}
