import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { checkDocuments } from '../src/documents.js';
import { DEPRECATING, deprecations, plantDocumented } from './planted-deprecations.js';
import type { Files } from './planted-repository.js';

const compat = DEPRECATING['packages/compat/package.json'] as { exports: Record<string, unknown> };

describe('S6 generated documents', { timeout: 30_000 }, () => {
  it('are fresh', async () => {
    expect(await checkDocuments({ root: plantDocumented() })).toEqual({
      ok: true,
      detail: 'docs/deprecations.md, docs/import-registry.md, docs/import-registry.json, docs/upgrading-2.md',
    });
  });

  it.each<[string, Files, string[]]>([
    [
      'a symbol was added',
      {
        'packages/core/src/take.ts': 'export const take = 1;\nexport class Taken {}\n',
        'packages/core/src/index.ts': 'export const take = 1;\nexport const more = 1;\n',
      },
      ['docs/import-registry.md:', 'docs/import-registry.json:'],
    ],
    [
      'a symbol became a type',
      { 'packages/compat/src/index.ts': 'export type make = 1;\nexport const fine = 1;\n' },
      ['- | `make` | value |', '+ | `make` | type |'],
    ],
    [
      'a path was opened',
      {
        'packages/compat/package.json': { ...compat, exports: { ...compat.exports, './more': compat.exports['.'] } },
      },
      ['+ ## @throughline/compat/more'],
    ],
    [
      'something was deprecated',
      {
        'packages/compat/schema/deprecations.json': {
          deprecations: [...deprecations, { ...deprecations[0], code: 'TL_DEP0005', symbol: 'fine' }],
        },
      },
      [
        'docs/deprecations.md:',
        '+ | `fine` | value | deprecated until 2.0.0, [TL_DEP0005](deprecations.md#tl_dep0005) |',
      ],
    ],
    [
      'a version was moved',
      {
        'packages/compat/schema/deprecations.json': {
          deprecations: [{ ...deprecations[0], removed_in: '3.0.0' }, ...deprecations.slice(1)],
        },
      },
      ['docs/deprecations.md:', 'docs/import-registry.md:', 'docs/import-registry.json:', 'docs/upgrading-3.md is'],
    ],
    ['somebody wrote into one', { 'docs/deprecations.md': '# Deprecations\n\nNone.\n' }, ['docs/deprecations.md:3 ']],
  ])('are stale when %s', async (_, changes, words) => {
    const { ok, output } = await checkDocuments({ root: plantDocumented(changes) });
    expect(ok).toBe(false);
    for (const word of [...words, 'Run: npm run documents']) expect(output).toContain(word);
  });

  it('are missed', async () => {
    const root = plantDocumented();
    rmSync(join(root, 'docs/import-registry.json'));
    expect(await checkDocuments({ root })).toMatchObject({
      ok: false,
      output: 'docs/import-registry.json is generated, but not there.\nRun: npm run documents',
    });
  });
});

test('an entry that opens nothing or is not there, and data that is no JSON, are no clean verdict', {
  timeout: 30_000,
}, async () => {
  const empty = plantDocumented({ 'packages/compat/src/tomb.ts': 'const Tomb = 1;\n' });
  await expect(checkDocuments({ root: empty })).rejects.toThrow(/tomb\.ts opens nothing/);
  rmSync(join(empty, 'packages/compat/src/tomb.ts'));
  await expect(checkDocuments({ root: empty })).rejects.toThrow(/tomb\.ts cannot be read as a module/);
  const noData = plantDocumented({ 'packages/compat/schema/deprecations.json': '{' });
  await expect(checkDocuments({ root: noData })).rejects.toThrow(/JSON/);
});
