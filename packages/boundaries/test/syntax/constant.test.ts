import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringsOf } from '../../src/syntax/reading.js';
import { GAP } from '../../src/syntax/value.js';
import { lastExpression } from './one-file.js';

const fold = (text: string): string[] => {
  const { reader, node } = lastExpression(text);
  return stringsOf(node, reader).map((value) => value.replaceAll(GAP, '?'));
};

describe('what an expression folds to', () => {
  test.each([
    [`('ws')`, ['ws']],
    [`'w' + 's'`, ['ws']],
    [`'a' + 1 + 2`, ['a12']],
    [`1 + 2 + 'a'`, ['3a']],
    [`\`w\${"s"}\``, ['ws']],
    ['String.raw`w\\s`', ['w\\s']],
    [`const a = 'w'; const b = a; b + 's'`, ['ws']],
    [`let a = 'x'; a = 'ws'; a`, ['x', 'ws']],
    [`let a; a = 'w'; a += 's'; a`, ['w', 'ws']],
    [`const { lib: [, name] } = { lib: ['x', 'ws'] }; name`, ['ws']],
    [`const names = { a: 'x', b: 'ws' }; names[key]`, ['x', 'ws']],
    [`const names = { a: 'x', ...more }; names[key]`, ['?']],
    [`['w', 's'].join('')`, ['ws']],
    [`[...'sw'].reverse().join('')`, ['ws']],
    [`['a', 'b', 'ws'].at(-1)`, ['ws']],
    [`[119, 115].map((code) => String.fromCharCode(code)).join('')`, ['ws']],
    [`String.fromCharCode(...[119, 115])`, ['ws']],
    [`'WS'.toLowerCase()`, ['ws']],
    [`'xwsx'.slice(1, -1)`, ['ws']],
    [`'w-s'.replace(/-/g, '')`, ['ws']],
    [`'w-s'.split('-').join('')`, ['ws']],
    [`atob('d3M=')`, ['ws']],
    [`Buffer.from('7773', 'hex').toString()`, ['ws']],
    [`decodeURIComponent('%77s')`, ['ws']],
    [`flag ? 'ws' : 'x'`, ['ws', 'x']],
    [`unknown ?? 'ws'`, ['?', 'ws']],
    [`'' || 'ws'`, ['', 'ws']],
    [`(0, 'ws')`, ['ws']],
    [`(() => 'ws')()`, ['ws']],
    [`const join = (a, b = 's') => a + b; join('w')`, ['ws']],
    [`import path from 'node:path'; path.join('..', 'node_modules', 'ws')`, ['../node_modules/ws']],
    [`new URL('./a.js', import.meta.url).href`, ['./a.js']],
    [`'./texts/' + language + '.js'`, ['./texts/?.js']],
    [`atob(unknown)`, ['?']],
    [`const a = 'x'; { const a = 'ws'; } a`, ['x']],
    [`let count = 0; count = count + 1; count`, ['0', '?1']],
    [`const again = (x) => again(x) + again(x); again('a')`, ['??????????']],
  ])('%s is %j', (text, expected) => {
    const found = fold(text);
    if (expected[0]?.startsWith('??')) expect(found.every((value) => value.includes('?'))).toBe(true);
    else expect(found).toEqual(expected);
  });

  test('a sum of any parts is what the platform makes of it', () => {
    const part = fc.oneof(
      fc.string().map((text) => JSON.stringify(text)),
      fc.nat({ max: 99 }).map(String),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 2, maxLength: 6 }), (parts) => {
        const text = `'' + ${parts.join(' + ')}`;
        // The platform itself is the reference here.
        expect(fold(text)).toEqual([parts.map((one) => String(JSON.parse(one))).join('')]);
      }),
    );
  });

  test('a sum of ten thousand strings does not exhaust the stack', () => {
    expect(fold(Array.from({ length: 10_000 }, () => `'a'`).join(' + '))[0]).toHaveLength(10_000);
  });

  test('values without end are unknown, not a wait without end', () => {
    const choices = Array.from({ length: 20 }, (_, index) => `(flag ? 'a${index}' : 'b${index}')`).join(' + ');
    expect(fold(choices).every((value) => value.includes('?'))).toBe(true);
  });
});
