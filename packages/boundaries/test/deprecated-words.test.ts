import { type Deprecation, deprecations, wayOf } from '@throughline/compat/deprecations';
import { describe, expect, it } from 'vitest';
import { checkBoundaries } from '../src/index.js';
import { type Files, installed, plant, SERVICE } from './planted.js';

/** What can be imported by its name. */
const ROWS: readonly Deprecation[] = Object.values(deprecations).filter(
  ({ kind, entry }) => entry !== '*' && ['function', 'class', 'type', 'constant'].includes(kind),
);
const COMPAT = 'node_modules/@throughline/compat';

/** The package with its entries, each a file. */
const PLANTED: Files = {
  ...SERVICE,
  ...installed('@throughline/compat'),
  [`${COMPAT}/package.json`]: {
    name: '@throughline/compat',
    version: '1.0.0',
    type: 'module',
    exports: { '.': './index.js', './*': './index.js' },
  },
  'package.json': {
    name: 'service',
    dependencies: { express: '5', '@throughline/compat': '1' },
    devDependencies: { ws: '8', vitest: '4' },
  },
};

async function wordsFor(text: string, rule = 'no-deprecated-import'): Promise<{ message: string; instead: string }> {
  const { violations, problems } = await checkBoundaries({ root: plant({ ...PLANTED, 'src/old.ts': text }) });
  expect(problems).toEqual([]);
  const found = violations.find((one) => one.rule === rule);
  if (!found) throw new Error(`${rule} found nothing in ${text}`);
  return found;
}

describe('S3 a refused import', () => {
  it.each(ROWS)('of $code $symbol of $entry says what the registry says', async (row) => {
    const keyword = row.kind === 'type' ? 'import type' : 'import';
    const path = `@throughline/compat${row.entry.slice(1)}`;
    const { message, instead } = await wordsFor(
      `${keyword} { ${row.symbol} } from '${path}';\nexport type One = ${row.symbol};\n`,
    );
    expect(message).toContain(`${row.symbol} of ${path} (${row.code})`);
    expect(message).toContain(`since ${row.since}`);
    expect(message).toContain(`removed in ${row.removed_in}.`);
    for (const words of [row.replacement.use, wayOf(row), `docs/deprecations.md#${row.code.toLowerCase()}`]) {
      expect(instead).toContain(words);
    }
  });

  it('names what is imported, and nothing else of the entry', async () => {
    const { message } = await wordsFor(
      "export { getWebSocketManager as get } from '@throughline/compat/websocket-manager';\n",
    );
    expect(message).toContain('TL_DEP0006');
    expect(message).not.toMatch(/TL_DEP000[57]/);
  });

  it.each([
    ["import Manager from '@throughline/compat/manager';\nexport { Manager };\n", ['TL_DEP0010']],
    ["export * as all from '@throughline/compat/websocket-manager';\n", ['TL_DEP0005', 'TL_DEP0006', 'TL_DEP0007']],
    ["import '@throughline/compat/websocket-manager';\n", ['TL_DEP0005', 'TL_DEP0006', 'TL_DEP0007']],
  ])('of a whole entry names all of it: %s', async (text, codes) => {
    const { message } = await wordsFor(text);
    expect([...message.matchAll(/TL_DEP\d{4}/g)].map(String)).toEqual(codes);
  });

  it('is none of the registry, nor of who uses what', async () => {
    const exports = {
      './deprecations': './dist/deprecations.js',
      './usage': './dist/usage.js',
      './manager': './dist/manager.js',
    };
    const root = plant({
      ...PLANTED,
      [`${COMPAT}/package.json`]: { name: '@throughline/compat', version: '1.0.0', type: 'module', exports },
      [`${COMPAT}/dist/deprecations.js`]: 'export const deprecations = {};\n',
      [`${COMPAT}/dist/usage.js`]: 'export const reportUsage = () => {};\n',
      [`${COMPAT}/dist/manager.js`]: 'export const WebSocketManager = class {};\n',
      'src/old.ts':
        "export { deprecations } from '@throughline/compat/deprecations';\nexport { reportUsage } from '@throughline/compat/usage';\nexport { WebSocketManager } from '@throughline/compat/manager';\n",
    });
    const { violations, problems } = await checkBoundaries({ root });
    expect(problems).toEqual([]);
    expect(violations.filter(({ rule }) => rule === 'no-deprecated-import').map(({ line }) => line)).toEqual([3]);
  });

  it('of what has no row says what the plan says', async () => {
    const { message, instead } = await wordsFor("export { isCompatError } from '@throughline/compat';\n");
    expect(message).toBe("'@throughline/compat' is deprecated: @throughline/compat goes away.");
    expect(instead).toContain("from '@throughline/core'");
  });

  it('of the deleted factory says what its tombstone says', async () => {
    const { instead } = await wordsFor("export { it } from './websocket-manager-factory.js';\n", 'no-deleted-module');
    const row = deprecations.TL_DEP0003;
    for (const words of [row.replacement.use, wayOf(row), '#tl_dep0003', "from '@throughline/core'"])
      expect(instead).toContain(words);
  });
});
