// What comes with us is known, allowed and told.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { checkDependencies } from '../src/dependencies.js';
import { readLock, runtimeClosure } from '../src/lock-file.js';
import { type Files, plant } from './planted-repository.js';

const ROOT = join(import.meta.dirname, '../../..');
const pin = { version: '1.0.0', license: 'MIT', integrity: 'sha512-x' };

const lockOf = (more: object = {}): object => ({
  packages: {
    '': { name: 'planted' },
    'packages/core': { name: '@throughline/core', dependencies: { tiny: '1.0.0' } },
    'node_modules/@throughline/core': { resolved: 'packages/core', link: true },
    'node_modules/tiny': { ...pin, dependencies: { deep: '1.0.0' } },
    'node_modules/deep': pin,
    'node_modules/scripted': { ...pin, license: 'MPL-2.0', hasInstallScript: true },
    ...more,
  },
});

const PAGE = `# Dependencies

## What is in the packages

| package | needed by | why | who | instead |
|---|---|---|---|---|
| \`tiny\` | core | It is small | Ada | Nothing |

## What core weighs

| package | licence | on the disk |
|---|---|---|
| \`deep\` 1.0.0 | MIT | 1 kB |
| \`tiny\` 1.0.0 | MIT | 2 kB |
`;

const PLANTED: Files = {
  'package.json': { name: 'planted', private: true, workspaces: ['packages/*'], allowScripts: { scripted: false } },
  'package-lock.json': lockOf(),
  'packages/core/package.json': { name: '@throughline/core', dependencies: { tiny: '1.0.0' } },
  'node_modules/tiny/index.js': ' '.repeat(1500),
  'node_modules/tiny/node_modules/other/index.js': ' '.repeat(5000),
  'node_modules/deep/index.js': ' ',
  'docs/dependencies.md': PAGE,
};

const check = (files: Files) => checkDependencies({ root: plant({ ...PLANTED, ...files }) });

test('S6 what is known, allowed and told passes', async () => {
  expect(await check({})).toEqual({ ok: true, detail: '6 pinned, 2 of them for users' });
});

describe('S6 it fails when', () => {
  it.each<[string, Files, string]>([
    [
      'a dependency has no row',
      { 'docs/dependencies.md': PAGE.replace('| `tiny` | core', '| `huge` | core') },
      'why core needs tiny',
    ],
    [
      'a row has no dependency',
      { 'docs/dependencies.md': PAGE.replace('| `tiny` | core', '| `huge` | core') },
      'speaks of huge',
    ],
    [
      'another package needs it',
      { 'docs/dependencies.md': PAGE.replace('| core |', '| client |') },
      'must say that core needs tiny',
    ],
    ['a row leaves a question open', { 'docs/dependencies.md': PAGE.replace('| Ada |', '| |') }, 'three answers'],
    ['core weighs more', { 'node_modules/deep/index.js': ' '.repeat(1001) }, 'lacks: | `deep` 1.0.0 | MIT | 2 kB |'],
    [
      'something comes in behind a dependency',
      {
        'package-lock.json': lockOf({
          'node_modules/deep': { ...pin, dependencies: { deeper: '1.0.0' } },
          'node_modules/deep/node_modules/deeper': pin,
        }),
        'node_modules/deep/node_modules/deeper/index.js': ' ',
      },
      'lacks: | `deeper` 1.0.0 | MIT | 1 kB |',
    ],
    [
      'users would get another licence',
      { 'package-lock.json': lockOf({ 'node_modules/deep': { ...pin, license: 'MPL-2.0' } }) },
      'deep is under MPL-2.0, which is not on the list for users',
    ],
    [
      'we get another licence',
      { 'package-lock.json': lockOf({ 'node_modules/more': { ...pin, license: '(GPL-3.0 OR AGPL-3.0)' } }) },
      'more is under (GPL-3.0 OR AGPL-3.0)',
    ],
    [
      'a licence is not named',
      { 'package-lock.json': lockOf({ 'node_modules/more': { ...pin, license: undefined } }) },
      'more is under no',
    ],
    [
      'a script was never decided on',
      { 'package-lock.json': lockOf({ 'node_modules/more': { ...pin, hasInstallScript: true } }) },
      'more wants to run a script',
    ],
    [
      'a decision is about nothing',
      { 'package-lock.json': lockOf({ 'node_modules/scripted': pin }) },
      'names scripted, which runs none',
    ],
    [
      'a pin has no checksum',
      { 'package-lock.json': lockOf({ 'node_modules/more': { ...pin, integrity: undefined } }) },
      'more has no checksum',
    ],
    [
      'a lock names a host',
      { 'package-lock.json': lockOf({ 'node_modules/more': { ...pin, resolved: 'http://127.0.0.1/more.tgz' } }) },
      'more names where it comes from',
    ],
    [
      'the registry of the rehearsal runs a script',
      {
        'tools/release/registry/package-lock.json': {
          packages: { '': {}, 'node_modules/more': { ...pin, hasInstallScript: true } },
        },
      },
      'tools/release/registry/package-lock.json: more wants to run a script',
    ],
  ])('%s', async (_, files, words) => {
    expect(await check(files)).toMatchObject({ ok: false, output: expect.stringContaining(words) });
  });
});

test('a choice of licences passes when one of them does', async () => {
  const license = '(WTFPL OR MIT)';
  const files = { 'package-lock.json': lockOf({ 'node_modules/deep': { ...pin, license } }) };
  const { output = '' } = await check(files);
  expect(output).not.toContain('not on the list');
});

test('what is needed is found where Node finds it, and peers that npm adds count', () => {
  const root = plant({
    'package-lock.json': {
      packages: {
        '': {},
        'packages/core': {
          dependencies: { tiny: '1' },
          peerDependencies: { peer: '1', maybe: '1' },
          peerDependenciesMeta: { maybe: { optional: true } },
        },
        'node_modules/tiny': { version: '1.0.0', dependencies: { shared: '2' } },
        'node_modules/tiny/node_modules/shared': { version: '2.0.0' },
        'node_modules/shared': { version: '1.0.0' },
        'node_modules/peer': { version: '1.0.0', dependencies: { shared: '1' } },
        'node_modules/maybe': { version: '1.0.0' },
      },
    },
  });
  const found = runtimeClosure(readLock(root), ['packages/core']);
  expect(found.map(({ name, version }) => `${name}@${version}`).toSorted()).toEqual([
    'peer@1.0.0',
    'shared@1.0.0',
    'shared@2.0.0',
    'tiny@1.0.0',
  ]);
});

test('R19 core brings four packages at the most, ours included', () => {
  expect(runtimeClosure(readLock(ROOT), ['packages/core']).length).toBeLessThanOrEqual(3);
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain('docs/dependencies.md');
});
