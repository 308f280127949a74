// What an entry promises is written down, and nobody changes it without seeing so.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { apiReports, checkApiReports } from '../src/api-reports.js';
import { type Files, installTools, plant } from './planted-repository.js';

const PLANTED: Files = {
  'package.json': { name: 'planted', private: true, workspaces: ['packages/*'] },
  'packages/events/package.json': {
    name: '@throughline/events',
    version: '1.0.0',
    type: 'module',
    exports: {
      '.': { '@throughline/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './more': { '@throughline/source': './src/more.ts', types: './dist/more.d.ts', default: './dist/more.js' },
    },
  },
  'packages/events/dist/index.d.ts':
    "import type { Hidden } from './hidden.js';\n/** Makes it.\n * @param name of it */\nexport declare function make(name: string): Hidden;\n",
  'packages/events/dist/hidden.d.ts': 'export interface Hidden {\n  readonly one: 1;\n}\n',
  'packages/events/dist/more.d.ts':
    '/** @experimental */\nexport declare const soon: 1;\n/** @deprecated TL_DEP0001: Use `soon`. */\nexport declare const late: 1;\n',
};

/** A repository whose reports are what they should be. */
async function plantReported(): Promise<string> {
  const root = plant(PLANTED);
  installTools(root);
  for (const { path, text } of await apiReports(root)) write(root, path, text);
  return root;
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test('S6 each entry has a report: declarations, those behind them, and what is experimental or deprecated', {
  timeout: 60_000,
}, async () => {
  const root = await plantReported();
  const [index, more] = await apiReports(root);
  expect([index?.path, more?.path]).toEqual(['packages/events/etc/index.api.md', 'packages/events/etc/more.api.md']);
  expect(index?.text).toContain('export function make(name: string): Hidden;');
  expect(index?.text).toContain('interface Hidden {\n    // (undocumented)\n    readonly one: 1;');
  expect(index?.text).not.toContain('Makes it');
  expect(more?.text).toMatch(/\/\/.*@experimental.*\nexport const soon: 1;/);
  expect(more?.text).toMatch(/\/\/.*@deprecated.*\nexport const late: 1;/);
  expect(await checkApiReports({ root })).toEqual({ ok: true, detail: '2 entries' });
});

test('S6 a report that is stale, missing or of no entry is told, with what to do', { timeout: 60_000 }, async () => {
  const root = await plantReported();
  write(root, 'packages/events/dist/hidden.d.ts', 'export interface Hidden {\n  readonly one: 2;\n}\n');
  write(root, 'packages/events/etc/old.api.md', '# old\n');
  const { ok, output = '' } = await checkApiReports({ root });
  expect(ok).toBe(false);
  expect(output).toContain('packages/events/etc/index.api.md is not what the entry says.');
  expect(output).toContain('-     readonly one: 1;\n+     readonly one: 2;');
  expect(output).toContain('packages/events/etc/old.api.md reports no entry. Run: npm run api');
});

test('an entry that is not built is no clean verdict', async () => {
  const root = plant({ ...PLANTED, 'packages/events/dist/more.d.ts': undefined });
  await expect(checkApiReports({ root })).rejects.toThrow('npm run build');
});
