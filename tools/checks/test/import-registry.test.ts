import { describe, expect, it } from 'vitest';
import { importRegistry, importRegistryPage } from '../src/import-registry.js';
import { plantDocumented } from './planted-deprecations.js';

describe('S6 the import registry', { timeout: 30_000 }, () => {
  const expected = [
    {
      path: '@throughline/compat',
      status: 'canonical',
      symbols: [
        { name: 'fine', kind: 'value', status: 'canonical' },
        { name: 'make', kind: 'value', status: 'deprecated', code: 'TL_DEP0001', until: '2.0.0' },
      ],
    },
    {
      path: '@throughline/compat/tomb',
      status: 'removed',
      symbols: [
        { name: 'Tomb', kind: 'value', status: 'removed', code: 'TL_DEP0002' },
        { name: 'default', kind: 'value', status: 'removed', code: 'TL_DEP0002' },
      ],
    },
    {
      path: '@throughline/core',
      status: 'canonical',
      symbols: [
        { name: 'Made', kind: 'type', status: 'canonical' },
        { name: 'Option', kind: 'type', status: 'canonical' },
        { name: 'default', kind: 'value', status: 'canonical' },
        { name: 'take', kind: 'value', status: 'canonical' },
      ],
    },
    { path: '@throughline/core/schema.json', status: 'canonical', symbols: [] },
  ];

  it('has each public path and symbol with its standing, and nothing that is not public', () => {
    expect(importRegistry(plantDocumented())).toEqual({ paths: expected });
  });

  it('says it to people', () => {
    const page = importRegistryPage(importRegistry(plantDocumented()));
    expect(page).toContain('| `Made` | type | canonical |');
    expect(page).toContain('| `make` | value | deprecated until 2.0.0, [TL_DEP0001](deprecations.md#tl_dep0001) |');
    expect(page).toContain('| `Tomb` | value | removed, [TL_DEP0002](deprecations.md#tl_dep0002) |');
    expect(page).toContain('## @throughline/core/schema.json\n\nCanonical. Data.\n');
  });
});
