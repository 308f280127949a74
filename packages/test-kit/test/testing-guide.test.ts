// docs/testing.md, compiled and run as it stands.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = await readFile(join(root, 'docs/testing.md'), 'utf8');
/** The first line of each example says in which file it would stand. */
const examples = [...page.matchAll(/^```[jt]s\n\/\/ ([\w.-]+)[^\n]*\n(.*?)^```$/gms)].map(
  ([, name = '', code = '']) => ({
    name,
    code,
  }),
);

const config = `export default {
  resolve: { conditions: ['@throughline/source'] },
  ssr: { resolve: { conditions: ['@throughline/source'] } },
  test: { testTimeout: 20_000, include: ['*.test.ts'], setupFiles: ['./deprecations.setup.ts'] },
};`;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testing-guide-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'vitest.config.js'), config);
  const project = { extends: join(root, 'tsconfig.test.json'), include: ['*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project));
  for (const { name, code } of examples) await writeFile(join(folder, name), code);
});

afterAll(() => rm(folder, { recursive: true }));

/** Runs a program of the repository in the folder; what it said, when it failed. */
function run(program: string, ...parameters: string[]): Promise<string> {
  return runNode(join(root, program), ...parameters);
}

function runNode(...parameters: string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV)/.test(name)));
  return new Promise((resolve) => {
    execFile(process.execPath, parameters, { cwd: folder, env }, (error, said, complained) =>
      resolve(error ? `${said}${complained}` : ''),
    );
  });
}

/** "node --test --import ./setup.js", on the sources. */
const plain = ['--conditions=@throughline/source', '--import', 'tsx', '--import', './setup.js', '--test'];

/** A test in a file of its own, whose fourth line uses what is deprecated, in vain. */
const plantedUse = (runner: string, nobody: string) => `import { test } from '${runner}';
import { createWebSocketManager } from '@throughline/compat';
test('works as before', () => {
  try { createWebSocketManager(${nobody}); } catch {}
});
`;

describe('S11 the testing guide', () => {
  test('answers in 15 lines, and has a file name in each example', () => {
    const [reload = ''] = examples.flatMap(({ name, code }) => (name === 'reload.test.ts' ? [code] : []));
    const body = reload.slice(reload.indexOf('test('), reload.indexOf('\n});')).trimEnd().split('\n').slice(1);
    expect(body.length).toBeLessThanOrEqual(15);
    expect(examples).toHaveLength(page.match(/^```[jt]s$/gm)?.length ?? 0);
  });

  test('begins as the README does', async () => {
    const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
    const bodyIn = (text: string) => /^test\('a reload in mid-answer.*?^}\);$/ms.exec(text)?.[0];
    expect(bodyIn(readme)).toBeDefined();
    expect(bodyIn(readme)).toBe(bodyIn(page));
  });

  test('compiles', { timeout: 180_000 }, async () => {
    expect(await run('node_modules/typescript/bin/tsc', '-p', '.')).toBe('');
  });

  test('runs', { timeout: 180_000 }, async () => {
    expect(await run('node_modules/vitest/vitest.mjs', 'run', '--no-color')).toBe('');
  });

  test('runs in plain JavaScript, without Vitest', { timeout: 180_000 }, async () => {
    expect(await runNode(...plain, 'plain.test.js')).toBe('');
  });

  test('S13 R20 its budget of deprecations sees the whole run, not its own file alone', {
    timeout: 180_000,
  }, async () => {
    await writeFile(join(folder, 'planted.test.ts'), plantedUse('vitest', 'undefined as never'));
    await writeFile(join(folder, 'planted.test.js'), plantedUse('node:test', 'undefined'));
    const said = await run('node_modules/vitest/vitest.mjs', 'run', '--no-color', 'planted');
    expect(said).toContain('DeprecationError: 1 uses of what is deprecated; 0 are allowed.');
    expect(said).toMatch(/TL_DEP0001 at \S*planted\.test\.ts:4/);
    expect(await runNode(...plain, 'planted.test.js')).toMatch(/TL_DEP0001 at \S*planted\.test\.js:4/);
    await Promise.all(['ts', 'js'].map((ending) => rm(join(folder, `planted.test.${ending}`))));
  });
});
