import { describe, expect, test } from 'vitest';
import { deprecations } from '../src/deprecations.js';
import { createWarnings, type WarningProcess } from '../src/warnings.js';

const row = deprecations.TL_DEP0001;
const pending = deprecations.TL_DEP0006;
const shim = () => {};

/** Warnings of a process that only writes down what it is told. */
function recorded(environment: Partial<Pick<WarningProcess, 'env' | 'execArgv'>> = {}) {
  const emitted: [string, { type: string; code: string; detail: string }][] = [];
  const emitWarning = ((message: string, options: never) => emitted.push([message, options])) as never;
  return { emitted, warnings: createWarnings({ env: {}, execArgv: [], ...environment, emitWarning }) };
}

describe('a warning', () => {
  test('S3 names what is used, what replaces it, who does that, and the calling line', () => {
    const { emitted, warnings } = recorded();
    warnings.warn(row, { file: '/srv/a.ts', line: 7 }, shim);
    expect(emitted).toEqual([
      [
        'createWebSocketManager of @throughline/compat is deprecated.',
        expect.objectContaining({ type: 'DeprecationWarning', code: 'TL_DEP0001', ctor: shim }),
      ],
    ]);
    const detail = emitted[0]?.[1].detail;
    expect(detail).toContain(row.replacement.use);
    expect(detail).toContain('  const manager = getWebSocketManager(userContext);');
    expect(detail).toContain('The codemod manager-factory will do it.');
    expect(detail).toContain('Called at /srv/a.ts:7.');
  });

  test('names the page where no codemod does it', () => {
    const { emitted, warnings } = recorded();
    warnings.warn(deprecations.TL_DEP0043, { file: '/srv/a.ts', line: 7 }, shim);
    expect(emitted[0]?.[0]).toBe('broadcast of legacy managers is deprecated.');
    expect(emitted[0]?.[1].detail).toContain('See docs/migration.md#broadcasting.');
  });

  test('S3 comes once for each calling line and code', () => {
    const { emitted, warnings } = recorded();
    for (const line of [1, 2, 1, 2, 1]) warnings.warn(row, { file: '/srv/a.ts', line }, shim);
    warnings.warn(row, { file: '/srv/b.ts', line: 1 }, shim);
    warnings.warn(deprecations.TL_DEP0005, { file: '/srv/b.ts', line: 1 }, shim);
    expect(emitted).toHaveLength(4);
  });

  test('S3 comes at most 100 times, and the last says so', () => {
    const { emitted, warnings } = recorded();
    for (let line = 1; line <= 150; line += 1) warnings.warn(row, { file: '/srv/a.ts', line }, shim);
    expect(emitted).toHaveLength(100);
    expect(emitted.filter(([, { detail }]) => detail.includes('last of these warnings'))).toEqual([emitted[99]]);
  });

  test.each([
    ['nobody asked', {}, 0],
    ['the environment asks', { env: { NODE_PENDING_DEPRECATION: '1' } }, 1],
    ['the environment asks not', { env: { NODE_PENDING_DEPRECATION: '0' } }, 0],
    ['the command line asks', { execArgv: ['--pending-deprecation'] }, 1],
    ['the options of Node ask', { env: { NODE_OPTIONS: '--no-addons --pending-deprecation' } }, 1],
  ])('that is pending comes when asked for: %s', (_, environment, count) => {
    const { emitted, warnings } = recorded(environment);
    warnings.warn(pending, { file: '/srv/a.ts', line: 7 }, shim);
    expect(emitted).toHaveLength(count);
  });
});
