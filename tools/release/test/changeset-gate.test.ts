// Whoever changes what is published tells its users, or says why there is nothing to tell.
import { expect, test } from 'vitest';
import { judgeChangesets } from '../src/changeset-gate.js';
import { type Planted, plant } from './planted-repository.js';

/** A branch of work on a planted repository. */
function branch(): Planted {
  const planted = plant();
  planted.git('switch', '--quiet', '--create', 'work');
  return planted;
}

const SOURCE = { 'packages/base/src/index.ts': 'export const base = 2;\n' };
const changeset = (front: string, text: string) => ({ '.changeset/new.md': `---\n${front}---\n\n${text}\n` });

test('a changed source of a published package without a changeset fails, and is told what to do', async () => {
  const { root, commit } = branch();
  commit(SOURCE);
  const { ok, text } = await judgeChangesets(root, 'main');
  expect(ok).toBe(false);
  expect(text).toContain('@throughline/base');
  expect(text).toContain('npm run changeset');
  expect(text).toContain('npx changeset --empty');
});

test('a changeset that names the package will do, and one that names another will not', async () => {
  const { root, commit } = branch();
  commit({ ...SOURCE, ...changeset("'@throughline/base': patch\n", 'Base counts to two.') });
  expect(await judgeChangesets(root, 'main')).toMatchObject({ ok: true });
  commit(changeset("'@throughline/above': patch\n", 'Above is higher.'));
  expect(await judgeChangesets(root, 'main')).toMatchObject({
    ok: false,
    text: expect.stringContaining('base') as string,
  });
});

test('an empty changeset will do when it says why, and not when it says nothing', async () => {
  const { root, commit } = branch();
  commit({ ...SOURCE, ...changeset('', 'Renames a local variable.') });
  expect(await judgeChangesets(root, 'main')).toEqual({
    ok: true,
    text: '.changeset/new.md: Renames a local variable.',
  });
  commit(changeset('', ''));
  expect(await judgeChangesets(root, 'main')).toEqual({ ok: false, text: '.changeset/new.md says nothing.' });
});

test('tests, private workspaces and documents need no changeset', async () => {
  const { root, commit } = branch();
  commit({
    'packages/base/test/index.test.ts': 'export {};\n',
    'packages/base/README.md': '# Base\n',
    'tools/own/src/index.ts': 'export {};\n',
    'docs/page.md': '# Page\n',
  });
  expect(await judgeChangesets(root, 'main')).toEqual({ ok: true, text: 'No published package changed.' });
});

test('a deleted source, a schema and a manifest count as changes', async () => {
  for (const files of [
    { 'packages/base/schema/events.json': {} },
    { 'packages/base/package.json': { name: '@throughline/base', version: '1.0.0' } },
  ]) {
    const { root, commit } = branch();
    commit(files);
    expect(await judgeChangesets(root, 'main')).toMatchObject({ ok: false });
  }
  const { root, git, commit } = branch();
  git('rm', '--quiet', 'packages/base/src/index.ts');
  commit({});
  expect(await judgeChangesets(root, 'main')).toMatchObject({ ok: false });
});

test('what counts is where the branch left, not what the base did since, nor a changeset of the base', async () => {
  const { root, git, commit } = branch();
  commit({ 'docs/page.md': '# Page\n' });
  git('switch', '--quiet', 'main');
  commit({ ...SOURCE, ...changeset("'@throughline/base': patch\n", 'Base counts to two.') });
  git('switch', '--quiet', 'work');
  expect(await judgeChangesets(root, 'main')).toEqual({ ok: true, text: 'No published package changed.' });
  commit(SOURCE);
  expect(await judgeChangesets(root, 'main')).toMatchObject({ ok: false });
});

test('a base that git does not know is an error, never a pass', async () => {
  await expect(judgeChangesets(branch().root, 'no-such-branch')).rejects.toThrow('no-such-branch');
});
