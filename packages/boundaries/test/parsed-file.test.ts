import { describe, expect, it } from 'vitest';
import { parseFile } from '../src/parsed-file.js';

/** What people write, and compilers and Node take. */
const VALID: readonly [string, string][] = [
  ['a.mjs', 'console.log(await Promise.resolve(1));'],
  ['a.js', 'const fs = require("fs");\nif (!fs) return;\nmodule.exports = fs;'],
  ['a.cjs', '#!/usr/bin/env node\nif (!module) return;\nwith (module) {}\nexports.a = 010;'],
  ['a.cts', 'import fs = require("fs");\nexport = fs;'],
  ['a.js', 'export const App = () => <div />;'],
  ['a.tsx', 'export const pick = <T,>(one: T) => <div>{one as never}</div>;'],
  [
    'a.ts',
    'enum E { A }\nnamespace N { export const q = 1; }\n@((x: unknown) => x as never) export class A { constructor(private readonly a: E) {} }',
  ],
  ['a.ts', 'using file = open();\nconst one = <string>file;'],
  ['a.mts', 'declare module "foo" { export const a: number; }\nexport default <T,>(x: T): T => x;'],
  ['a.d.ts', 'declare const foo: string;\nexport = foo;'],
  ['a.ts', '\uFEFFexport const a = 1;'],
];

const INVALID: readonly [string, string][] = [
  ['a.js', 'const = 1; return;'],
  ['a.mjs', 'return 1;'],
  ['a.ts', 'export const a: = 1;'],
  ['a.js', "import 'a';\nreturn;"],
];

/** What is gone once compiled is imported all the same. */
const IMPORTS: readonly [string, string][] = [
  ['a.ts', "import type { One } from './one.js';\nexport type { One };\nexport type * from './two.js';"],
  ['a.ts', "import { type One, two } from './one.js';\nexport { type Three } from './three.js';"],
  ['a.ts', "type Four = import('./four.js').Four;\nconst five = () => import('./five.js');"],
  ['a.cts', "import six = require('./six.cjs');"],
  ['a.d.ts', "import seven from './seven.js';\nexport = seven;"],
];

describe('a file', () => {
  it.each(VALID)('%s is valid: %s', (path, text) => {
    expect(parseFile(path, text).errors).toEqual([]);
  });

  it.each(INVALID)('%s is not valid: %s', (path, text) => {
    expect(parseFile(path, text).errors).not.toEqual([]);
  });

  it.each([...VALID, ...INVALID, ...IMPORTS])('%s has the imports and errors of its tree: %s', (path, text) => {
    const [brief, full] = [parseFile(path, text), parseFile(path, text)];
    expect(full.program.type).toBe('Program');
    expect({ module: brief.module, errors: brief.errors }).toEqual({ module: full.module, errors: full.errors });
    expect(brief.program).toEqual(full.program);
  });

  it('tells line and column of an offset', () => {
    const file = parseFile('a.ts', 'one\ntwo\r\n\nfour');
    expect([0, 3, 4, 8, 9, 10, 13].map((offset) => file.lineOf(offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 4 },
      { line: 2, column: 1 },
      { line: 2, column: 5 },
      { line: 3, column: 1 },
      { line: 4, column: 1 },
      { line: 4, column: 4 },
    ]);
  });
});
