import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkBoundaries } from '../src/check.js';
import { type FloorPlanOptions, floorPlan } from '../src/index.js';
import { ALL_RULES } from '../src/rules.js';
import { type Files, plant, SERVICE } from './planted.js';

const INSTALLED = { 'node_modules/.package-lock.json': {} };
const CACHE = 'node_modules/.cache/throughline-boundaries/graph.json';

async function found(root: string, plan: FloorPlanOptions = {}): Promise<readonly string[]> {
  const { violations, problems } = await checkBoundaries({ root, plan: floorPlan(plan), cached: true });
  return [...violations.map(({ rule, file }) => `${rule} ${file}`), ...problems];
}

const rows = (root: string): string[] =>
  (JSON.parse(readFileSync(join(root, CACHE), 'utf8')) as { rows: [string, unknown][] }).rows
    .map(([path]) => path)
    .sort();

/** What a check finds that follows one of another state: nothing of that may show. */
const CHANGES: readonly {
  what: string;
  before: Files;
  change: (root: string) => void;
  plan?: FloorPlanOptions;
  finds: readonly string[];
}[] = [
  {
    what: 'a text',
    before: {},
    change: (root) => writeFileSync(join(root, 'src/answer.ts'), "import './main.js';\n"),
    finds: ['no-cycle src/answer.ts'],
  },
  {
    what: 'a file that is gone',
    before: {},
    change: (root) => rmSync(join(root, 'src/answer.ts')),
    finds: ['no-unresolvable src/main.ts', 'no-unresolvable test/answer.test.ts'],
  },
  {
    what: 'a file that is no module',
    before: { 'src/a.json': {}, 'src/answer.ts': "import './a.json';\n" },
    change: (root) => rmSync(join(root, 'src/a.json')),
    finds: ['no-unresolvable src/answer.ts'],
  },
  {
    what: 'a file that shadows another',
    before: { 'src/x/index.ts': 'export {};\n', 'src/answer.ts': "import './x';\n" },
    change: (root) => writeFileSync(join(root, 'src/x.ts'), "import './answer.js';\n"),
    finds: ['no-cycle src/answer.ts'],
  },
  {
    what: 'a hidden file that is gone',
    before: { 'src/.made/a.ts': 'export {};\n', 'src/answer.ts': "import './.made/a.js';\n" },
    change: (root) => rmSync(join(root, 'src/.made'), { recursive: true }),
    finds: ['no-unresolvable src/answer.ts'],
  },
  {
    what: 'an import that leads somewhere now',
    before: { 'src/answer.ts': "import './.made/a.js';\n" },
    change: (root) => writeFileSync(join(root, 'src/.made.ts'), ''),
    finds: ['no-unresolvable src/answer.ts'],
  },
  {
    what: 'an alias',
    before: {
      'tsconfig.json': { compilerOptions: { paths: { '#a': ['./src/answer.ts'] } } },
      'src/one.ts': "import '#a';\n",
    },
    change: (root) =>
      writeFileSync(join(root, 'tsconfig.json'), '{ "compilerOptions": { "paths": { "#a": ["./src/one.ts"] } } }'),
    finds: ["src/one.ts: the cruiser did not see the import of '#a'."],
  },
  {
    what: 'a manifest',
    before: {},
    change: (root) => writeFileSync(join(root, 'package.json'), '{ "name": "service", "dependencies": { "ws": "8" } }'),
    finds: ['production-declares-what-it-imports src/main.ts'],
  },
  {
    what: 'what is installed',
    before: {},
    change: (root) => {
      rmSync(join(root, 'node_modules/express'), { recursive: true });
      writeFileSync(join(root, 'package.json'), '{ "name": "service" }');
      writeFileSync(join(root, 'node_modules/.package-lock.json'), '{"changed":1}');
    },
    finds: ['no-unresolvable src/main.ts'],
  },
  {
    what: 'the plan',
    before: {},
    change: () => {},
    plan: { owners: [{ dependency: 'express', files: ['src/http/**'], why: 'One.', instead: 'It.' }] },
    finds: ['one-owner src/main.ts'],
  },
  {
    what: 'a cache of which half is missing',
    before: {},
    change: (root) => {
      writeFileSync(join(root, 'src/answer.ts'), "import './main.js';\n");
      writeFileSync(join(root, CACHE), readFileSync(join(root, CACHE), 'utf8').slice(0, 100));
    },
    finds: ['no-cycle src/answer.ts'],
  },
];

describe('the cache', () => {
  it('knows every module the second time, and the verdict is the same', async () => {
    const root = plant({ ...SERVICE, ...INSTALLED, 'src/wrong.ts': "import './main.js';\nimport 'ws';\n" });
    const first = await found(root);
    expect(rows(root)).toEqual(['src/answer.ts', 'src/main.ts', 'src/wrong.ts', 'test/answer.test.ts']);
    const text = readFileSync(join(root, CACHE), 'utf8');
    expect(await found(root)).toEqual(first);
    expect(readFileSync(join(root, CACHE), 'utf8')).toBe(text);
  });

  it.each(CHANGES)('does not hide a change of $what', async ({ before, change, plan, finds }) => {
    const root = plant({ ...SERVICE, ...INSTALLED, ...before });
    await found(root);
    change(root);
    expect(await found(root, plan)).toEqual(expect.arrayContaining([...finds]));
  });

  it('keeps the problems of a module', async () => {
    const root = plant({ ...SERVICE, ...INSTALLED, 'src/bad.ts': 'export const = ;\n' });
    const first = await found(root);
    expect(first).toEqual([expect.stringContaining('src/bad.ts:1:14')]);
    expect(await found(root)).toEqual(first);
  });

  it('needs no TypeScript for what it knows, and for nothing else', async () => {
    const root = plant({ ...SERVICE, ...INSTALLED });
    await found(root);
    const without = { readsTypeScript: () => false, rules: ALL_RULES };
    expect(await checkBoundaries({ root, cached: true }, without)).toMatchObject({ problems: [], violations: [] });
    writeFileSync(join(root, 'src/answer.ts'), 'export const changed = true;\n');
    const { problems } = await checkBoundaries({ root, cached: true }, without);
    expect(problems).toEqual([expect.stringContaining('install typescript 6')]);
  });

  it('keeps no module of which an import leads nowhere, and nothing where nobody tells what is installed', async () => {
    const lost = plant({ ...SERVICE, ...INSTALLED, 'src/lost.ts': "import './gone.js';\n" });
    await found(lost);
    expect(rows(lost)).not.toContain('src/lost.ts');
    const bare = plant(SERVICE);
    await found(bare);
    expect(() => rows(bare)).toThrow('ENOENT');
  });
});
