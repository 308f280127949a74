// The way to the next major version is written before it is there.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDeprecations } from '../src/deprecation-rows.js';
import { removingMajors, upgradeGuide } from '../src/upgrade-guide.js';

const ROWS = readDeprecations(join(import.meta.dirname, '../../..'));

test('S15 each major version that removes something has a guide, which names all of it once', () => {
  expect(removingMajors(ROWS).length).toBeGreaterThan(0);
  for (const major of removingMajors(ROWS)) {
    const guide = upgradeGuide(ROWS, major);
    const wanted = [...ROWS.deprecations, ...ROWS.retired]
      .filter(({ since, removed_in }) => removed_in === `${major}.0.0` && since !== removed_in)
      .map(({ code }) => code);
    const told = [...guide.matchAll(/^- \[(TL_DEP\d{4})\]/gm)].map(([, code = '']) => code);
    expect(told.toSorted()).toEqual(wanted.toSorted());
  }
});

test('what was never there is no reason to upgrade, and a version that removes nothing has no guide', () => {
  const [row] = ROWS.deprecations;
  if (row === undefined) throw new Error('no row');
  const bornRemoved = { ...row, since: '1.0.0', removed_in: '1.0.0', status: 'removed' as const };
  expect(removingMajors({ deprecations: [bornRemoved], retired: [] })).toEqual([]);
  expect(() => upgradeGuide({ deprecations: [bornRemoved], retired: [] }, 1)).toThrow('takes nothing away');
});

test('what belongs together stands together, with the way and an example', () => {
  const [row] = ROWS.deprecations;
  if (row === undefined) throw new Error('no row');
  const replacement = { use: 'Use `take()`.', example: 'take();' };
  const base = {
    ...row,
    since: '1.1.0',
    removed_in: '3.0.0',
    entry: '.',
    kind: 'function',
    replacement,
    codemod: 'take',
  };
  const rows = {
    deprecations: [
      { ...base, code: 'TL_DEP0001', symbol: 'make' },
      { ...base, code: 'TL_DEP0002', symbol: 'give' },
    ],
    retired: [],
  };
  expect(upgradeGuide(rows, 3)).toContain(
    [
      '## Use `take()`',
      '',
      '- [TL_DEP0001](deprecations.md#tl_dep0001): `make` of `@throughline/compat`, deprecated since 1.1.0.',
      '- [TL_DEP0002](deprecations.md#tl_dep0002): `give` of `@throughline/compat`, deprecated since 1.1.0.',
      '',
      'The codemod `take` will do it.',
      '',
      '```ts',
      'take();',
      '```\n',
    ].join('\n'),
  );
});
