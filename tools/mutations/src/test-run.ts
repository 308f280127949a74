// Runs tests in a folder, in a process of their own, until the first fails.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/** What to run. */
export interface Selection {
  /** Projects of `vitest.config.ts`. */
  readonly projects: readonly string[];
  /** Test files, from the root; all of the projects' when none is named. */
  readonly files: readonly string[];
}

/** What came of it. */
export interface TestRun {
  /** `broken`: nothing could be run at all. `timed_out`: somebody waited in vain, which is a failure too. */
  readonly status: 'passed' | 'failed' | 'timed_out' | 'broken';
  /** Which test failed first, or what went wrong; empty when all passed. */
  readonly what: string;
  /** The file of that test, from the root. */
  readonly file?: string;
}

/** The part of the report, as Vitest's reporter `json` writes it, that is read. */
interface Report {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

/** How a test fails that took too long. Vitest puts the words of another error in front of the stack of that one. */
const waitedInVain = /(Test|Hook) timed out in|^Error: STACK_TRACE_ERROR/;

/** How a file fails that could not even be loaded. */
const unloadable = /SyntaxError|Transform failed|PARSE_ERROR|does not provide an export|Failed to (load|resolve)/;

/**
 * Runs tests.
 *
 * @param timeoutMs then it is ended, whatever it does
 * @param signal ends it, too
 */
export async function runTests(
  folder: string,
  { projects, files }: Selection,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TestRun> {
  const results = await mkdtemp(join(tmpdir(), 'throughline-results-'));
  const reportFile = join(results, 'report.json');
  try {
    const { code, output, late } = await runVitest(
      folder,
      [
        ...files,
        ...projects.map((project) => `--project=${project}`),
        '--bail=1',

        '--reporter=json',
        `--outputFile=${reportFile}`,
      ],
      timeoutMs,
      signal,
    );
    signal.throwIfAborted();
    if (late) return { status: 'timed_out', what: `no end after ${timeoutMs / 1_000} s` };
    const text = await readFile(reportFile, 'utf8').catch(() => undefined);
    if (text === undefined) return { status: 'broken', what: output.slice(-500) };
    return judge(JSON.parse(text) as Report, code, folder, output);
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

function judge(report: Report, code: number | null, folder: string, output: string): TestRun {
  for (const { name, assertionResults } of report.testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed');
    if (!failed) continue;
    const file = relative(folder, name);
    const inVain = failed.failureMessages?.some((message) => waitedInVain.test(message));
    return { status: inVain ? 'timed_out' : 'failed', what: `${file} > ${failed.fullName}`, file };
  }
  const suite = report.testResults.find(({ status }) => status === 'failed');
  if (suite) {
    const file = relative(folder, suite.name);
    return { status: unloadable.test(suite.message) ? 'broken' : 'failed', what: `${file}: ${suite.message}`, file };
  }
  if (report.numTotalTests === 0) return { status: 'broken', what: 'no test was found' };
  if (code === 0) return { status: 'passed', what: '' };
  return { status: 'failed', what: `an error that no test caught: ${output.slice(-300)}` };
}

/** Vitest in a group of processes of its own, so that none of its workers is left behind. */
function runVitest(
  folder: string,
  args: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly output: string; readonly late: boolean }> {
  // Run by a test, this process is a worker of Vitest itself: the child must not take itself for another.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const vitest = join(folder, 'node_modules', 'vitest', 'vitest.mjs');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, 'run', ...args], {
      cwd: folder,
      env: { ...env, NO_COLOR: '1' },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let late = false;
    const note = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    const kill = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has gone by itself.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, timeoutMs);
    signal.addEventListener('abort', kill);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
      // A worker that hangs may outlive its parent.
      kill();
      resolve({ code, output, late });
    });
  });
}
