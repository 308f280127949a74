import { describe, expect, it } from 'vitest';
import { checkBoundaries } from '../src/check.js';
import { ALL_RULES } from '../src/rules.js';
import { type Files, link, plant, SERVICE } from './planted.js';
import { run } from './ports.js';

const WRONG = "import 'ws';\nexport const used = 1;\n";

/** A service with one violation, and one more thing that is wrong. */
const withViolation = (files: Files): string => plant({ ...SERVICE, 'src/wrong.ts': WRONG, ...files });

describe('the check fails closed', () => {
  it('on 256 violations, where a count as an exit code would be 0', async () => {
    const wrong = Object.fromEntries(Array.from({ length: 128 }, (_, index) => [`src/wrong${index}.ts`, WRONG]));
    const root = plant({ ...SERVICE, ...wrong });
    const { exitCode, out } = await run(root, ['check', '--format', 'json']);
    expect(JSON.parse(out).violations).toHaveLength(256);
    expect(exitCode).toBe(1);
  });

  it.each([
    ['without a path', []],
    ['for a path', ['src']],
  ])('on an empty folder, %s', async (_, paths) => {
    const { exitCode, out } = await run(plant({ 'src/.keep': '', 'package.json': {} }), ['check', ...paths]);
    expect(exitCode).toBe(2);
    expect(out).toContain('No module was found: nothing was checked.');
  });

  it('on a folder without modules', async () => {
    const { exitCode, out } = await run(plant({ ...SERVICE, 'docs/page.md': '# Page' }), ['check', 'docs']);
    expect(exitCode).toBe(2);
    expect(out).toContain('No module was found');
  });

  it('on a path that is not there, and on one that lies outside', async () => {
    const root = plant(SERVICE);
    const absent = await run(root, ['check', 'src', 'sorce']);
    expect(absent).toMatchObject({ exitCode: 2, error: expect.stringContaining('There is no sorce in') });
    const outside = await run(root, ['check', '..']);
    expect(outside).toMatchObject({ exitCode: 2, error: expect.stringContaining('lies outside') });
  });

  it('where TypeScript cannot be read', async () => {
    const verdict = await checkBoundaries({ root: plant(SERVICE) }, { readsTypeScript: () => false, rules: ALL_RULES });
    expect(verdict.problems).toEqual([expect.stringContaining('install typescript 6')]);
  });

  it('where there are no rules', async () => {
    const rules = { graph: [], syntax: [], manifest: [] };
    const verdict = await checkBoundaries({ root: plant(SERVICE) }, { readsTypeScript: () => true, rules });
    expect(verdict.problems).toContain('There are no rules: nothing was checked.');
  });

  it('where the cruiser refuses a rule', async () => {
    const [rule] = ALL_RULES.graph.filter(({ explain }) => explain);
    if (rule === undefined) throw new Error('no rule is compiled for the cruiser');
    const broken = { ...rule, forbid: () => [{ from: { path: '(a+)+' }, to: {} }] };
    const checked = checkBoundaries(
      { root: plant(SERVICE) },
      { readsTypeScript: () => true, rules: { ...ALL_RULES, graph: [broken] } },
    );
    await expect(checked).rejects.toThrow('unsafe regular expression');
  });

  it.each([
    ['exports nothing', 'export {};\n', 'exports no plan'],
    ['exports an empty object', 'export default {};\n', 'exports no plan'],
    [
      'exports a preset of the cruiser',
      "export default { forbidden: [{ name: 'one-owner', severity: 'ignore' }] };\n",
      'forbidden is no field of a plan',
    ],
    ['exports a promise', 'export default Promise.resolve({});\n', 'exports no plan'],
    ['throws', "throw new Error('no network');\n", 'cannot be loaded: no network'],
    ['imports what is not there', "import './gone.mjs';\n", 'cannot be loaded'],
    ['is not valid', 'export default {', 'cannot be loaded'],
  ])('where the configuration %s', async (_, text, message) => {
    const { exitCode, out, error } = await run(plant({ ...SERVICE, 'throughline.boundaries.mjs': text }), ['check']);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(error).toContain(message);
  });

  it('where the named configuration is not there, or there are two', async () => {
    expect(await run(plant(SERVICE), ['check', '--config', 'gone.mjs'])).toMatchObject({
      exitCode: 2,
      error: expect.stringContaining('There is no gone.mjs.'),
    });
    const both = {
      'throughline.boundaries.mjs': 'export default {};\n',
      'throughline.boundaries.js': 'export default {};\n',
    };
    expect(await run(plant({ ...SERVICE, ...both }), ['check'])).toMatchObject({
      exitCode: 2,
      error: expect.stringContaining('keep one of them'),
    });
  });

  it('where a plan names a default row again: rows only add up', async () => {
    const owners = "[{ dependency: 'ws', files: ['src/**'], why: 'Ours.', instead: 'Nothing.' }]";
    const root = withViolation({ 'throughline.boundaries.mjs': `export default { owners: ${owners} };\n` });
    const { exitCode, out } = await run(root, ['check']);
    expect(exitCode).toBe(1);
    expect(out).toContain('src/wrong.ts:1:8  one-owner');
  });

  it("where the cruiser's own configuration names a rule again", async () => {
    const off = {
      forbidden: [{ name: 'one-owner', severity: 'ignore', from: {}, to: {} }],
      options: { exclude: 'src' },
    };
    const { exitCode, out } = await run(withViolation({ '.dependency-cruiser.json': off }), ['check']);
    expect(exitCode).toBe(1);
    expect(out).toContain('src/wrong.ts:1:8  one-owner');
  });

  it('where a plan leaves no production code', async () => {
    const root = withViolation({
      'throughline.boundaries.mjs': "export default { production: { files: ['source/**'] } };\n",
    });
    const { exitCode, out } = await run(root, ['check']);
    expect(exitCode).toBe(2);
    expect(out).toContain('No module is production code by the plan');
  });
});

describe('bad input is named, and the rest is checked', () => {
  const CASES: readonly [string, Files, string][] = [
    ['a syntax error', { 'src/bad.ts': 'export const one = ;\n' }, 'src/bad.ts:1:20 is not valid'],
    [
      'a file of 5 MB',
      { 'src/bad.ts': `export const long = '${'x'.repeat(5 * 1024 * 1024)}';\n` },
      'src/bad.ts was not checked: it has 5.0 MB',
    ],
    [
      'a file that is not UTF-8',
      { 'src/bad.ts': new Uint8Array([0x2f, 0x2f, 0x20, 0xe9, 0x0a]) },
      'src/bad.ts was not checked: it is not UTF-8',
    ],
    [
      'a file in UTF-16',
      { 'src/bad.ts': new Uint8Array([0xff, 0xfe, 0x2f, 0x00]) },
      'src/bad.ts was not checked: it is not UTF-8',
    ],
    ['a link to itself', { 'src/bad.ts': link('bad.ts') }, 'src/bad.ts is a link that leads back to itself'],
    ['a loop of folders', { 'src/bad': link('..') }, 'src/bad is a link to a folder that it lies in'],
    ['a link out of the root', { 'src/bad': link('/usr') }, 'src/bad is a link that leads out of the root'],
    ['a link that leads nowhere', { 'src/bad.ts': link('gone.ts') }, 'src/bad.ts is a link that leads nowhere'],
    ['an unreadable tsconfig', { 'tsconfig.json': '{ "compilerOptions": { "paths": ' }, 'tsconfig.json cannot be read'],
    [
      'a tsconfig that extends what is not there',
      { 'tsconfig.json': { extends: './gone.json' } },
      'tsconfig.json cannot be read',
    ],
    ['an unreadable manifest', { 'package.json': '{ "name": "service", }' }, 'package.json could not be read'],
    [
      'a module that imports itself, which the cruiser leaves out',
      { 'src/bad.ts': "import './bad.js';\nexport const used = 1;\n" },
      "src/bad.ts: the cruiser did not see the import of './bad.js'",
    ],
  ];

  it.each(CASES)('%s', async (_, files, message) => {
    const { exitCode, out } = await run(withViolation(files), ['check', '--format', 'json']);
    const { problems, violations, complete } = JSON.parse(out);
    expect(exitCode).toBe(2);
    expect(complete).toBe(false);
    expect(problems.join('\n')).toContain(message);
    expect(violations).toContainEqual(expect.objectContaining({ rule: 'one-owner', file: 'src/wrong.ts' }));
  });

  it('a tsconfig that names no files is none', async () => {
    const root = plant({ ...SERVICE, 'tsconfig.json': { files: [], references: [{ path: './gone' }] } });
    expect(await checkBoundaries({ root })).toMatchObject({ problems: [], violations: [] });
  });
});
