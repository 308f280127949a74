import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build } from '../src/build.js';
import { checkFormatAndLint, checkTypes, checkUnused } from '../src/static-analysis.js';
import { type Files, installTools, plant } from './planted-repository.js';

const ROOT = join(import.meta.dirname, '../../..');
/** The configurations in force here, so that what is proven below is proven of them. */
const CONFIGURATION = Object.fromEntries(
  [
    'tsconfig.base.json',
    'tsconfig.test.json',
    'tsconfig.json',
    'biome.json',
    '.oxlintrc.json',
    'nx.json',
    '.gitignore',
  ].map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]),
);

const CORE_MANIFEST = {
  name: '@throughline/core',
  version: '0.1.0',
  type: 'module',
  exports: {
    '.': { '@throughline/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
  },
  scripts: { build: 'tsc -b' },
};

const REPOSITORY: Files = {
  ...CONFIGURATION,
  'package.json': {
    name: 'planted',
    private: true,
    type: 'module',
    packageManager: 'npm@11.19.1',
    workspaces: ['packages/*'],
    devDependencies: { typescript: '*', vitest: '*' },
  },
  'package-lock.json': { name: 'planted', lockfileVersion: 3, packages: {} },
  'vitest.config.ts': 'export default {};\n',
  'packages/core/package.json': CORE_MANIFEST,
  'packages/core/tsconfig.json': [
    '{',
    '  "extends": "../../tsconfig.base.json",',
    '  "compilerOptions": { "rootDir": "src", "outDir": "dist", "tsBuildInfoFile": "dist/.tsbuildinfo" },',
    '  "include": ["src"]',
    '}\n',
  ].join('\n'),
  'packages/core/src/index.ts': 'export async function drain(): Promise<void> {}\n',
  'packages/core/test/drain.test.ts':
    "import { drain } from '@throughline/core';\nimport { expect, it } from 'vitest';\n\nit('drains', async () => {\n  expect(await drain()).toBeUndefined();\n});\n",
};

type Check = typeof build;

async function run(check: Check, files: Files) {
  const root = plant({ ...REPOSITORY, ...files });
  installTools(root);
  mkdirSync(join(root, 'node_modules/@throughline'));
  symlinkSync(join(root, 'packages/core'), join(root, 'node_modules/@throughline/core'));
  return check({ root, signal: new AbortController().signal });
}

const TEST = 'packages/core/test/drain.test.ts';
const tested = (line: string): string => String(REPOSITORY[TEST]).replace(/\n {2}expect.*/, `\n  ${line}`);

describe('each step that runs a tool', { timeout: 60_000 }, () => {
  it.each<[string, Check, string]>([
    ['build', build, '1 entries'],
    ['types', checkTypes, 'tsc'],
    ['format and lint', checkFormatAndLint, 'biome, oxlint'],
    ['unused', checkUnused, 'knip'],
  ])('passes a clean repository: %s', async (_, check, detail) => {
    expect(await run(check, {})).toEqual({ ok: true, detail });
  });

  it.each<[string, Check, Files, string[]]>([
    [
      'build: an error of types',
      build,
      { 'packages/core/src/index.ts': 'export const one: string = 1;\n' },
      ['error TS2322'],
    ],
    [
      'build: an entry that nothing builds',
      build,
      { 'packages/core/package.json': { ...CORE_MANIFEST, scripts: {} } },
      ['packages/core/dist/index.js was not built'],
    ],
    ['types: an error in a test', checkTypes, { [TEST]: tested('expect(drain(1)).toBe(1);') }, ['error TS2554']],
    [
      'lint: bad format, and a promise that floats from a package that is not built (R17)',
      checkFormatAndLint,
      { [TEST]: tested('drain();\n  expect( 1 ).toBe( 1 );') },
      ['Formatter would', 'no-floating-promises'],
    ],
    [
      'lint: a warning of biome',
      checkFormatAndLint,
      { [TEST]: tested('expect((1, await drain())).toBeUndefined();') },
      ['noCommaOperator'],
    ],
    [
      'lint: a warning of oxlint',
      checkFormatAndLint,
      { [TEST]: tested('expect([await drain()].sort()).toEqual([undefined]);') },
      ['Warning/typescript(require-array-sort-compare)'],
    ],
    [
      'unused: a file and a dependency',
      checkUnused,
      {
        'packages/core/src/forgotten.ts': 'export const one = 1;\n',
        'packages/core/package.json': { ...CORE_MANIFEST, dependencies: { ws: '8.0.0' } },
      },
      ['packages/core/src/forgotten.ts', 'ws  packages/core/package.json'],
    ],
  ])('fails for %s', async (_, check, files, outputs) => {
    const outcome = await run(check, files);
    expect(outcome.ok).toBe(false);
    for (const output of outputs) expect(outcome.output).toContain(output);
  });
});
