// The runner itself, on a repository of one function and one test.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlantedBug } from '../src/planted-bug.js';
import { prove, type Verdict } from '../src/proof.js';
import { summarise } from '../src/report.js';

const modules = resolve(import.meta.dirname, '../../../node_modules');
const source = `export const one = 'unused';\nexport const soon = (): Promise<void> => Promise.resolve();\nexport function add(a: number, b: number): number {\n  return a + b;\n}\n`;

/** What a repository needs to be proved: a project, what it compiles by, a source and its test. */
const files = {
  'package.json': '{ "type": "module" }',
  'vitest.config.ts': `export default { test: { projects: [{ test: { name: 'tiny', root: 'packages/tiny' } }] } };`,
  'packages/tiny/tsconfig.json':
    '{ "compilerOptions": { "strict": true, "lib": ["es2022"], "types": [] }, "include": ["src"] }',
  'packages/tiny/src/add.ts': source,
  'packages/tiny/test/add.test.ts': `import { expect, test } from 'vitest';
import { add, soon } from '../src/add.ts';
test('adds', () => expect(add(2, 3)).toBe(5));
test('waits', () => soon(), 500);`,
};

const bug = (name: string, find: string, replace: string): PlantedBug => ({
  name,
  file: 'packages/tiny/src/add.ts',
  find,
  replace,
  harm: 'Sums are wrong.',
  killedBy: ['packages/tiny/test/add.test.ts'],
});

/** Each bug is a process of its own: a second each, where nothing else runs. */
const patience = 120_000;

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'throughline-tiny-'));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  await symlink(modules, join(root, 'node_modules'));
});

afterAll(() => rm(root, { recursive: true }));

function proveTiny(bugs: readonly PlantedBug[]): Promise<readonly Verdict[]> {
  const { signal } = new AbortController();
  return prove({ root, bugs, projects: ['tiny'], jobs: 1, signal, onVerdict: () => {}, onNote: () => {} });
}

test(
  'what a test notices is killed, what none notices survives, and what does not compile or apply proves nothing',
  async () => {
    const verdicts = await proveTiny([
      bug('subtracts', 'a + b', 'a - b'),
      bug('never-comes', 'Promise.resolve()', 'new Promise(() => {})'),
      bug('renames-what-is-unused', "'unused'", "'still unused'"),
      bug('does-not-compile', 'a + b', 'a + c'),
      bug('is-no-program', 'a + b;', 'a + ;('),
      bug('is-gone', 'a * b', 'a / b'),
      bug('is-there-twice', 'number', 'string'),
    ]);
    expect(verdicts.map(({ bug: { name }, fate, asExpected }) => [name, fate, asExpected])).toEqual([
      ['subtracts', 'killed', true],
      ['never-comes', 'killed by timeout', true],
      ['renames-what-is-unused', 'survived', false],
      ['does-not-compile', 'invalid', false],
      ['is-no-program', 'invalid', false],
      ['is-gone', 'stale', false],
      ['is-there-twice', 'stale', false],
    ]);
    expect(verdicts[0]?.by).toBe('packages/tiny/test/add.test.ts > adds');
    expect(summarise(verdicts).passed).toBe(false);
    // Nothing of all that has reached the repository.
    expect(await readFile(join(root, 'packages/tiny/src/add.ts'), 'utf8')).toBe(source);
  },
  patience,
);

test(
  'nothing is proved by tests that fail without a bug',
  async () => {
    const broken = join(root, 'packages/tiny/test/add.test.ts');
    await writeFile(broken, files['packages/tiny/test/add.test.ts'].replace('toBe(5)', 'toBe(6)'));
    try {
      await expect(proveTiny([bug('subtracts', 'a + b', 'a - b')])).rejects.toThrow('Without any bug the tests fail');
    } finally {
      await writeFile(broken, files['packages/tiny/test/add.test.ts']);
    }
  },
  patience,
);
