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
  readonly strategy?: { readonly matrix: { readonly node?: readonly number[] } };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

let parser: typeof import('@actions/workflow-parser');

beforeAll(async () => {
  // It imports its schema in a way that Node does not take any more; a bundler does.
  const contents = "export { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';";
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

/** What is wrong with a workflow, as GitHub would say it. */
function faultsOf(name: string, content: string): readonly string[] {
  return parser
    .parseWorkflow({ name, content }, new parser.NoOperationTraceWriter())
    .context.errors.getErrors()
    .map(({ message }) => message);
}

/** Commands that are not npm's, or call a script that there is not. */
function strangersOf({ jobs }: Workflow, scripts: Readonly<Record<string, string>>): string[] {
  return Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .flatMap(({ run }) => (run === undefined ? [] : run.trim().split('\n')))
    .filter((line) => {
      if (line === 'npm ci') return false;
      const [, script = ''] =
        /^npm (?:run )?([\w:-]+)(?: -- [^&|;`$]*(?:\$\{\{ matrix\.node \}\})?)?$/.exec(line) ?? [];
      return scripts[script] === undefined;
    });
}

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const names = readdirSync(folder);

test('there are workflows for checks, the matrix and releases', () => {
  expect(names.toSorted()).toEqual(['check.yml', 'matrix.yml', 'release.yml']);
});

describe.each(names)('%s', (name) => {
  const workflow = parse(read(name)) as Workflow;

  test('is a workflow', () => {
    expect(faultsOf(name, read(name))).toEqual([]);
  });

  test('runs npm scripts that exist, and nothing else', () => {
    expect(strangersOf(workflow, scripts)).toEqual([]);
  });

  test('may read the repository and no more, unless a job says so, and ends by itself', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  test('uses actions of a named version', () => {
    const used = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^actions\/[\w-]+@v\d+$/);
  });
});

test('the matrix runs every line that can be installed', () => {
  const { jobs } = parse(read('matrix.yml')) as Workflow;
  const lines = readdirSync(join(import.meta.dirname, '../nodes')).map(Number);
  expect(jobs['matrix']?.strategy?.matrix.node).toEqual(lines.toSorted((one, other) => one - other));
});

test('a step that GitHub does not know, a script that there is not and a shell command are found', () => {
  const planted = 'on: push\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps:\n      - runs: npm ci\n';
  expect(faultsOf('planted.yml', planted)).not.toEqual([]);
  const steps = [{ run: 'npm run no-such-script' }, { run: 'npm ci\nrm -rf .' }, { run: 'npm test && curl example' }];
  expect(strangersOf({ jobs: { one: { steps } } }, scripts)).toHaveLength(3);
});
