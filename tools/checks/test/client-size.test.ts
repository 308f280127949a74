import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkClientSize } from '../src/client-size.js';
import { type Files, plant } from './planted-repository.js';

const BUDGETS = 'tools/checks/size-limit.json';
const REPOSITORY: Files = {
  'package.json': { name: 'planted', devDependencies: { '@size-limit/esbuild': '*', '@size-limit/file': '*' } },
  [BUDGETS]: readFileSync(join(import.meta.dirname, '../size-limit.json'), 'utf8'),
  'packages/client/dist/index.js': "export { encode } from './codec.js';\n",
  'packages/client/dist/codec.js': 'export const encode = (frame) => JSON.stringify(frame);\n',
  'packages/client/dist/store.js': 'export const store = new Map();\n',
};

/** Text that does not compress below half its length. */
const noise = (length: number): string =>
  Array.from({ length: length / 64 }, (_, index) => createHash('sha256').update(`${index}`).digest('hex')).join('');

const check = (files: Files) =>
  checkClientSize({ root: plant({ ...REPOSITORY, ...files }), signal: new AbortController().signal });

describe('the size of the client', { timeout: 30_000 }, () => {
  it('is within its budget, and printed', async () => {
    const figures = /^@throughline\/client \d\d+ B of \d+, @throughline\/client\/store \d\d+ B$/;
    expect(await check({})).toEqual({ ok: true, detail: expect.stringMatching(figures) });
  });

  it('counts what the client imports, and fails above the budget', async () => {
    const codec = `export const encode = () => ${JSON.stringify(noise(12_000))};\n`;
    expect(await check({ 'packages/client/dist/codec.js': codec })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^@throughline\/client \d{4,} B of \d+/),
      output: expect.stringContaining('above its budget'),
    });
  });

  it.each<[string, Files, string]>([
    ['the client is not built', { 'packages/client/dist/index.js': undefined }, 'Could not resolve'],
    ['an import leads nowhere', { 'packages/client/dist/codec.js': undefined }, './codec.js'],
    [
      'nobody set a limit',
      { [BUDGETS]: [{ name: 'client', path: '../../packages/client/dist/index.js' }] },
      'no limit',
    ],
    ['there is nothing to weigh', { [BUDGETS]: [] }, 'empty'],
  ])('fails when %s', async (_, files, output) => {
    expect(await check(files)).toMatchObject({ ok: false, output: expect.stringContaining(output) });
  });
});
