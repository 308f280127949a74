// One registry, and everything that is made from it. The words of editors and warnings are held to it by the tests of the package.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { burnDown } from '@throughline/boundaries';
import { describe, expect, it, test } from 'vitest';
import { deprecationsChangelog } from '../src/deprecation-changelog.js';
import { registryNotices } from '../src/deprecation-notices.js';
import { type DeprecationRow, readDeprecations } from '../src/deprecation-rows.js';
import type { ImportRegistry } from '../src/import-registry.js';
import { compareVersions } from '../src/release-version.js';
import { plant } from './planted-repository.js';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const ROWS = readDeprecations(ROOT);
const ALL = [...ROWS.deprecations, ...ROWS.retired];
const LAST =
  ALL.map(({ removed_in }) => removed_in)
    .toSorted(compareVersions)
    .at(-1) ?? '';
const isExport = ({ kind }: DeprecationRow): boolean => ['function', 'class', 'type', 'constant'].includes(kind);

/** The lines of a page by its headings. */
function sectionOf(page: string, heading: string): string | undefined {
  return page.split(/^## /m).find((section) => section.startsWith(`${heading}\n`));
}

test('S15 the registry is not empty', () => {
  expect(ROWS.deprecations.length).toBeGreaterThan(49);
});

describe.each(ALL)('S3 S15 $code $symbol', (row) => {
  it('has a section of the page, or is told to be retired there', () => {
    const page = read('docs/deprecations.md');
    if (row.retired !== undefined) expect(page).toContain(`- ${row.code}: `);
    else expect(sectionOf(page, row.code)).toContain(row.replacement.example);
  });

  it('is done by a codemod, or by hand as a page tells that is there', () => {
    const schema = JSON.parse(read('packages/compat/schema/deprecations.schema.json')) as {
      definitions: { deprecation: { properties: { codemod: { enum: string[] } } } };
    };
    expect(schema.definitions.deprecation.properties.codemod.enum).toContain(row.codemod);
    if (row.codemod !== 'manual') return;
    const [path = '', anchor = ''] = (row.page ?? '').split('#');
    const anchors = [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    expect(anchors).toContain(anchor);
  });

  it('is in the changelog when it begins, while it lasts and when it is gone', () => {
    const line = (text: string, title: string): boolean =>
      text.split('#### ').some((part) => part.startsWith(`${title}\n`) && part.includes(`- ${row.code}: `));
    const first = deprecationsChangelog(ROWS, { version: row.since });
    expect(line(first, row.since === row.removed_in ? 'Removed' : 'New')).toBe(true);
    if (row.since !== row.removed_in) {
      const next = row.since.replace(/\d+$/, (patch) => String(Number(patch) + 1));
      expect(line(deprecationsChangelog(ROWS, { version: next, previous: row.since }), 'Still deprecated')).toBe(true);
    }
    expect(line(deprecationsChangelog(ROWS, { version: row.removed_in }), 'Removed')).toBe(true);
  });

  it('is in the one notice that the version which removes it puts up', () => {
    const notices = registryNotices(ROWS, LAST).filter(({ codes }) => codes.includes(row.code));
    expect(notices).toHaveLength(1);
    expect(notices[0]?.range).toMatch(new RegExp(`<${row.removed_in.replaceAll('.', '\\.')}$`));
    expect(notices[0]?.message).toContain(`${row.removed_in} removes `);
    expect(notices[0]?.message.length).toBeLessThan(300);
  });
});

test('S13 the boundaries say of every row what the registry says', async () => {
  const root = plant({ 'package.json': { name: 'service' }, 'src/old.ts': 'export {};\n' });
  const used = ROWS.deprecations.map(({ code }, index) => ({ file: 'src/old.ts', line: index + 1, code, calls: 1 }));
  const { rows, problems, sites } = await burnDown({ root, usage: [{ path: 'usage/1.json', used }], version: '0.0.0' });
  expect(problems).toEqual([]);
  expect(sites).toBe(ROWS.deprecations.length);
  for (const row of ROWS.deprecations) {
    const told = rows.find(({ code }) => code === row.code);
    const { symbol, removed_in, replacement, codemod } = row;
    expect(told).toMatchObject({ symbol, removed_in, replacement: replacement.use, codemod });
    expect(told?.page).toBe(row.page ?? `docs/deprecations.md#${row.code.toLowerCase()}`);
    expect(told?.way).toContain(row.page ?? row.codemod);
  }
});

test('S6 every export has its row, and every row its export', () => {
  const registry = JSON.parse(read('docs/import-registry.json')) as ImportRegistry;
  const told = registry.paths.flatMap(({ path, symbols }) =>
    symbols.flatMap((symbol) => (symbol.status === 'canonical' ? [] : [`${path} ${symbol.name} ${symbol.code}`])),
  );
  const wanted = ROWS.deprecations.filter(isExport).flatMap(({ entry, symbol, code, is_default }) => {
    const path = `@throughline/compat${entry.slice(1)}`;
    return [symbol, ...(is_default ? ['default'] : [])].map((name) => `${path} ${name} ${code}`);
  });
  expect(told.toSorted()).toEqual(wanted.toSorted());
});
