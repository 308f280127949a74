import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Files, plant, SERVICE } from '../planted.js';
import { type Ran, run } from '../ports.js';

const COMMITTED = 'throughline.burn-down.json';
const BASELINE = 'throughline.boundaries.baseline.json';

/** The package as it is installed, in a version. */
function compat(version: string): Files {
  const folder = 'node_modules/@throughline/compat';
  const exports = { '.': './index.js', './*': './index.js', './package.json': './package.json' };
  return {
    [`${folder}/package.json`]: { name: '@throughline/compat', version, type: 'module', exports },
    [`${folder}/index.js`]: 'export const WebSocketManager = class {};\n',
  };
}

const OLD = [
  "import { WebSocketManager } from '@throughline/compat/manager';",
  'export const manager = new WebSocketManager(1);',
  "manager.sendToUser('ada', {});",
  '',
].join('\n');
const FACTORY = "import { createWebSocketManager } from '@throughline/compat/websocket-manager-factory';\n";

const PLANTED: Files = { ...SERVICE, ...compat('1.4.0'), 'src/old.ts': OLD };

const line = (file: string, at: number, code: string, calls = 1): object => ({
  file,
  line: at,
  code,
  symbol: 'x',
  calls,
});
const usage = (...used: object[]): object => ({ version: 1, lines: 0, files: 0, used, refused: [] });
const committed = (sites: number): object => ({ version: 1, sites, files: 1, codes: {} });

const burnDown = (files: Files, ...args: string[]): Promise<Ran> => run(plant(files), ['burn-down', ...args]);

interface Report {
  readonly sites: number;
  readonly files: number;
  readonly complete: boolean;
  readonly exitCode: number;
  readonly summary: string;
  readonly rows: readonly { readonly code: string | null; readonly sites: readonly Record<string, unknown>[] }[];
}

async function reportOf(files: Files, ...args: string[]): Promise<Report> {
  return JSON.parse((await burnDown(files, '--format', 'json', ...args)).out) as Report;
}

describe('S13 the burn-down', () => {
  it('tells what is left, by code, with the line, what replaces it and who does that', async () => {
    const { exitCode, out, error } = await burnDown(PLANTED);
    expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
    expect(out).toBe(`TL_DEP0010  WebSocketManager of @throughline/compat/manager, removed in 2.0
  Use \`getWebSocketManager(userContext)\` of \`@throughline/core\`. The codemod manager-class will do it.
    src/old.ts:1  import
    src/old.ts:2  use

TL_DEP0016  sendToUser, removed in 2.0
  Use \`manager.run()\`, or \`manager.send()\` outside a run. See docs/migration.md#sending.
    src/old.ts:3  use

There is no throughline.burn-down.json: write it with --write, and commit it.

3 call sites in 1 file left, removed in 2.0 (4 modules, 0 usage files)
`);
  });

  it('says when nothing is left, and needs no package for that', async () => {
    const { exitCode, out } = await burnDown(SERVICE);
    expect(exitCode).toBe(0);
    expect(out).toContain('0 call sites left (3 modules, 0 usage files)\n');
  });

  it('counts a line once, whoever found it and however many things it uses', async () => {
    const used = usage(
      line('src/old.ts', 2, 'TL_DEP0010', 4),
      line('src/old.ts', 2, 'TL_DEP0015'),
      line('src/main.ts', 3, 'TL_DEP0016'),
    );
    const again = usage(line('src/old.ts', 2, 'TL_DEP0010', 3));
    const report = await reportOf(
      { ...PLANTED, 'usage/1.json': used, 'usage/2.json': again, 'usage/note.txt': '' },
      '--usage',
      'usage',
    );
    expect(report).toMatchObject({ sites: 4, files: 2, complete: true, usageFiles: 2 });
    const sites = Object.fromEntries(report.rows.map((row) => [row.code, row.sites]));
    expect(sites['TL_DEP0010']).toEqual([
      { file: 'src/old.ts', line: 1, by: ['import'] },
      { file: 'src/old.ts', line: 2, by: ['use', 'run'], calls: 7 },
    ]);
    expect(sites['TL_DEP0015']).toEqual([{ file: 'src/old.ts', line: 2, by: ['run'], calls: 1 }]);
    expect(sites['TL_DEP0016']).toContainEqual({ file: 'src/main.ts', line: 3, by: ['run'], calls: 1 });
  });

  it('counts lines that a run could not name', async () => {
    const files = { ...PLANTED, 'u.json': usage(line('(unknown)', 0, 'TL_DEP0016', 2)) };
    expect((await burnDown(files, '--usage', 'u.json')).out).toContain('    (unknown)  2 calls\n');
    expect(await reportOf(files, '--usage', 'u.json')).toMatchObject({ sites: 4, files: 2 });
  });

  it('counts what the baseline knows under another name, and marks what it does not know', async () => {
    const to = 'node_modules/@throughline/compat/index.js';
    const known = (file: string): object => ({ file, rule: 'no-deprecated-import', to });
    const files = {
      ...PLANTED,
      [BASELINE]: {
        version: 1,
        known: [known('src/main.ts'), { file: 'src/answer.ts', rule: 'one-owner', to: 'node_modules/ws/index.js' }],
      },
    };
    const report = await reportOf(files);
    expect(report).toMatchObject({ sites: 4, files: 2 });
    expect(report.rows.at(-1)).toMatchObject({
      code: null,
      sites: [{ file: 'src/main.ts', by: ['baseline'], known: true }],
    });
    expect(report.rows[0]?.sites[0]).toMatchObject({ known: false });
    expect((await burnDown(files)).out).toContain('src/old.ts:1  import, not in the baseline');
    const both = { ...PLANTED, 'other.json': { version: 1, known: [known('src/old.ts')] } };
    const named = await reportOf(both, '--baseline', 'other.json');
    expect(named).toMatchObject({ sites: 3 });
    expect(named.rows[0]?.sites[0]).toMatchObject({ known: true });
  });

  it('tells apart what goes when', async () => {
    const files = { ...PLANTED, ...compat('0.9.0'), 'src/older.ts': FACTORY };
    expect((await reportOf(files)).summary).toBe(
      '4 call sites in 2 files left, removed: 1 in 0.1, 3 in 2.0 (5 modules, 0 usage files)',
    );
  });

  it('looks at what the paths name, at runs and the baseline too', async () => {
    const known = [
      { file: 'test/answer.test.ts', rule: 'no-deprecated-import', to: 'node_modules/@throughline/compat/index.js' },
    ];
    const files = {
      ...PLANTED,
      'test/old.ts': OLD,
      'u.json': usage(line('test/old.ts', 9, 'TL_DEP0016')),
      [BASELINE]: { version: 1, known },
    };
    expect(await reportOf(files, 'src', '--usage', 'u.json')).toMatchObject({ sites: 3 });
    expect(await reportOf(files, 'test', '--usage', 'u.json')).toMatchObject({ sites: 5 });
    expect(await reportOf(files, '--usage', 'u.json')).toMatchObject({ sites: 8 });
  });
});

describe('S3 the number', () => {
  it('is written down, and may only go down', async () => {
    const root = plant(PLANTED);
    const read = (): unknown => JSON.parse(readFileSync(join(root, COMMITTED), 'utf8'));
    expect((await run(root, ['burn-down', '--write'])).exitCode).toBe(0);
    expect(read()).toEqual({ version: 1, sites: 3, files: 1, codes: { TL_DEP0010: 2, TL_DEP0016: 1 } });
    expect((await run(root, ['burn-down'])).exitCode).toBe(0);
    writeFileSync(join(root, 'src/older.ts'), "import '@throughline/compat/manager';\n");
    const risen = await run(root, ['burn-down', '--write']);
    expect(risen).toMatchObject({ exitCode: 1, out: expect.stringContaining('has 3, and there are 4 now') });
    expect(read()).toMatchObject({ sites: 3 });
    writeFileSync(join(root, 'src/older.ts'), '');
    writeFileSync(join(root, 'src/old.ts'), "import '@throughline/compat/manager';\n");
    const fallen = await run(root, ['burn-down']);
    expect(fallen).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining(`${COMMITTED} has 3: take it down with --write.`),
    });
    expect((await run(root, ['burn-down', '--write'])).exitCode).toBe(0);
    expect(read()).toMatchObject({ sites: 1 });
  });

  it('rises where runs find more', async () => {
    const files = { ...PLANTED, [COMMITTED]: committed(3), 'u.json': usage(line('src/main.ts', 1, 'TL_DEP0016')) };
    expect((await burnDown(files)).exitCode).toBe(0);
    expect((await burnDown(files, '--usage', 'u.json')).exitCode).toBe(1);
  });

  it('is held against that of the main branch, whether it was raised or taken away', async () => {
    const files = { ...PLANTED, 'before.json': committed(2) };
    for (const more of [{}, { [COMMITTED]: committed(9) }]) {
      expect((await burnDown({ ...files, ...more }, '--before', 'before.json')).exitCode).toBe(1);
    }
    const raised = { ...PLANTED, 'before.json': committed(3), 'now.json': committed(4) };
    expect(await burnDown(raised, '--before', 'before.json', '--file', 'now.json')).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('now.json was raised from 3 to 4.'),
    });
    expect((await burnDown(raised, '--before', 'before.json')).exitCode).toBe(0);
  });
});

describe('S3 a removal', () => {
  it.each([
    ['1.9.9', 0],
    ['2.0.0-rc.1', 1],
    ['2.0.0', 1],
    ['2.1.0', 1],
    ['10.0.0', 1],
  ])('with %s installed or named ends with %i', async (version, exitCode) => {
    const ran = await burnDown({ ...PLANTED, ...compat(version), [COMMITTED]: committed(3) });
    expect(ran.exitCode).toBe(exitCode);
    if (exitCode === 1) expect(ran.out).toContain(`3 of them use what ${version} no longer has: replace them first.`);
    expect((await burnDown({ ...PLANTED, [COMMITTED]: committed(3) }, '--version', version)).exitCode).toBe(exitCode);
  });

  it('counts those alone that are due', async () => {
    expect((await burnDown({ ...PLANTED, 'src/older.ts': FACTORY })).out).toContain(
      '1 of them use what 1.4.0 no longer has',
    );
  });
});

describe('S3 the burn-down fails closed', () => {
  it.each<[string, Files, string[], string]>([
    ['no such usage file', {}, ['--usage', 'none.json'], 'no usage file none.json'],
    ['a folder without one', { 'usage/readme.md': '' }, ['--usage', 'usage'], 'usage holds no usage file'],
    ['a usage file that is no JSON', { 'u.json': '{' }, ['--usage', 'u.json'], 'u.json is no usage file'],
    [
      'a usage file of another version',
      { 'u.json': { version: 2, used: [] } },
      ['--usage', 'u.json'],
      'its version is not 1',
    ],
    ['a usage file without lines', { 'u.json': { version: 1 } }, ['--usage', 'u.json'], '"used" is no list'],
    [
      'a line of no number',
      { 'u.json': usage({ file: 'src/old.ts', line: 'x', code: 'TL_DEP0010', calls: 1 }) },
      ['--usage', 'u.json'],
      'used[0] must have',
    ],
    [
      'a usage file of another tree',
      { 'u.json': usage(line('lib/old.ts', 1, 'TL_DEP0010')) },
      ['--usage', 'u.json'],
      'names lib/old.ts, which is not there',
    ],
    [
      'a usage file of another release',
      { 'u.json': usage(line('src/old.ts', 1, 'TL_DEP9999')) },
      ['--usage', 'u.json'],
      'TL_DEP9999, which is not known',
    ],
    [
      'a usage file that overflowed',
      { 'u.json': usage(line('(more)', 0, 'TL_DEP0010')) },
      ['--usage', 'u.json'],
      'does not have all lines',
    ],
    ['no such baseline', {}, ['--baseline', 'none.json'], 'There is no none.json'],
    ['a baseline that is none', { [BASELINE]: '[]' }, [], 'is no baseline'],
    [
      'a committed number that is none',
      { [COMMITTED]: { version: 1, sites: -1, files: 0, codes: {} } },
      [],
      'is no burn-down file',
    ],
    ['a committed number that is no JSON', { [COMMITTED]: 'three' }, [], 'is no burn-down file'],
    ['no earlier number', {}, ['--before', 'none.json'], 'There is no none.json'],
    ['no such path', {}, ['nowhere'], 'There is no nowhere'],
    ['no module', { 'empty/readme.md': '' }, ['empty'], 'nothing was audited'],
    [
      'a file that is not valid',
      { 'src/bad.ts': "import '@throughline/compat/manager';\nexport const = ;\n" },
      [],
      'src/bad.ts is not valid',
    ],
    [
      'a file that is not UTF-8',
      { 'src/bad.ts': new Uint8Array([0xff, 0xfe, 0xfa]) },
      [],
      'src/bad.ts was not checked',
    ],
    ['a version that is none', {}, ['--version', 'two'], "has the version 'two'"],
    ['a package of no version', compat('next'), [], "has the version 'next'"],
    ['no package', { 'node_modules/@throughline/compat/package.json': '{' }, [], 'package.json cannot be read'],
    ['an unknown format', {}, ['--format', 'sarif'], 'sarif'],
  ])('on %s', async (_, files, args, words) => {
    const root = plant({ ...PLANTED, ...files });
    const { exitCode, out, error } = await run(root, ['burn-down', ...args, '--write']);
    expect(exitCode).toBe(2);
    expect(out + error).toContain(words);
    if (!(COMMITTED in files)) expect(existsSync(join(root, COMMITTED))).toBe(false);
  });

  it('on a package that is used and not installed, unless a version is named', async () => {
    const files = { ...SERVICE, 'src/old.ts': OLD };
    const { exitCode, error } = await burnDown(files);
    expect({ exitCode, error }).toMatchObject({
      exitCode: 2,
      error: expect.stringContaining('is used, but not installed here'),
    });
    expect((await burnDown(files, '--version', '1.0.0')).exitCode).toBe(0);
  });

  it('and the JSON says so', async () => {
    const report = await reportOf({ ...PLANTED, 'src/bad.ts': new Uint8Array([0xff]) });
    expect(report).toMatchObject({ version: 1, exitCode: 2, complete: false, sites: 3, release: '1.4.0' });
  });
});
