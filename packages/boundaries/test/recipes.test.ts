import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { installed, plant, SERVICE } from './planted.js';

const execute = promisify(execFile);
// Each starts a shell, git and several processes of Node, one after the other.
vi.setConfig({ testTimeout: 120_000 });
const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const TSX = import.meta.resolve('tsx');
const BIN = join(import.meta.dirname, '../src/bin.ts');

/** The script parts of the recipes as the README has them, in the shell that each service starts. */
const RECIPES = [
  { service: 'GitHub Actions', shell: ['-e'], script: blockAfter('      - name: Boundaries\n        run: |\n', 10) },
  {
    service: 'GitLab',
    shell: ['-e', '-o', 'pipefail'],
    script: blockAfter('boundaries:\n  image: node:22\n  variables: { GIT_DEPTH: 0 }\n  script:\n', 4).replace(
      /^- /gm,
      '',
    ),
  },
];

const BURN_DOWN_RECIPES = [
  { service: 'GitHub Actions', shell: ['-e'], script: blockAfter('      - name: Burn-down\n        run: |\n', 10) },
  {
    service: 'GitLab',
    shell: ['-e', '-o', 'pipefail'],
    script: blockAfter('burn-down:\n  image: node:22\n  variables: { GIT_DEPTH: 0 }\n  script:\n', 4).replace(
      /^- /gm,
      '',
    ),
  },
];

function blockAfter(start: string, indent: number): string {
  const [, rest = ''] = README.split(start);
  const lines = rest.split('\n');
  const end = lines.findIndex((line) => !line.startsWith(' '.repeat(indent)));
  return lines
    .slice(0, end)
    .map((line) => line.slice(indent))
    .join('\n');
}

/** A repository whose main branch has a baseline with one row, with stand-ins for what would reach the network. */
async function repository(
  files: object,
  known: readonly object[],
  committed: readonly string[] = [],
): Promise<{ root: string; env: NodeJS.ProcessEnv }> {
  const baseline = { 'throughline.boundaries.baseline.json': { version: 1, known } };
  const root = plant({ ...SERVICE, ...installed('@throughline/compat'), ...baseline, ...files });
  const commands = join(root, 'node_modules/.commands');
  mkdirSync(commands);
  const npx = `#!/usr/bin/env bash\nshift\nexec "${process.execPath}" --import "${TSX}" --conditions=@throughline/source "${BIN}" "$@"\n`;
  for (const [name, text] of [
    ['npm', '#!/usr/bin/env bash\n'],
    ['npx', npx],
  ] as const) {
    writeFileSync(join(commands, name), text);
    chmodSync(join(commands, name), 0o755);
  }
  const { NODE_OPTIONS: _, GITHUB_BASE_REF: __, ...inherited } = process.env;
  const env = { ...inherited, PATH: `${commands}${delimiter}${process.env['PATH']}`, GIT_CONFIG_GLOBAL: '/dev/null' };
  const git = (...args: string[]): Promise<unknown> =>
    execute('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: root, env });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--', 'throughline.boundaries.baseline.json', 'package.json', ...committed);
  await git('commit', '--quiet', '--message=first');
  await git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  return { root, env };
}

const COMPAT = { file: 'src/old.ts', rule: 'no-deprecated-import', to: 'node_modules/@throughline/compat/index.js' };
const MANIFEST = { name: 'service', dependencies: { express: '5', '@throughline/compat': '1' } };
const OLD = { 'package.json': MANIFEST, 'src/old.ts': "import '@throughline/compat';\n" };

interface Recipe {
  readonly script: string;
  readonly shell: readonly string[];
}

async function follow(
  { script, shell }: Recipe,
  { root, env }: { root: string; env: NodeJS.ProcessEnv },
): Promise<number> {
  const ran = execute('bash', [...shell, '-c', script], { cwd: root, env });
  return ran.then(
    () => 0,
    (error: { code: number }) => error.code,
  );
}

describe.each(RECIPES)('the recipe for $service', ({ script, shell }) => {
  const runIn = (planted: { root: string; env: NodeJS.ProcessEnv }): Promise<number> =>
    follow({ script, shell }, planted);

  it('is in the README', () => {
    expect(script).toContain('npx throughline-boundaries check');
  });

  it('passes what the baseline knows', async () => {
    expect(await runIn(await repository(OLD, [COMPAT]))).toBe(0);
  });

  it('fails for a new violation', async () => {
    expect(await runIn(await repository({ ...OLD, 'src/new.ts': "import '@throughline/compat';\n" }, [COMPAT]))).toBe(
      1,
    );
  });

  it('fails where the baseline has more than that of the main branch', async () => {
    const planted = await repository(OLD, []);
    const grown = JSON.stringify({ version: 1, known: [COMPAT] });
    writeFileSync(join(planted.root, 'throughline.boundaries.baseline.json'), grown);
    expect(await runIn(planted)).toBe(1);
  });

  it('fails with 2 where the verdict is not complete', async () => {
    expect(await runIn(await repository({ ...OLD, 'src/bad.ts': 'export const = ;\n' }, [COMPAT]))).toBe(2);
  });
});

it('the recipe for GitHub Actions leaves a report for code scanning', async () => {
  const { root, env } = await repository(OLD, [COMPAT]);
  const [github] = RECIPES;
  await execute('bash', ['-e', '-c', github?.script ?? ''], { cwd: root, env });
  expect(existsSync(join(root, 'boundaries.sarif'))).toBe(true);
  expect(JSON.parse(readFileSync(join(root, 'boundaries.sarif'), 'utf8')).version).toBe('2.1.0');
});

describe.each(BURN_DOWN_RECIPES)('S13 the burn-down recipe for $service', (recipe) => {
  const NUMBER = 'throughline.burn-down.json';
  const left = (sites: number): object => ({ version: 1, sites, files: 1, codes: {} });
  const LINE = { file: 'src/main.ts', line: 1, code: 'TL_DEP0016', symbol: 'sendToUser', calls: 2 };
  const USAGE = { 'usage/1.json': { version: 1, lines: 1, files: 1, used: [LINE], refused: [] } };
  const COMPAT_1 = {
    'node_modules/@throughline/compat/package.json': { name: '@throughline/compat', version: '1.0.0' },
  };
  const files = { ...OLD, ...USAGE, ...COMPAT_1, 'src/old.ts': "import '@throughline/compat/manager';\n" };

  it('is in the README', () => {
    expect(recipe.script).toContain('npx throughline-boundaries burn-down --usage usage');
  });

  it('passes what is no more than before, and where there was no number', async () => {
    expect(await follow(recipe, await repository({ ...files, [NUMBER]: left(2) }, [], [NUMBER]))).toBe(0);
    expect(await follow(recipe, await repository({ ...files, [NUMBER]: left(2) }, []))).toBe(0);
  });

  it('fails where the number has risen, or was raised', async () => {
    expect(await follow(recipe, await repository({ ...files, [NUMBER]: left(1) }, [], [NUMBER]))).toBe(1);
    const planted = await repository({ ...files, [NUMBER]: left(1) }, [], [NUMBER]);
    writeFileSync(join(planted.root, NUMBER), JSON.stringify(left(2)));
    expect(await follow(recipe, planted)).toBe(1);
  });

  it('fails with 2 where no run has written what it used', async () => {
    const { 'usage/1.json': _, ...rest } = files;
    expect(await follow(recipe, await repository({ ...rest, [NUMBER]: left(2) }, [], [NUMBER]))).toBe(2);
  });
});
