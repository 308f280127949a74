import { expect, test } from 'vitest';
import { closeCodes, type RetryRule, retryRule } from '../src/protocol.js';
import { tableBelow } from './markdown.js';

/** What PROTOCOL.md says of a rule, in its words. */
const words: Record<string, RetryRule> = {
  'stays closed': 'never',
  'backs off': 'backoff',
  'connects at once': 'now',
  'asks for a fresh token': 'refresh',
  'waits for a user': 'on_user_act',
};

const rows = tableBelow('## 9. Close codes').flatMap(([codes = '', , client = '']) =>
  codes.split(',').map((code) => ({ code: Number(code), client })),
);

test('PROTOCOL.md lists exactly the codes of the registry', () => {
  expect(new Set(rows.map(({ code }) => code))).toEqual(new Set(Object.values(closeCodes)));
  expect(rows).toHaveLength(Object.keys(closeCodes).length);
});

test.each(rows)('R6, R15: the rule for $code is the one in PROTOCOL.md: $client', ({ code, client }) => {
  const phrase = Object.keys(words).find((words) => client.startsWith(words));
  expect(retryRule(code)).toBe(words[phrase ?? '']);
});

test('a code nobody knows backs off, whatever its number', () => {
  for (const code of [0, 999, 1004, 1015, 3000, 4402, 4999, -1, Number.NaN]) expect(retryRule(code)).toBe('backoff');
});

test('R6: no two meanings share a code', () => {
  const codes = Object.values(closeCodes);
  expect(new Set(codes).size).toBe(codes.length);
});
