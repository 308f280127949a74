// docs/testing.md, compiled and run as it stands.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = await readFile(join(root, 'docs/testing.md'), 'utf8');
/** The first line of each example says in which file it would stand. */
const examples = [...page.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, name = '', code = '']) => ({
  name,
  code,
}));

const config = `export default {
  resolve: { conditions: ['@throughline/source'] },
  ssr: { resolve: { conditions: ['@throughline/source'] } },
  test: { testTimeout: 20_000 },
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
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV)/.test(name)));
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, program), ...parameters], { cwd: folder, env }, (error, said, complained) =>
      resolve(error ? `${said}${complained}` : ''),
    );
  });
}

describe('S11 the testing guide', () => {
  test('answers in 15 lines, and has a file name in each example', () => {
    const [reload = ''] = examples.flatMap(({ name, code }) => (name === 'reload.test.ts' ? [code] : []));
    const body = reload.slice(reload.indexOf('test('), reload.indexOf('\n});')).trimEnd().split('\n').slice(1);
    expect(body.length).toBeLessThanOrEqual(15);
    expect(examples).toHaveLength(page.match(/^```ts$/gm)?.length ?? 0);
  });

  test('compiles', { timeout: 180_000 }, async () => {
    expect(await run('node_modules/typescript/bin/tsc', '-p', '.')).toBe('');
  });

  test('runs', { timeout: 180_000 }, async () => {
    expect(await run('node_modules/vitest/vitest.mjs', 'run', '--no-color')).toBe('');
  });
});
