// The workflows are what GitHub takes, and do nothing that the same npm script does not do on anybody's machine.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, '.github/workflows');

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly container?: { readonly image: string };
  readonly strategy?: { readonly matrix: { readonly node?: readonly number[] } };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly needs?: readonly string[];
  /** Another workflow, which is the whole job. */
  readonly uses?: string;
  readonly steps?: readonly { readonly uses?: string; readonly run?: string }[];
}

interface Workflow {
  readonly on: Readonly<Record<string, { readonly branches?: readonly string[] } | null>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

let parser: typeof import('@actions/workflow-parser');

beforeAll(async () => {
  // It imports its schema in a way that Node does not take any more; a bundler does.
  const contents =
    "export { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } from '@actions/workflow-parser';";
  const folder = mkdtempSync(join(tmpdir(), 'throughline-release-test-'));
  const outfile = join(folder, 'parser.cjs');
  try {
    await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      bundle: true,
      format: 'cjs',
      platform: 'node',
      outfile,
    });
    parser = createRequire(import.meta.url)(outfile) as typeof parser;
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** What is wrong with a workflow, as GitHub would say it: its form, its expressions, and which job waits for which. */
async function faultsOf(name: string, content: string): Promise<readonly string[]> {
  const { context, value } = parser.parseWorkflow({ name, content }, new parser.NoOperationTraceWriter());
  if (value !== undefined) await parser.convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

/** What a job runs, line by line. */
function commandsOf({ steps = [] }: Job): string[] {
  return steps.flatMap(({ run }) => (run === undefined ? [] : run.trim().split('\n')));
}

/** Commands that are not npm's, or call a script that there is not. */
function strangersOf({ jobs }: Pick<Workflow, 'jobs'>, scripts: Readonly<Record<string, string>>): string[] {
  return Object.values(jobs)
    .flatMap(commandsOf)
    .filter((line) => {
      if (line === 'npm ci' || line === INSTALL_NPM) return false;
      const [, script = ''] =
        /^npm (?:run )?([\w:-]+)(?: -- [^&|;`$]*(?:\$\{\{ matrix\.node \}\})?)?$/.exec(line) ?? [];
      return scripts[script] === undefined;
    });
}

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const { scripts, packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  packageManager: string;
};
const INSTALL_NPM = `npm install --global ${packageManager}`;
const names = readdirSync(folder);

test('there are workflows for checks, the matrix and releases', () => {
  expect(names.toSorted()).toEqual(['check.yml', 'matrix.yml', 'release.yml']);
});

describe.each(names)('%s', (name) => {
  const workflow = parse(read(name)) as Workflow;

  test('is a workflow', async () => {
    expect(await faultsOf(name, read(name))).toEqual([]);
  });

  test('runs npm scripts that exist, and nothing else', () => {
    expect(strangersOf(workflow, scripts)).toEqual([]);
  });

  test('may read the repository and no more, unless a job says so, and ends by itself', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(workflow.jobs)) {
      if (job.uses === undefined) expect(job['timeout-minutes']).toBeGreaterThan(0);
    }
  });

  test('installs with the npm that package.json names: an older one runs what dependencies want to run', () => {
    for (const commands of Object.values(workflow.jobs)
      .map(commandsOf)
      .filter(({ length }) => length > 0)) {
      expect(commands.slice(0, 2)).toEqual([INSTALL_NPM, 'npm ci']);
    }
  });

  test('runs tests where what they drive can be installed', () => {
    const testing = Object.values(workflow.jobs).filter((job) =>
      commandsOf(job).some((line) => /^npm (?:test|run matrix)/.test(line)),
    );
    for (const { container } of testing)
      expect(container?.image).toMatch(/^node:\d+-bookworm(?:@sha256:[0-9a-f]{64})?$/);
  });

  test('uses actions of a named version', () => {
    const used = Object.values(workflow.jobs).flatMap(({ steps = [] }) => steps.flatMap(({ uses }) => uses ?? []));
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^actions\/[\w-]+@(?:v\d+|[0-9a-f]{40})$/);
  });
});

test('the matrix runs every line that can be installed', () => {
  const { jobs } = parse(read('matrix.yml')) as Workflow;
  const lines = readdirSync(join(import.meta.dirname, '../nodes')).map(Number);
  expect(jobs['matrix']?.strategy?.matrix.node).toEqual(lines.toSorted((one, other) => one - other));
});

test('S15 each pull request, and main, are rehearsed as the next version and as a breaking one', () => {
  const { on, jobs } = parse(read('check.yml')) as Workflow;
  expect(on).toHaveProperty('pull_request');
  expect(on['push']?.branches).toEqual(['main']);
  const commands = Object.values(jobs).flatMap(commandsOf);
  expect(commands).toContain('npm run release:rehearse');
  expect(commands).toContain('npm run release:rehearse -- --major');
});

test('S15 nothing is published before the tests, the rehearsal and the matrix have passed on that commit', () => {
  const { jobs } = parse(read('release.yml')) as Workflow;
  expect(jobs['publish']?.needs).toEqual(['test', 'matrix']);
  expect(commandsOf(jobs['test'] as Job)).toEqual(expect.arrayContaining(['npm test', 'npm run release:rehearse']));
  expect(jobs['matrix']?.uses).toBe('./.github/workflows/matrix.yml');
  expect((parse(read('matrix.yml')) as Workflow).on).toHaveProperty('workflow_call');
});

const PLANTED = 'on: push\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: npm ci\n';

test.each<[string, string, string, string]>([
  ['a step', 'run:', 'runs:', "Unexpected value 'runs'"],
  ['a value in a command', 'npm ci', `npm ci $${'{{ nothing.here }}'}`, "Unrecognized named-value: 'nothing'"],
  [
    'a value in a condition',
    'run: npm ci',
    'if: nothing.here\n        run: npm ci',
    "Unrecognized named-value: 'nothing'",
  ],
  ['a job that is waited for', 'runs-on', 'needs: [two]\n    runs-on', 'no dependencies'],
])('%s that GitHub does not know is found', async (_, from, to, words) => {
  expect(await faultsOf('planted.yml', PLANTED)).toEqual([]);
  expect((await faultsOf('planted.yml', PLANTED.replace(from, to))).join('\n')).toContain(words);
});

test('a script that there is not, and a shell command, are found', () => {
  const steps = [{ run: 'npm run no-such-script' }, { run: 'npm ci\nrm -rf .' }, { run: 'npm test && curl example' }];
  expect(strangersOf({ jobs: { one: { steps } } }, scripts)).toHaveLength(3);
});
