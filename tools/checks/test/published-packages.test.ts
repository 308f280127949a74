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
    expect(output.match(/^packages\/.*$/gm)).toEqual([
      'packages/events: the published tarball lacks LICENSE.',
      'packages/events: the published tarball lacks README.md.',
      'packages/events: the published tarball lacks src/index.ts.',
      'packages/events: the published tarball lacks dist/index.d.ts.',
      'packages/events: test/index.test.ts would be published: leave it out of "files".',
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
});
