import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import ts from 'typescript';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ledgerWith } from '../scripts/code-ledger.js';
import * as connectionManager from '../src/connection-manager.js';
import { countedLines } from '../src/deprecate.js';
import {
  type Deprecation,
  deprecatedText,
  deprecations,
  retiredCodes,
  retiredDeprecations,
} from '../src/deprecations.js';
import * as index from '../src/index.js';
import * as isolatedManager from '../src/isolated-manager.js';
import * as legacyDialect from '../src/legacy-dialect.js';
import type { LegacyManager } from '../src/legacy-manager.js';
import * as manager from '../src/manager.js';
import * as tombstone from '../src/tombstone.js';
import * as unifiedManager from '../src/unified-manager.js';
import * as userSessionManager from '../src/user-session-manager.js';
import * as websocketManager from '../src/websocket-manager.js';
import { startLegacyService } from './legacy-service.js';

const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(file(path), 'utf8');
const rows: readonly Deprecation[] = Object.values(deprecations);
const data = JSON.parse(read('schema/deprecations.json')) as { deprecations: Deprecation[] };
const ledger = JSON.parse(read('schema/deprecation-codes.json')) as Record<string, string>;

type Manifest = { readonly exports: Record<string, string | { readonly '@throughline/source': string }> };
const entries = Object.entries((JSON.parse(read('package.json')) as Manifest).exports).flatMap(([entry, target]) =>
  typeof target === 'string' ? [] : [{ entry, source: file(target['@throughline/source']) }],
);

describe('S3 the data', () => {
  const validate = new Ajv({ allErrors: true, strictRequired: false }).compile(
    JSON.parse(read('schema/deprecations.schema.json')) as object,
  );

  test('is as its schema says, and the code has it', () => {
    expect(validate(data), JSON.stringify(validate.errors)).toBe(true);
    const all = [...rows, ...retiredDeprecations].toSorted((one, other) => (one.code < other.code ? -1 : 1));
    expect(all).toEqual(data.deprecations);
    expect(rows.filter(({ retired }) => retired !== undefined)).toEqual([]);
    expect(retiredCodes).toEqual(retiredDeprecations.map(({ code }) => code));
  });

  test.each<[string, (row: Record<string, unknown>) => void]>([
    ['an unknown field', (row) => Object.assign(row, { note: '' })],
    ['no reason', (row) => delete row['reason']],
    ['no replacement', (row) => delete row['replacement']],
    ['an unknown codemod', (row) => Object.assign(row, { codemod: 'magic' })],
    ['a manual way without a page', (row) => Object.assign(row, { codemod: 'manual' })],
    ['a code of another form', (row) => Object.assign(row, { code: 'DEP1' })],
    ['a retirement before its removal', (row) => Object.assign(row, { retired: '3.0.0' })],
    ['a retirement in no version', (row) => Object.assign(row, { status: 'removed', retired: true })],
    ['a default export that is none', (row) => Object.assign(row, { is_default: false })],
  ])('is refused with %s', (_, spoil) => {
    const row = structuredClone(data.deprecations[0]) as unknown as Record<string, unknown>;
    expect(validate({ deprecations: [row] })).toBe(true);
    spoil(row);
    expect(validate({ deprecations: [row] })).toBe(false);
  });

  test('keeps the row of what is gone', () => {
    const gone = { ...data.deprecations[0], status: 'removed', retired: '3.0.0' };
    expect(validate({ deprecations: [gone] }), JSON.stringify(validate.errors)).toBe(true);
  });

  test('has every code that was ever given, with its meaning', () => {
    expect(ledgerWith(ledger, data.deprecations)).toEqual(ledger);
    expect(Object.keys(ledger)).toEqual(data.deprecations.map(({ code }) => code));
  });

  const [first, second] = data.deprecations as [Deprecation, Deprecation];
  const known = ledgerWith({}, [first, second]);
  test.each<[string, Deprecation[], string]>([
    [
      'a row vanishes',
      [first],
      'TL_DEP0002 (function createWebSocketManager of ./websocket-manager-factory) has no row',
    ],
    ['the first row vanishes', [second], 'TL_DEP0001 (function createWebSocketManager of .) has no row'],
    ['a code names another symbol', [{ ...first, symbol: 'other' }, second], 'give that a new code'],
    ['a code names another entry', [{ ...first, entry: './manager' }, second], 'give that a new code'],
    ['a code names another kind of thing', [{ ...first, kind: 'class' }, second], 'give that a new code'],
    [
      'two codes are exchanged',
      [
        { ...first, code: second.code },
        { ...second, code: first.code },
      ],
      'give that a new',
    ],
    ['a retired code is used again', [first, { ...second, retired: '3.0.0' }, { ...first, code: second.code }], 'new'],
    ['a code is given twice', [first, second, second], 'Row 3 has the code TL_DEP0002'],
    ['a code is left out', [first, second, { ...second, code: 'TL_DEP0004' }], 'it must be TL_DEP0003'],
  ])('is refused when %s', (_, changed, words) => {
    expect(() => ledgerWith(known, changed)).toThrow(words);
  });

  test('may change in words and versions, and grows', () => {
    const reason = 'Another.';
    const changed = [
      { ...first, reason, removed_in: '3.0.0' },
      { ...second, retired: '2.0.0' },
      { ...first, code: 'TL_DEP0003' },
    ];
    expect(Object.keys(ledgerWith(known, changed))).toEqual(['TL_DEP0001', 'TL_DEP0002', 'TL_DEP0003']);
  });

  test('names each thing once', () => {
    const names = rows.map(({ entry, symbol }) => `${entry} ${symbol}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('sends people to pages that are there', () => {
    for (const { page = '' } of rows.filter(({ codemod }) => codemod === 'manual')) {
      const [path = '', anchor = ''] = page.split('#');
      const anchors = [...read(`../../${path}`).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading.toLowerCase().replaceAll(' ', '-'),
      );
      expect(anchors, page).toContain(anchor);
    }
  });
});

describe('S3 what editors say', () => {
  const program = ts.createProgram(
    entries.map(({ source }) => source),
    {
      strict: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      customConditions: ['@throughline/source'],
      skipLibCheck: true,
    },
  );
  const checker = program.getTypeChecker();

  /** The words behind each `@deprecated` of a symbol; one symbol may be a value and a type. */
  const wordsOf = (symbol: ts.Symbol): string[] =>
    symbol
      .getJsDocTags(checker)
      .flatMap(({ name, text }) => (name === 'deprecated' ? [ts.displayPartsToString(text)] : []));

  const exported = entries.flatMap(({ entry, source }) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(source) as ts.SourceFile) as ts.Symbol;
    return checker.getExportsOfModule(module).map((symbol) => {
      const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return { entry, name: symbol.name, declared, words: wordsOf(declared) };
    });
  });
  const membersOf = (name: string) =>
    checker
      .getDeclaredTypeOfSymbol(exported.find((one) => one.name === name)?.declared as ts.Symbol)
      .getProperties()
      .map((symbol) => ({ entry: '*', name: symbol.name, words: wordsOf(symbol) }));
  const members = [...membersOf('LegacyManager'), ...membersOf('LegacyManagerClass')];
  const deprecated = [...exported, ...members].filter(({ words }) => words.length > 0);

  test('is what the registry says, word for word, about everything that has a name', () => {
    const named = rows.filter(({ kind }) => kind !== 'field' && kind !== 'event');
    const names = named.flatMap((row) =>
      [row.symbol, ...(row.is_default ? ['default'] : [])].map((symbol) => ({ ...row, symbol })),
    );
    for (const row of named) {
      const found = deprecated.find(({ entry, name }) => entry === row.entry && name === row.symbol);
      expect(new Set(found?.words), `${row.entry} ${row.symbol}`).toEqual(new Set([deprecatedText(row)]));
    }
    expect(deprecated.map(({ entry, name }) => `${entry} ${name}`).toSorted()).toEqual(
      names.map(({ entry, symbol }) => `${entry} ${symbol}`).toSorted(),
    );
  });

  test('has the default export of each entry that has one', () => {
    const defaults = exported.filter(({ name }) => name === 'default');
    for (const { entry, declared } of defaults) {
      const row = rows.find((one) => one.entry === entry && one.is_default);
      expect(exported.find((one) => one.entry === entry && one.name === row?.symbol)?.declared, entry).toBe(declared);
    }
    expect(defaults).toHaveLength(8);
  });

  test('covers all that legacy entries open', () => {
    // What an entry opens that replaces nothing legacy by name is ours: it needs no row.
    const ours = entries
      .map(({ entry }) => entry)
      .filter((entry) => entry === '.' || !rows.some((row) => row.entry === entry));
    expect(exported.filter(({ entry, words }) => !ours.includes(entry) && words.length === 0)).toEqual([]);
    expect(members.filter(({ words }) => words.length === 0).map(({ name }) => name)).toEqual(['user_id']);
  });
});

test('S3 S13 everything that is there at run time counts and warns under its code, or fails with it', async () => {
  const { contextOf, managerOf } = await startLegacyService();
  vi.stubEnv('NODE_PENDING_DEPRECATION', '1');
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  onTestFinished(() => {
    vi.unstubAllEnvs();
    warn.mockRestore();
  });
  const userContext = await contextOf('ada');
  const legacy = await managerOf('ada');
  const modules: Record<string, object> = {
    '.': index,
    './websocket-manager': websocketManager,
    './websocket-manager-factory': tombstone,
    './unified-manager': unifiedManager,
    './manager': manager,
    './connection-manager': connectionManager,
    './user-session-manager': userSessionManager,
    './isolated-manager': isolatedManager,
    './legacy-dialect': legacyDialect,
  };
  const use: Record<Deprecation['kind'], (row: Deprecation) => unknown> = {
    function: ({ entry, symbol }) =>
      (modules[entry] as Record<string, (context: unknown) => unknown>)[symbol]?.(userContext),
    class: ({ entry, symbol }) => {
      const Legacy = (modules[entry] as Record<string, new (context: unknown) => unknown>)[symbol];
      return Legacy && new Legacy(userContext);
    },
    method: ({ symbol }) => {
      if (symbol === 'getInstance') return manager.WebSocketManager.getInstance();
      return (legacy[symbol as keyof LegacyManager] as (user: string, timeout: number) => unknown)('ada', 0);
    },
    constant: () =>
      new unifiedManager.UnifiedWebSocketManager(userContext, unifiedManager.WebSocketManagerMode.ISOLATED),
    field: ({ entry }) => {
      if (entry === '*') return legacy.emitAgentThinking({ thread_id: 't-1', thought: 'so' });
      return legacyDialect.legacyDialect().admitted?.(['query']);
    },
    event: () => legacy.sendToThread('t-1', { type: 'agent_start' }),
    type: () => {},
  };
  for (const row of rows) {
    const linesOf = () => countedLines().filter(({ kind, code }) => kind === 'shim_used' && code === row.code);
    const before = linesOf().length;
    warn.mockClear();
    // Some refuse: that is their way.
    const failure: unknown = await (async () => use[row.kind](row))().then(
      () => undefined,
      (error: unknown) => error,
    );
    const after = linesOf();
    const warnings = warn.mock.calls.map(([, options]) => options as unknown as { code: string; detail: string });
    const warned = warnings.find(({ code }) => code === row.code);
    if (row.status === 'removed') expect((failure as Error).message).toContain(`was removed (${row.code})`);
    else if (row.kind !== 'type') {
      expect(warned?.detail, `${row.code} ${row.symbol}`).toContain(row.replacement.use);
      expect(warned?.detail).toContain(row.page ?? row.codemod);
    }
    expect(warned === undefined).toBe(row.status === 'removed' || row.kind === 'type');
    expect(after.length - before, `${row.code} ${row.symbol}`).toBe(row.kind === 'type' ? 0 : 1);
    expect(after.every(({ symbol }) => symbol === row.symbol)).toBe(true);
  }
});
