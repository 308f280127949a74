// What users of an entry lose, and what they do not.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { type ApiChange, createApiJudge } from '../src/api-changes.js';
import { OPEN_UNIONS } from '../src/api-pairs.js';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = join(ROOT, 'packages/core/etc');
const apiChanges = createApiJudge();
const report = (code: string): string => `## API Report\n\n\`\`\`ts\n\n${code.trim()}\n\n\`\`\`\n`;
const changes = (before: string, after: string): ApiChange[] => apiChanges(report(before), report(after), FOLDER);
const kinds = (before: string, after: string): string[] =>
  changes(before, after).map(({ kind, name }) => `${kind} ${name}`);

const BEFORE = `
import type { Server } from 'node:http';

// @public
interface Inner {
    readonly depth: number;
    readonly width?: number;
}
// @public
export interface Options {
    readonly server: Server;
    readonly limit?: number;
    heard?(event: Event_2): void;
}
// @public
interface Event_2 {
    readonly type: 'begun' | 'ended';
}
export { Event_2 as Event }
// @public
export interface Service {
    say(text: string | number): Inner;
    readonly state: 'up' | 'down';
}
// @public
export type Standalone = 'a' | 'b';
// @public
export type Handler<Data = unknown> = (data: Data) => void;
// @public
export function start(options: Options): Service;
// @public @deprecated
export const old: number;
// @public
export class Trouble extends Error {
    constructor(code: string);
    readonly code: string;
    private hidden;
}
`;

test('the same promises are no change, in whatever order and however they are told', () => {
  const again = BEFORE.split(/^(?=\/\/ @public)/m);
  const [imports = '', ...rest] = again;
  const shuffled = [imports, ...rest.toReversed()].join('').replaceAll('// @public\n', '// @public (undocumented)\n');
  expect(kinds(BEFORE, shuffled)).toEqual([]);
});

describe('S6 what a minor version may do', () => {
  it.each<[string, string, string]>([
    [
      'a new name',
      '// @public\nexport class Trouble',
      '// @public\nexport const more: number;\n// @public\nexport class Trouble',
    ],
    ['a new option', 'readonly limit?: number;', 'readonly limit?: number;\n    readonly more?: string;'],
    ['an option that takes more', 'readonly limit?: number;', 'readonly limit?: number | string;'],
    ['a result that tells more', 'readonly depth: number;', 'readonly depth: number;\n    readonly height: number;'],
    ['a result of fewer kinds', "readonly state: 'up' | 'down';", "readonly state: 'up';"],
    ['a parameter that takes more', 'string | number): Inner', 'string | number | boolean): Inner'],
    ['an optional parameter', 'start(options: Options)', 'start(options: Options, more?: string)'],
    ['another private member', 'private hidden;', 'private secret;'],
    ['a type parameter with a default', 'Handler<Data = unknown>', 'Handler<Data = unknown, More = unknown>'],
  ])('%s', (_, from, to) => {
    expect(BEFORE).toContain(from);
    expect(kinds(BEFORE, BEFORE.replace(from, to))).toEqual([]);
  });
});

describe('S6 what only a major version may do', () => {
  it.each<[string, string, string, string[]]>([
    ['a name goes', 'export const old: number;', 'const old: number;', ['removed old']],
    ['a name is a type only', 'export const old: number;', 'export type old = number;', ['narrowed old']],
    ['a renamed name goes', 'export { Event_2 as Event }', '', ['removed Event']],
    ['an option goes', '    readonly limit?: number;\n', '', ['narrowed Options']],
    ['a part of a result that may be missing goes', '    readonly width?: number;\n', '', ['narrowed Inner']],
    [
      'an option is asked for',
      'readonly limit?: number;',
      'readonly limit: number;',
      ['narrowed Options', 'narrowed start'],
    ],
    [
      'an option takes less',
      'readonly limit?: number;',
      'readonly limit?: 1 | 2;',
      ['narrowed Options', 'narrowed start'],
    ],
    ['a method takes less', 'say(text: string | number)', 'say(text: string)', ['narrowed Service', 'narrowed start']],
    ['a member goes', "    readonly state: 'up' | 'down';\n", '', ['narrowed Service', 'narrowed start']],
    [
      'a hidden part of a result goes',
      'readonly depth: number;',
      '',
      ['narrowed Inner', 'narrowed Service', 'narrowed start'],
    ],
    ['a result is of more kinds', "'up' | 'down'", "'up' | 'down' | 'away'", ['narrowed Service', 'narrowed start']],
    [
      'a handler is told of more kinds',
      "'begun' | 'ended'",
      "'begun' | 'ended' | 'lost'",
      ['narrowed Options', 'narrowed Event', 'narrowed start'],
    ],
    [
      'a type that nothing mentions is wider',
      "Standalone = 'a' | 'b'",
      "Standalone = 'a' | 'b' | 'c'",
      ['narrowed Standalone'],
    ],
    ['a type parameter is asked for', 'Handler<Data = unknown>', 'Handler<Data>', ['narrowed Handler']],
    [
      'a constructor wants more',
      'constructor(code: string);',
      'constructor(code: string, more: string);',
      ['narrowed Trouble'],
    ],
  ])('%s', (_, from, to, expected) => {
    expect(BEFORE).toContain(from);
    expect(kinds(BEFORE, BEFORE.replace(from, to)).toSorted()).toEqual(expected.toSorted());
  });
});

test('what was deprecated is told to have been', () => {
  expect(changes(BEFORE, BEFORE.replace('export const old: number;', 'const old: number;'))).toEqual([
    { name: 'old', kind: 'removed', wasDeprecated: true },
  ]);
  expect(changes(BEFORE, BEFORE.replace('export type Standalone', 'type Standalone'))[0]?.wasDeprecated).toBe(false);
});

test('what was experimental may go, and what becomes experimental may not', () => {
  const experimental = BEFORE.replace('// @public @deprecated', '// @public @experimental');
  expect(kinds(experimental, experimental.replace('export const old: number;', ''))).toEqual([]);
  const withOld = experimental.replace('@experimental', '');
  expect(kinds(withOld, experimental.replace('export const old: number;', ''))).toEqual(['removed old']);
});

describe('open unions', () => {
  const open = `
// @public
export type ErrorCode = keyof typeof remedies;
// @public
const remedies: {
    readonly LOST: 'wait';
    readonly GONE: 'stop';
};
// @public
export interface Failure {
    readonly code: ErrorCode;
}
// @public
export function fail(): Failure;
`;

  it('may grow in a minor version', () => {
    expect(
      kinds(open, open.replace("readonly LOST: 'wait';", "readonly LOST: 'wait';\n    readonly NEW: 'wait';")),
    ).toEqual([]);
  });

  it('never lose a member in one', () => {
    expect(kinds(open, open.replace("    readonly GONE: 'stop';\n", ''))).toEqual(['narrowed ErrorCode']);
  });

  it('are named to those who use them', () => {
    const page = readFileSync(join(ROOT, 'docs/support.md'), 'utf8');
    for (const name of OPEN_UNIONS) expect(page).toContain(`\`${name}\``);
  });
});

test('brands stay what they are while others change around them', () => {
  const branded = `
// @public
export interface Context {
    readonly [brand]: true;
    readonly name: string;
}
// @public
const brand: unique symbol;
// @public
export function mint(name: string): Context;
`;
  expect(kinds(branded, branded.replace('mint(name: string)', 'mint(name: string, more?: 1)'))).toEqual([]);
  expect(
    kinds(branded, branded.replace('readonly name: string;', 'readonly name: string;\n    readonly age: 1;')),
  ).toEqual([]);
});

test('a report without declarations is no clean verdict', () => {
  expect(() => apiChanges(report(BEFORE), '# nothing', FOLDER)).toThrow('npm run api');
  expect(() => apiChanges(report(BEFORE), report('const one: 1;'), FOLDER)).toThrow('npm run api');
});

test('every report of ours can be read, and none differs from itself', () => {
  const text = readFileSync(join(FOLDER, 'index.api.md'), 'utf8');
  expect(apiChanges(text, text, FOLDER)).toEqual([]);
  const less = text
    .replace('readonly batch?: number;', '')
    .replace('export function getWebSocketManager', 'function getWebSocketManager');
  expect(apiChanges(text, less, FOLDER).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'removed getWebSocketManager',
    'narrowed DrainOptions',
  ]);
});
