import { expect, test } from 'vitest';
import { createLedger } from '../src/ledger.js';

const row = { code: 'TL_DEP0001', symbol: 'one' };

test('S13 calls are counted by line and code, refusals apart', () => {
  const ledger = createLedger();
  ledger.add('shim_used', row, { file: '/b.ts', line: 2 });
  ledger.add('shim_used', row, { file: '/a.ts', line: 10 });
  ledger.add('shim_used', row, { file: '/a.ts', line: 9 });
  ledger.add('shim_used', { code: 'TL_DEP0002', symbol: 'two' }, { file: '/a.ts', line: 9 });
  ledger.add('user_refused', row, { file: '/a.ts', line: 9 });
  expect(ledger.add('shim_used', row, { file: '/a.ts', line: 9 }).calls).toBe(2);
  expect(ledger.list().map(({ kind, code, file, line, calls }) => [kind, code, `${file}:${line}`, calls])).toEqual([
    ['shim_used', 'TL_DEP0001', '/a.ts:9', 2],
    ['user_refused', 'TL_DEP0001', '/a.ts:9', 1],
    ['shim_used', 'TL_DEP0002', '/a.ts:9', 1],
    ['shim_used', 'TL_DEP0001', '/a.ts:10', 1],
    ['shim_used', 'TL_DEP0001', '/b.ts:2', 1],
  ]);
});

test('lines without end are counted together', () => {
  const ledger = createLedger();
  for (let line = 1; line <= 10_100; line += 1) ledger.add('shim_used', row, { file: '/a.ts', line });
  expect(ledger.add('shim_used', row, { file: '/a.ts', line: 1 }).calls).toBe(2);
  expect(ledger.list()).toHaveLength(10_001);
  expect(ledger.list()[0]).toMatchObject({ file: '(more)', calls: 100 });
});
