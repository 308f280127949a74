// What users read of a version, and what its channels are called.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lastReleaseTag } from '../src/last-release.js';
import { readFamily } from '../src/published-packages.js';
import { makeVersion } from '../src/version.js';
import { type Files, type Planted, plant, SMALL } from './planted-repository.js';

const LIMIT_MS = 300_000;

const changeset = (front: string, text: string) => `---\n${front}---\n\n${text}\n`;
const read = ({ root }: Planted, path: string): string => readFileSync(join(root, path), 'utf8');

/** A planted repository in which `changeset` can be found. */
function repository(changesets: Readonly<Record<string, string>>, more: Files = {}): Planted {
  const files = Object.entries(changesets).map(([name, text]) => [`.changeset/${name}.md`, text]);
  return plant({ ...SMALL, ...more, ...Object.fromEntries(files) });
}

/** The package whose changelog tells of deprecations, and a script that prints what it is asked instead of answering. */
const DEPRECATING: Files = {
  'package.json': { ...(SMALL['package.json'] as object), scripts: { deprecations: 'echo "### Deprecations" of' } },
  'packages/compat/package.json': { name: '@throughline/compat', version: '1.0.0', license: 'MIT' },
};

test('S13 a changelog says what changed, and in one line what to do about it', { timeout: LIMIT_MS }, async () => {
  const planted = repository({
    one: changeset(
      "'@throughline/base': major\n",
      'Base counts from two.\n\n- It used to count from one.\n\nMigration: `npx throughline-migrate base`',
    ),
    two: changeset("'@throughline/base': patch\n", 'Counting is faster.'),
  });
  const { version } = await makeVersion(planted.root);
  expect(version).toBe('2.0.0');
  expect(read(planted, 'packages/base/CHANGELOG.md')).toBe(
    [
      '# @throughline/base',
      '## 2.0.0',
      '### Major Changes',
      '- Base counts from two.',
      '  - It used to count from one.',
      '  **Migration:** `npx throughline-migrate base`',
      '### Patch Changes',
      '- Counting is faster.\n',
    ].join('\n\n'),
  );
  expect(read(planted, 'packages/above/CHANGELOG.md')).toContain('Nothing changed here');
});

test('all packages move together, ask for each other exactly, and the lock follows', {
  timeout: LIMIT_MS,
}, async () => {
  const planted = repository({ one: changeset("'@throughline/base': minor\n", 'Base counts to two.') });
  const { packages } = await makeVersion(planted.root);
  expect(packages.map(({ name, version, needs }) => ({ name, version, needs: [...needs] }))).toEqual([
    { name: '@throughline/base', version: '1.1.0', needs: [] },
    { name: '@throughline/above', version: '1.1.0', needs: [['@throughline/base', '1.1.0']] },
  ]);
  const lock = JSON.parse(read(planted, 'package-lock.json')) as { packages: Record<string, { version: string }> };
  expect(lock.packages['packages/above']?.version).toBe('1.1.0');
  expect(planted.git('status', '--porcelain')).not.toContain('tools/own/CHANGELOG.md');
});

test('a breaking change that does not say what to do is refused', { timeout: LIMIT_MS }, async () => {
  const { root } = repository({ one: changeset("'@throughline/base': major\n", 'Base counts from two.') });
  await expect(makeVersion(root)).rejects.toThrow('Migration:');
});

test('without a changeset there is no version', { timeout: LIMIT_MS }, async () => {
  const { root } = repository({});
  await expect(makeVersion(root)).rejects.toThrow('npm run changeset');
});

test('S13 a snapshot stands below every version, and a second entry above the first', {
  timeout: LIMIT_MS,
}, async () => {
  const first = changeset("'@throughline/base': patch\n", 'The first.');
  const planted = repository({ one: first }, DEPRECATING);
  await makeVersion(planted.root);
  planted.commit({ '.changeset/two.md': changeset("'@throughline/above': patch\n", 'The second.') });
  const { version } = await makeVersion(planted.root, { snapshot: 'canary' });
  expect(version).toMatch(/^0\.0\.0-canary-\d{14}$/);
  expect(read(planted, 'packages/base/CHANGELOG.md')).toBe(
    [
      '# @throughline/base',
      `## ${version}`,
      'Nothing changed here: all packages share a version.',
      '## 1.0.1',
      '### Patch Changes',
      '- The first.\n',
    ].join('\n\n'),
  );
});

test('S13 candidates lead to their version, and both are told what is deprecated since the finished one before', {
  timeout: LIMIT_MS,
}, async () => {
  const initialVersions = Object.fromEntries(
    ['base', 'above', 'compat'].map((name) => [`@throughline/${name}`, '1.0.0']),
  );
  const planted = repository(
    { one: changeset("'@throughline/base': minor\n", 'The first.') },
    // What `changeset pre enter next` writes.
    { ...DEPRECATING, '.changeset/pre.json': { mode: 'pre', tag: 'next', initialVersions, changesets: [] } },
  );
  expect((await makeVersion(planted.root)).version).toBe('1.1.0-next.0');
  const state = JSON.parse(read(planted, '.changeset/pre.json')) as object;
  planted.write({ '.changeset/pre.json': { ...state, mode: 'exit' } });
  expect((await makeVersion(planted.root)).version).toBe('1.1.0');
  const sections = read(planted, 'packages/compat/CHANGELOG.md').match(/^### Deprecations .*$/gm);
  expect(sections).toEqual(
    ['1.1.0', '1.1.0-next.0'].map((version) => `### Deprecations of changelog ${version} 1.0.0`),
  );
});

test('the version before is the highest finished one that was released below this commit', async () => {
  const { root, git, commit } = plant();
  expect(await lastReleaseTag(root)).toBeUndefined();
  for (const tag of ['v1.9.0', 'v1.10.0', 'v1.2.0', 'v2.0.0-next.3', 'vision']) git('tag', tag);
  git('switch', '--quiet', '--create', 'elsewhere');
  commit({ 'docs/page.md': '# Page\n' });
  git('tag', 'v3.0.0');
  git('switch', '--quiet', 'main');
  expect(await lastReleaseTag(root)).toBe('v1.10.0');
});

test('packages that do not share a version, or need each other in a circle, are no family', async () => {
  const base = SMALL['packages/base/package.json'] as object;
  const apart = plant({ ...SMALL, 'packages/base/package.json': { ...base, version: '1.0.1' } });
  await expect(readFamily(apart.root)).rejects.toThrow('@throughline/base is 1.0.1');
  const circle = { ...base, dependencies: { '@throughline/above': '1.0.0' } };
  const round = plant({ ...SMALL, 'packages/base/package.json': circle });
  await expect(readFamily(round.root)).rejects.toThrow('circle');
});
