import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { deprecationsChangelog } from '../src/deprecation-changelog.js';
import { noticeCommand, registryNotices } from '../src/deprecation-notices.js';
import type { DeprecationRow, DeprecationRows } from '../src/deprecation-rows.js';

const ROOT = join(import.meta.dirname, '../../..');

function row(number: number, changes: Partial<DeprecationRow> = {}): DeprecationRow {
  return {
    code: `TL_DEP${String(number).padStart(4, '0')}`,
    kind: 'function',
    symbol: `make${number}`,
    entry: './made',
    status: 'deprecated',
    since: '1.0.0',
    removed_in: '2.0.0',
    replacement: { use: 'Use `take()`.', example: 'take();' },
    codemod: 'manager-getter',
    reason: 'One way is enough.',
    ...changes,
  };
}

const ROWS: DeprecationRows = {
  deprecations: [
    row(1),
    row(2, { since: '1.2.0', removed_in: '4.0.0', codemod: 'manual', page: 'docs/migration.md#making' }),
    row(3, { status: 'removed', removed_in: '1.2.0' }),
    row(4, { since: '3.0.0', removed_in: '4.0.0' }),
    row(5),
    row(6),
  ],
  retired: [row(7, { status: 'removed', removed_in: '1.1.0', retired: '1.2.0' })],
};

const without = (version: string, previous?: string): string[] =>
  deprecationsChangelog(ROWS, { version, previous })
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/ Use .*$/, ''));

describe('S15 the section of a changelog', () => {
  it('tells news from what is still there, how long that is, and what is gone', () => {
    expect(without('1.2.0', '1.1.0')).toEqual([
      '### Deprecations',
      '#### New',
      '- TL_DEP0002: `make2` of `@throughline/compat/made`, to be removed in 4.0.0, 3 major versions from now.',
      '#### Still deprecated',
      ...['0001: `make1`', '0005: `make5`', '0006: `make6`'].map(
        (name) => `- TL_DEP${name} of \`@throughline/compat/made\`, to be removed in 2.0.0, the next major version.`,
      ),
      '#### Removed',
      '- TL_DEP0003: `make3` of `@throughline/compat/made`, removed in 1.2.0.',
      '#### Retired',
      '- TL_DEP0007: `make7` of `@throughline/compat/made`, retired in 1.2.0.',
    ]);
  });

  it('says what to write and who does it', () => {
    const text = deprecationsChangelog(ROWS, { version: '1.2.0', previous: '1.1.0' });
    expect(text).toContain('the next major version. Use `take()`. The codemod `manager-getter` will do it.\n');
    expect(text).toContain('from now. Use `take()`. By hand: docs/migration.md#making.\n');
  });

  it('of the first release has no past, and of a later one no future', () => {
    expect(without('1.0.0').filter((line) => line.startsWith('#'))).toEqual(['### Deprecations', '#### New']);
    expect(without('1.0.0').join()).not.toMatch(/TL_DEP000[24]/);
    expect(without('2.0.0', '1.9.0').filter((line) => /^####|0001|0002/.test(line))).toEqual([
      '#### Still deprecated',
      expect.stringContaining('TL_DEP0002: `make2` of `@throughline/compat/made`, to be removed in 4.0.0, 2 major'),
      '#### Removed',
      expect.stringContaining('TL_DEP0001'),
    ]);
    expect(without('4.0.0', '3.9.0').filter((line) => line.startsWith('#'))).toEqual([
      '### Deprecations',
      '#### Removed',
    ]);
    expect(without('0.9.0')).toEqual(['### Deprecations', 'Nothing is deprecated.']);
  });

  it.each([
    ['1.0.0', '1.0.0'],
    ['1.0.0', '2.0.0'],
    ['one', undefined],
    ['1.0', undefined],
  ])('is refused for %s after %s', (version, previous) => {
    expect(() => deprecationsChangelog(ROWS, { version, previous })).toThrow(/cannot be|is no version/);
  });
});

describe('S15 registry notices', () => {
  it('are for the versions that still have what a release removed, each in one notice', () => {
    expect(registryNotices(ROWS, '10.0.0').map(({ range, codes }) => [range, codes.length])).toEqual([
      ['<1.1.0', 1],
      ['>=1.1.0 <1.2.0', 1],
      ['>=1.2.0 <2.0.0', 3],
      ['>=2.0.0 <4.0.0', 2],
    ]);
  });

  it('are due once the version is released, and not for its candidate', () => {
    expect(registryNotices(ROWS, '1.0.0')).toEqual([]);
    expect(registryNotices(ROWS, '1.2.0').map(({ range }) => range)).toEqual(['<1.1.0', '>=1.1.0 <1.2.0']);
    expect(registryNotices(ROWS, '2.0.0-rc.1')).toHaveLength(2);
    expect(registryNotices(ROWS, '2.0.0')).toHaveLength(3);
  });

  it('say what goes, what to write and where more is told, in words that a shell leaves alone', () => {
    const [, , third] = registryNotices(ROWS, '2.0.0');
    expect(third).toEqual({
      package: '@throughline/compat',
      range: '>=1.2.0 <2.0.0',
      message: 'Superseded: 2.0.0 removes TL_DEP0001, TL_DEP0005, TL_DEP0006. Use take(). See docs/deprecations.md.',
      codes: ['TL_DEP0001', 'TL_DEP0005', 'TL_DEP0006'],
    });
    expect(third && noticeCommand(third)).toBe(
      "npm deprecate '@throughline/compat@>=1.2.0 <2.0.0' 'Superseded: 2.0.0 removes TL_DEP0001, TL_DEP0005, TL_DEP0006. Use take(). See docs/deprecations.md.'",
    );
    const many = {
      deprecations: [1, 2, 3, 5].map((number) => row(number, { replacement: { use: "Don't.", example: '' } })),
      retired: [],
    };
    expect(registryNotices(many, '2.0.0')[0]?.message).toContain('removes TL_DEP0001 to TL_DEP0003, TL_DEP0005. Dont.');
  });
});

describe('S15 npm run deprecations', () => {
  const print = (...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> =>
    promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', join(ROOT, 'tools/checks/src/write-deprecations.ts'), ...args],
      { cwd: ROOT },
    ).then(
      (ran) => ({ ...ran, code: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => error,
    );

  it('prints both', async () => {
    expect((await print('changelog', '0.1.0')).stdout).toMatch(/^### Deprecations\n\n#### New\n\n- TL_DEP0001: /);
    expect((await print('notices', '2.0.0')).stdout).toMatch(
      /^npm deprecate '@throughline\/compat@<0\.1\.0' 'Superseded: /,
    );
    expect(await print('notices', '0.0.9')).toMatchObject({ stdout: '', code: 0 });
  });

  it.each([[[]], [['both']], [['changelog', 'next']]])('ends with 2 for %j', async (args) => {
    expect(await print(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/./) });
  });
});
