import { describe, expect, test } from 'vitest';
import { stringsOfJson } from '../../src/syntax/json-tree.js';
import { checkPlanted, manifest, told } from './planted.js';

const CODE = { 'src/main.ts': `import { readFileSync } from 'node:fs';\nexport const text = readFileSync('a');\n` };

const aliases = async (files: Readonly<Record<string, string>>): Promise<string[]> =>
  told(await checkPlanted({ files: { ...CODE, ...files } })).filter((line) => line.startsWith('no-forbidden-alias'));

describe('names that lead to a module', () => {
  test('the line of the manifest is told', async () => {
    const text = manifest('shop', [], { imports: { '#wire': { node: 'ws' } } });
    const line = text.split('\n').findIndex((one) => one.includes('"node"')) + 1;
    expect(await aliases({ 'package.json': text })).toEqual([
      `no-forbidden-alias: package.json:${line} "imports.#wire.node" leads to ws, which @throughline/core alone may import.`,
    ]);
  });

  test.each([
    ['the library under its own name', { dependencies: { ws: '8.23.0' } }],
    ['the version of a library', { overrides: { ws: '8.23.0', harmless: { ws: '8.23.0' } } }],
    ['an alias for tests', { devDependencies: { 'ws-7': 'npm:ws@7' } }],
    ['a name that begins alike', { dependencies: { wire: 'npm:ws-wire@1', other: 'npm:@acme/ws@1' } }],
    ['a file of its own', { imports: { '#main': './src/main.ts' }, exports: { './ws': './src/main.ts' } }],
    ['an address of something else', { dependencies: { tool: 'github:acme/tool#main', files: 'file:../files' } }],
    ['a script that speaks of it', { scripts: { start: 'node websocket-manager-factory.js', wire: 'ws' } }],
  ])('%s is none', async (_what, fields) => {
    expect(await aliases({ 'package.json': manifest('shop', [], fields) })).toEqual([]);
  });

  test('paths of TypeScript to files of its own are none', async () => {
    const text = '{ "compilerOptions": { "paths": { "@/*": ["./src/*"], "wire": ["./src/main.ts"] } } }';
    expect(await aliases({ 'tsconfig.json': text })).toEqual([]);
  });
});

test('JSON is read with comments and commas too many, and each string has its place', () => {
  expect(stringsOfJson('a.json', '\uFEFF{\n  // Why.\n  "a": { "b": ["c",], },\n}')).toEqual([
    { path: ['a', 'b'], value: 'c', line: 3, column: 16 },
  ]);
  expect(stringsOfJson('a.json', '{"a":"b"}')).toEqual([{ path: ['a'], value: 'b', line: 1, column: 6 }]);
  expect(stringsOfJson('a.json', '{ broken')).toEqual([]);
});
