import { join, relative, resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { BASELINE, type Baseline, baselineOf, grownSince, readBaseline, shrunk, writeBaseline } from './baseline.js';
import { addBurnDown } from './burn-down/command.js';
import { checkBoundaries, type Verdict } from './check.js';
import type { CommandPorts, ExitCode } from './command-ports.js';
import { loadPlan } from './config.js';
import { boundariesError } from './errors.js';
import { startProgress } from './progress.js';
import { readModule } from './read-file.js';
import { jsonReport } from './report/json.js';
import { sarifReport } from './report/sarif.js';
import { textReport } from './report/text.js';
import { describeRules } from './rules.js';

interface CheckFlags {
  readonly config?: string;
  readonly baseline?: string;
  readonly baselineBefore?: string;
  readonly writeBaseline?: boolean;
  readonly cache: boolean;
  readonly format: 'text' | 'json' | 'sarif';
}

/** Runs the command with these arguments and tells its exit code. It never throws: what fails is written and is 2. */
export async function runCommand(args: readonly string[], ports: CommandPorts): Promise<ExitCode> {
  let exitCode: ExitCode = 2;
  const program = new Command('throughline-boundaries')
    .description(
      'Holds a repository against its floor plan. Exit codes: 0 clean, 1 violations, 2 could not run or not complete.',
    )
    .version(ports.version)
    .exitOverride()
    // A command may have a --version of its own.
    .enablePositionalOptions()
    .configureOutput({ writeOut: ports.writeOut, writeErr: ports.writeError });
  program
    .command('check')
    .description('judge the modules below these paths, or all')
    .argument('[paths...]', 'files or folders, relative to the current folder')
    .option('--config <file>', 'the plan (default: throughline.boundaries.mjs or .js, where there is one)')
    .addOption(new Option('--format <format>', 'of the report').choices(['text', 'json', 'sarif']).default('text'))
    .option('--baseline <file>', `known violations (default: ${BASELINE}, where there is one)`)
    .option('--baseline-before <file>', 'an earlier baseline, of the main branch: to have more than it is a violation')
    .option('--write-baseline', 'write the baseline where there is none, else take out what occurs no longer')
    .option('--no-cache', 'read every module anew, and remember nothing in node_modules/.cache')
    .action(async (paths: string[], flags: CheckFlags) => {
      exitCode = await check(paths, flags, ports);
    });
  program
    .command('rules')
    .description('list the rules')
    .action(() => {
      ports.writeOut(
        describeRules()
          .map(({ name, why }) => `${name}\n  ${why}\n`)
          .join(''),
      );
      exitCode = 0;
    });
  addBurnDown(program, ports, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    ports.writeError(`throughline-boundaries: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  return exitCode;
}

async function check(paths: readonly string[], flags: CheckFlags, ports: CommandPorts): Promise<ExitCode> {
  const { cwd: root } = ports;
  const plan = await loadPlan(root, flags.config);
  const baselinePath = resolve(root, flags.baseline ?? BASELINE);
  const baseline = readBaseline(baselinePath);
  if (flags.baseline !== undefined && baseline === undefined && !flags.writeBaseline) {
    throw boundariesError('BASELINE_INVALID', `There is no ${flags.baseline}. Write it with --write-baseline.`);
  }
  const progress = startProgress({ ...ports, write: ports.writeError });
  const options = { root, paths, plan, cached: flags.cache, ...(baseline ? { baseline } : {}) };
  const found = await checkBoundaries({ ...options, onProgress: progress.update }).finally(progress.end);
  const verdict = flags.writeBaseline ? rewriteBaseline(found, baseline, baselinePath) : found;
  ports.writeOut(reportOf(verdict, flags.format, ports));
  const grown = flags.baselineBefore ? grownBaseline(root, flags.baselineBefore, baselinePath) : [];
  for (const row of grown)
    ports.writeError(`${row.file}  ${row.rule}: the baseline has grown by this, and it may only shrink.\n`);
  return grown.length > 0 && exitCodeOf(verdict) === 0 ? 1 : exitCodeOf(verdict);
}

function exitCodeOf({ problems, violations, gone }: Verdict): ExitCode {
  if (problems.length > 0) return 2;
  return violations.length > 0 || gone.length > 0 ? 1 : 0;
}

/** A first baseline takes in what there is; a later one only lets go. What is not complete is not written down. */
function rewriteBaseline(verdict: Verdict, baseline: Baseline | undefined, path: string): Verdict {
  if (verdict.problems.length > 0) return verdict;
  writeBaseline(path, baseline ? shrunk(baseline, verdict.gone) : baselineOf(verdict.all));
  return { ...verdict, gone: [], violations: baseline ? verdict.violations : [] };
}

function grownBaseline(root: string, before: string, path: string): ReturnType<typeof grownSince> {
  const earlier = readBaseline(resolve(root, before));
  if (earlier === undefined)
    throw boundariesError('BASELINE_INVALID', `There is no ${relative(root, resolve(root, before))}.`);
  return grownSince(earlier, readBaseline(path) ?? { version: 1, known: [] });
}

function reportOf(verdict: Verdict, format: CheckFlags['format'], { cwd, version }: CommandPorts): string {
  if (format === 'sarif') return sarifReport(verdict, describeRules(), version);
  if (format === 'json') return jsonReport(verdict, exitCodeOf(verdict));
  return textReport(verdict, (file) => readModule(cwd, join(file)).text);
}
