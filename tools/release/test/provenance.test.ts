// A tarball is signed with the place that it was built from: the manifests have to name it.
import { expect, test } from 'vitest';
import { demandRepository } from '../src/provenance.js';
import { type Family, readFamily } from '../src/published-packages.js';
import { plant, SMALL } from './planted-repository.js';

const manifest = (name: string): object => SMALL[`packages/${name}/package.json`] as object;

/** The small family, with what its manifests say of their source. */
async function family(base: unknown, above: unknown): Promise<Family> {
  const { root } = plant({
    ...SMALL,
    'packages/base/package.json': { ...manifest('base'), repository: base },
    'packages/above/package.json': { ...manifest('above'), repository: above },
  });
  return readFamily(root);
}

test('S15 manifests without a repository are named before anything is published, with where to read on', async () => {
  const source = 'git+https://github.example/acme/throughline.git';
  const check = async () => demandRepository(await family({ type: 'git', url: source }, undefined), 'acme/throughline');
  await expect(check).rejects.toThrow('manifest of packages/above. See docs/releasing.md');
});

test.each([
  'git+https://github.example/acme/throughline.git',
  'https://github.example/Acme/throughline',
  'git@github.example:acme/throughline.git',
  'github:acme/throughline',
])('%s is the repository that the workflow runs for', async (source) => {
  const both = await family({ type: 'git', url: source }, source);
  expect(() => demandRepository(both, 'acme/throughline')).not.toThrow();
});

test('another repository than that of the workflow is named', async () => {
  const fork = 'git+https://github.example/somebody/throughline.git';
  const check = async () => demandRepository(await family(fork, 'github:acme/throughline'), 'acme/throughline');
  await expect(check).rejects.toThrow(`packages/base (${fork})`);
});

test('by hand nothing can be signed, and it says so', async () => {
  const check = async () => demandRepository(await family('github:acme/one', 'github:acme/one'), undefined);
  await expect(check).rejects.toThrow('without --provenance');
});
