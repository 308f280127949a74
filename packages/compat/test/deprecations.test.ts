import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import * as connectionManager from '../src/connection-manager.js';
import { countedLines } from '../src/deprecate.js';
import { type Deprecation, deprecatedText, deprecations, retiredCodes } from '../src/deprecations.js';
import * as index from '../src/index.js';
import * as isolatedManager from '../src/isolated-manager.js';
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
const data = JSON.parse(read('schema/deprecations.json')) as { deprecations: Deprecation[]; retired: string[] };

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
    expect(rows).toEqual(data.deprecations);
    expect(retiredCodes).toEqual(data.retired);
  });

  test.each<[string, (row: Record<string, unknown>) => void]>([
    ['an unknown field', (row) => Object.assign(row, { note: '' })],
    ['no reason', (row) => delete row['reason']],
    ['no replacement', (row) => delete row['replacement']],
    ['an unknown codemod', (row) => Object.assign(row, { codemod: 'magic' })],
    ['a manual way without a page', (row) => Object.assign(row, { codemod: 'manual' })],
    ['a code of another form', (row) => Object.assign(row, { code: 'DEP1' })],
  ])('is refused with %s', (_, spoil) => {
    const row = structuredClone(data.deprecations[0]) as unknown as Record<string, unknown>;
    spoil(row);
    expect(validate({ deprecations: [row], retired: [] })).toBe(false);
  });

  test('uses each code once and loses none: what goes is retired', () => {
    const codes = [...rows.map(({ code }) => code), ...retiredCodes].toSorted();
    expect(codes).toEqual(codes.map((_, index) => `TL_DEP${String(index + 1).padStart(4, '0')}`));
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
    for (const row of named) {
      const found = deprecated.find(({ entry, name }) => entry === row.entry && name === row.symbol);
      expect(new Set(found?.words), `${row.entry} ${row.symbol}`).toEqual(new Set([deprecatedText(row)]));
    }
    expect(deprecated.map(({ entry, name }) => `${entry} ${name}`).toSorted()).toEqual(
      named.map(({ entry, symbol }) => `${entry} ${symbol}`).toSorted(),
    );
  });

  test('covers all that legacy entries open', () => {
    const ours = ['.', './deprecations', './usage'];
    expect(exported.filter(({ entry, words }) => !ours.includes(entry) && words.length === 0)).toEqual([]);
    expect(members.filter(({ words }) => words.length === 0).map(({ name }) => name)).toEqual(['user_id']);
  });
});

test('S3 S13 everything that is there at run time counts under its code', async () => {
  const { contextOf, managerOf } = await startLegacyService();
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
    field: () => legacy.emitAgentThinking({ thread_id: 't-1', thought: 'so' }),
    event: () => legacy.sendToThread('t-1', { type: 'agent_start' }),
    type: () => {},
  };
  for (const row of rows) {
    const linesOf = () => countedLines().filter(({ kind, code }) => kind === 'shim_used' && code === row.code);
    const before = linesOf().length;
    // Some refuse: that is their way.
    await (async () => use[row.kind](row))().catch(() => {});
    const after = linesOf();
    expect(after.length - before, `${row.code} ${row.symbol}`).toBe(row.kind === 'type' ? 0 : 1);
    expect(after.every(({ symbol }) => symbol === row.symbol)).toBe(true);
  }
});
