import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCodes, isThroughlineError, throughlineError } from '../src/errors.js';

test('docs/errors.md has a row for each code, and no other', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(rows).toEqual(errorCodes);
});

test('an error says what was wrong and what to do', () => {
  const cause = new Error('disk');
  const error = throughlineError('STORE_FAILED', 'The event was not stored.', cause);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'ThroughlineError', code: 'STORE_FAILED', cause });
  expect(error.message).toBe('The event was not stored. The log could not store the event.');
  expect('cause' in throughlineError('RUN_ENDED', 'The run has ended.')).toBe(false);
});

test('an error of this package is told from a look-alike, and by its code', () => {
  const error = throughlineError('RUN_ENDED', 'The run has ended.');
  expect(isThroughlineError(error)).toBe(true);
  expect(isThroughlineError(error, 'RUN_ENDED')).toBe(true);
  expect(isThroughlineError(error, 'RUN_DUPLICATE')).toBe(false);
  const lookAlike = Object.assign(new Error(error.message), { name: error.name, code: error.code });
  for (const other of [lookAlike, { ...error }, null, undefined, 'RUN_ENDED'])
    expect(isThroughlineError(other)).toBe(false);
});
