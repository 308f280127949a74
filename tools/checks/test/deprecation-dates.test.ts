// Nothing goes before its version, and nothing outlives it.
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { dateProblems, readMoment } from '../src/deprecation-dates.js';
import { type DeprecationRow, readDeprecations } from '../src/deprecation-rows.js';
import { plant } from './planted-repository.js';

const ROOT = join(import.meta.dirname, '../../..');
const ROW: DeprecationRow = {
  code: 'TL_DEP0001',
  kind: 'function',
  symbol: 'make',
  entry: '.',
  status: 'deprecated',
  since: '1.1.0',
  removed_in: '2.0.0',
  replacement: { use: 'Use `take()`.', example: 'take();' },
  codemod: 'manager-getter',
  reason: 'One way is enough.',
};
const removed = { status: 'removed' } as const;

const problems = (row: Partial<DeprecationRow>, current: string, next: string): string[] => {
  const whole = { ...ROW, ...row };
  const rows = whole.retired ? { deprecations: [], retired: [whole] } : { deprecations: [whole], retired: [] };
  return dateProblems(rows, { current, next });
};

test('S6 S15 the registry keeps its dates', () => {
  expect(dateProblems(readDeprecations(ROOT), readMoment(ROOT))).toEqual([]);
});

describe('S6 S15 what keeps its date', () => {
  it.each<[string, Partial<DeprecationRow>, string, string]>([
    ['announced by the next version', {}, '1.0.0', '1.1.0'],
    ['there until the last minor version', {}, '1.9.0', '1.10.0'],
    ['there while the version that removes it is prepared', {}, '1.9.0', '2.0.0'],
    ['removed while that version is prepared', removed, '1.9.0', '2.0.0'],
    ['a tombstone after it', removed, '2.3.0', '2.4.0'],
    ['born removed', { ...removed, since: '1.1.0', removed_in: '1.1.0' }, '1.0.0', '1.1.0'],
    ['retired in time', { ...removed, retired: '3.0.0' }, '2.9.0', '3.0.0'],
    ['removed in a candidate of its version', removed, '2.0.0-next.1', '2.0.0-next.1'],
    ['whatever it is, in a snapshot', removed, '0.0.0-canary-20300101000000', '0.0.0-canary-20300101000000'],
  ])('%s', (_, row, current, next) => {
    expect(problems(row, current, next)).toEqual([]);
  });
});

describe('S6 S15 what does not', () => {
  it.each<[string, Partial<DeprecationRow>, string, string, string]>([
    ['removed before its version', removed, '1.1.0', '1.2.0', 'is removed already, and was promised until 2.0.0'],
    ['still there in its version', {}, '2.0.0', '2.0.0', '2.0.0 still has it'],
    ['still there in a candidate of it', {}, '2.0.0-next.0', '2.0.0-next.0', '2.0.0-next.0 still has it'],
    ['still there after it', {}, '2.1.0', '2.2.0', '2.1.0 still has it'],
    [
      'announced by a version that is far',
      {},
      '0.9.0',
      '1.0.0',
      'deprecated since 1.1.0, and the next version is 1.0.0',
    ],
    ['removed by a minor version', { removed_in: '1.2.0' }, '1.1.0', '1.1.0', 'only a major version removes'],
    ['removed before it is deprecated', { removed_in: '1.0.0' }, '0.9.0', '1.1.0', 'before it is deprecated'],
    ['retired before its version', { ...removed, retired: '3.0.0' }, '2.0.0', '2.1.0', 'keep its tombstone'],
    ['retired with its removal', { ...removed, retired: '2.0.0' }, '2.0.0', '2.0.0', 'has to stand for a version'],
  ])('%s', (_, row, current, next, words) => {
    expect(problems(row, current, next).join('\n')).toContain(words);
  });
});

test.each([
  ['major', '2.0.0'],
  ['minor', '1.5.0'],
  ['patch', '1.4.3'],
  [undefined, '1.4.2'],
])('a waiting %s changeset makes %s of 1.4.2', (type, next) => {
  const root = plant({
    'packages/compat/package.json': { version: '1.4.2' },
    '.changeset/README.md': 'A change: major\n',
    '.changeset/one.md': type && `---\n'@throughline/core': ${type}\n---\n\nNot this: major\n`,
    '.changeset/two.md': type && "---\n'@throughline/client': patch\n---\n\nMore.\n",
  });
  expect(readMoment(root)).toEqual({ current: '1.4.2', next });
});

test('a candidate is not the next version but one, although its changesets wait with it', () => {
  const root = plant({
    'packages/compat/package.json': { version: '2.0.0-next.0' },
    '.changeset/one.md': "---\n'@throughline/core': major\n---\n\nLess.\n",
  });
  expect(readMoment(root)).toEqual({ current: '2.0.0-next.0', next: '2.0.0-next.0' });
});
