import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compatError } from '../src/errors.js';
import { compatErrorCodes, isCompatError } from '../src/index.js';

test('README.md has a row for each code, and no other', () => {
  const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(rows).toEqual(compatErrorCodes);
});

test('an error says what was wrong and what to do, and is told from a look-alike', () => {
  const error = compatError('ISOLATION', 'Wrong.');
  expect(error).toMatchObject({ name: 'IsolationError', code: 'ISOLATION' });
  expect(error.message).toBe('Wrong. A manager speaks to and about the user of its own context alone.');
  expect(isCompatError(error, 'ISOLATION')).toBe(true);
  expect(isCompatError(error, 'OPTION_INVALID')).toBe(false);
  expect(isCompatError({ ...error, message: error.message })).toBe(false);
});
