import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkGeneratedFiles } from '../src/generated-files.js';
import { type Files, plant } from './planted-repository.js';

const GENERATES = "require('node:fs').writeFileSync('src/names.ts', require('node:fs').readFileSync('names.txt'))";
const REPOSITORY: Files = {
  'package.json': { name: 'planted', private: true, workspaces: ['packages/*'] },
  'packages/events/package.json': { name: 'events', scripts: { generate: 'node generate.cjs' } },
  'packages/events/generate.cjs': GENERATES,
  'packages/events/names.txt': 'one\ntwo\n',
  'packages/events/src/names.ts': 'one\ntwo\n',
};

async function check(files: Files) {
  const root = plant({ ...REPOSITORY, ...files });
  const before = snapshot(root);
  const outcome = await checkGeneratedFiles({ root, signal: new AbortController().signal });
  return { ...outcome, untouched: JSON.stringify(before) === JSON.stringify(snapshot(root)) };
}

function snapshot(root: string): string[][] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => [parentPath, name, readFileSync(join(parentPath, name), 'utf8')]);
}

describe('generated files', { timeout: 30_000 }, () => {
  it('are fresh', async () => {
    expect(await check({})).toEqual({ ok: true, detail: 'packages/events', untouched: true });
  });

  it.each<[string, Files, string]>([
    [
      'are stale',
      { 'packages/events/names.txt': 'one\n2\n' },
      'packages/events/src/names.ts:2 is not what its source says:\n- two\n+ 2',
    ],
    ['were cut short', { 'packages/events/src/names.ts': 'one\n' }, 'names.ts:2 is not what its source says'],
    [
      'were not committed',
      { 'packages/events/src/names.ts': undefined, 'packages/events/src/a.ts': '' },
      'src/names.ts is generated, but not there',
    ],
    [
      'cannot be generated',
      { 'packages/events/generate.cjs': "throw new Error('planted')" },
      'npm run generate failed in packages/events:',
    ],
    [
      'have no generator any more',
      { 'packages/events/package.json': { name: 'events' } },
      'No workspace has a "generate" script',
    ],
  ])('fail when they %s, and nothing is written', async (_, files, output) => {
    expect(await check(files)).toMatchObject({ ok: false, output: expect.stringContaining(output), untouched: true });
  });
});
