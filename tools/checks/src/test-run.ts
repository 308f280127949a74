import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { runCommand } from './command.js';
import { listFiles } from './source-files.js';
import { failed, type StepContext, type StepOutcome } from './step.js';
import { inTemporaryFolder } from './temporary-folder.js';
import { readWorkspaces, type Workspace } from './workspaces.js';

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    /** Absolute path. */
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** The whole suite may take this long before it counts as hanging. */
const LIMIT_MS = 40 * 60_000;

/**
 * Runs all tests of all projects. Beyond their own verdicts it fails when a test was skipped, left as a to-do or
 * singled out with `only`, when a test file on the disk was not run, and when a workspace that has a "test" script
 * had none: a green run means that everything ran.
 */
export async function runTests({ root, signal }: StepContext): Promise<StepOutcome> {
  const workspaces = readWorkspaces(root);
  const onDisk = workspaces.flatMap((one) => listFiles(root, one.folder)).filter((one) => /\.test\.tsx?$/.test(one));
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, 'report.json');
    const args = ['run', '--allowOnly=false', '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
    const { ok, output } = await runCommand('vitest', args, { cwd: root, signal, limitMs: LIMIT_MS });
    const report = await readReport(file);
    if (report === undefined) return failed('no report', output);
    const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    const count = (status: string): number => results.filter((result) => result.status === status).length;
    const cases = { passed: count('passed'), failed: count('failed') };
    const gaps = whatDidNotRun(root, report, workspaces, onDisk);
    const detail = `${cases.passed} of ${results.length} tests in ${report.testResults.length} files`;
    if (ok && gaps.length === 0 && cases.failed === 0) return { ok: true, detail, cases };
    return { ok: false, detail, cases, output: [ok ? '' : output, ...gaps].join('\n').trim() };
  });
}

async function readReport(file: string): Promise<Report | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}

function whatDidNotRun(
  root: string,
  { testResults }: Report,
  workspaces: readonly Workspace[],
  onDisk: readonly string[],
): string[] {
  const ran = new Map(testResults.map(({ name, assertionResults }) => [relative(root, name), assertionResults]));
  const cases = [...ran].flatMap(([file, results]) => results.map((result) => ({ file, ...result })));
  const left = cases.filter(({ status }) => status !== 'passed' && status !== 'failed');
  const empty = workspaces
    .filter(({ manifest }) => manifest.scripts?.['test'])
    .filter(({ folder }) => !cases.some(({ file }) => file.startsWith(`${folder}/`)));
  return [
    ...(cases.length === 0 ? ['No test ran.'] : []),
    ...left.map(({ file, status, fullName }) => `${file}: "${fullName}" did not run (${status}). Mend or delete it.`),
    ...onDisk
      .filter((file) => !ran.get(file)?.length)
      .map((file) => `${file} did not run: no test of it was reported.`),
    ...empty.map(({ folder }) => `${folder} has a "test" script, and none of its tests ran.`),
  ];
}
