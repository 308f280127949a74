import { describe, expect, it } from 'vitest';
import { checkPublishedPackages } from '../src/published-packages.js';
import { type Files, plant } from './planted-repository.js';

const MANIFEST = {
  name: '@throughline/events',
  version: '0.1.0',
  description: 'Planted.',
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  exports: {
    '.': { '@throughline/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
  },
  files: ['dist', 'src'],
};

const REPOSITORY: Files = {
  'package.json': { name: 'planted', private: true, workspaces: ['packages/*'] },
  'packages/events/package.json': MANIFEST,
  'packages/events/LICENSE': 'MIT',
  'packages/events/README.md': '# Events',
  'packages/events/src/index.ts': 'export const one = 1;\n',
  'packages/events/etc/tarball.txt': 'dist/: what is built from src/\nLICENSE\nREADME.md\npackage.json\nsrc/index.ts\n',
  'packages/events/dist/index.js': 'export const one = 1;\n',
  'packages/events/dist/index.d.ts': 'export declare const one = 1;\n',
};

const check = (files: Files) =>
  checkPublishedPackages({ root: plant({ ...REPOSITORY, ...files }), signal: new AbortController().signal });

describe('a published package', { timeout: 60_000 }, () => {
  it('is whole', async () => {
    expect(await check({})).toEqual({ ok: true, detail: '@throughline/events' });
  });

  it('fails when its tarball is not what it should be, and says all of it', async () => {
    const { ok, output = '' } = await check({
      'packages/events/package.json': { ...MANIFEST, files: ['dist', 'test'] },
      'packages/events/LICENSE': undefined,
      'packages/events/README.md': undefined,
      'packages/events/dist/index.d.ts': undefined,
      'packages/events/dist/old.js': 'export {};\n',
      'packages/events/test/index.test.ts': 'export {};\n',
    });
    expect(ok).toBe(false);
    expect(output.match(/^packages\/.*(?:\n[-+] .*)*$/gm)).toEqual([
      'packages/events: the published tarball lacks LICENSE.',
      'packages/events: the published tarball lacks README.md.',
      'packages/events: the published tarball lacks src/index.ts.',
      'packages/events: the published tarball lacks dist/index.d.ts.',
      'packages/events: test/index.test.ts would be published: leave it out of "files".',
      [
        'packages/events/etc/tarball.txt is not what would be published. Review it, then run: npm run api',
        '- dist/: what is built from src/',
        '- LICENSE',
        '- README.md',
        '- src/index.ts',
        '+ dist/index.js',
        '+ dist/old.js',
        '+ test/index.test.ts',
      ].join('\n'),
      'packages/events/dist/old.js has no source any more. Run: npm run clean',
    ]);
  });

  it.each<[string, Files, string]>([
    ['untidy (publint)', { 'packages/events/package.json': { ...MANIFEST, repository: 'somewhere' } }, 'repository'],
    [
      'unreadable for TypeScript (attw)',
      { 'packages/events/dist/index.d.ts': "export * from './gone.js';\n" },
      'Internal resolution error',
    ],
  ])('fails when it is %s', async (_, files, output) => {
    expect(await check(files)).toMatchObject({ ok: false, output: expect.stringContaining(output) });
  });

  it.each<[string, Files, string]>([
    [
      'a changelog is left out',
      { 'packages/events/CHANGELOG.md': '# Events\n' },
      'packages/events: the published tarball lacks CHANGELOG.md.',
    ],
    [
      'an import alone does something',
      {
        'packages/events/package.json': { ...MANIFEST, sideEffects: true },
        'packages/events/dist/index.js': 'globalThis.one = 1;\nexport const one = 1;\n',
      },
      '@throughline/events: who imports it and uses nothing bundles this all the same',
    ],
    [
      'it waits at the top level, which nobody can require',
      { 'packages/events/dist/index.js': 'export const one = await Promise.resolve(1);\n' },
      '@throughline/events cannot be required: ',
    ],
  ])('fails when %s', async (_, files, words) => {
    expect(await check(files)).toMatchObject({ ok: false, output: expect.stringContaining(words) });
  });
});
