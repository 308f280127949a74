import { expect, test } from 'vitest';
import { parseFile } from '../../src/parsed-file.js';

const bindingIn = (text: string, name: string): string | undefined => {
  const { tree } = parseFile('a.ts', text);
  const use = tree.of('Identifier').findLast((node) => node.name === name);
  return use && tree.bindingOf(name, use)?.kind;
};

test.each([
  ["import a from 'a'; a;", 'import'],
  ["import a = require('a'); a;", 'import'],
  ['const { b: [a] } = c; a;', 'variable'],
  ['{ var a = 1; } a;', 'variable'],
  ['{ const a = 1; } a;', undefined],
  ['function a() {} a;', 'function'],
  ['class a {} a;', 'class'],
  ['enum a { b } a;', 'other'],
  ['(a) => a;', 'parameter'],
  ['class B { constructor(private a: string) { a; } }', 'parameter'],
  ['try {} catch (a) { a; }', 'other'],
  ['for (const a of b) a;', 'variable'],
  ['a;', undefined],
])('%s: a is %s', (text, kind) => {
  expect(bindingIn(text, 'a')).toBe(kind);
});

test('nodes come by kind, in the order of the text', () => {
  const { tree } = parseFile('a.ts', 'a(b(), c(d()));');
  expect(tree.of('CallExpression').map(({ start }) => start)).toEqual([0, 2, 7, 9]);
  expect(tree.of('ClassExpression')).toEqual([]);
});

test('a class is found as a declaration and as an expression, abstract or not', () => {
  const { tree } = parseFile('a.ts', 'abstract class A {} const b = class {}; export default class {}');
  expect([tree.of('ClassDeclaration').length, tree.of('ClassExpression').length]).toEqual([2, 1]);
});
