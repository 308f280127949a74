import { expect, test } from 'vitest';
import { isId } from '../src/protocol.js';

test.each(['a', '~', '!', 'ada@example.com', 'q3kJ0x9Zb1Qm', 'x'.repeat(128)])('%s is an id', (text) => {
  expect(isId(text)).toBe(true);
});

test.each([
  ['nothing', ''],
  ['one character too many', 'x'.repeat(129)],
  ['a space', 'a b'],
  ['a line break at the end, which forges a line of output', 'ada\n'],
  ['a control character', 'a\u0000'],
  ['a letter outside ASCII that looks like one inside', 'аda'],
  ['a number', 7],
  ['an object that reads like an id', { toString: () => 'ada' }],
  ['a String object', Object('ada')],
  ['null', null],
  ['undefined', undefined],
])('%s is no id', (_, value) => {
  expect(isId(value)).toBe(false);
});
