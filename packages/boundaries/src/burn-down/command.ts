import { relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { BASELINE, readBaseline } from '../baseline.js';
import type { CommandPorts, ExitCode } from '../command-ports.js';
import { boundariesError } from '../errors.js';
import { burnDownJson, burnDownText } from '../report/burn-down.js';
import { type BurnDown, burnDown, committedOf } from './burn-down.js';
import { type Committed, readCommitted, writeCommitted } from './committed.js';
import { checkedVersion, installedVersion } from './release.js';
import { readUsage } from './usage-file.js';

interface Flags {
  readonly usage: readonly string[];
  readonly baseline?: string;
  readonly file: string;
  readonly before?: string;
  readonly version?: string;
  readonly write?: boolean;
  readonly format: 'text' | 'json';
}

/** What is committed, beside the root manifest. */
const BURN_DOWN = 'throughline.burn-down.json';

/** Adds `burn-down` to the command. */
export function addBurnDown(program: Command, ports: CommandPorts, done: (exitCode: ExitCode) => void): void {
  program
    .command('burn-down')
    .description(
      'count the call sites of what is deprecated. Exit codes: 0 fine, 1 more than before or removed by now, 2 could not run or not complete',
    )
    .argument('[paths...]', 'files or folders, relative to the current folder')
    .addOption(
      new Option('--usage <path>', 'a file that reportUsage() wrote, or a folder of them; may be repeated')
        .default([], 'none')
        .argParser((path: string, before: readonly string[]) => [...before, path]),
    )
    .option('--baseline <file>', `known violations (default: ${BASELINE}, where there is one)`)
    .option('--file <file>', 'the committed number, which may only go down', BURN_DOWN)
    .option('--before <file>', 'an earlier one, of the main branch: to have more than it fails')
    .option('--version <version>', 'hold removals against it (default: that of the installed @throughline/compat)')
    .option('--write', 'write the committed number, where it is not higher')
    .addOption(new Option('--format <format>', 'of the report').choices(['text', 'json']).default('text'))
    .action(async (paths: string[], flags: Flags) => done(await run(paths, flags, ports)));
}

async function run(paths: readonly string[], flags: Flags, { cwd: root, writeOut }: CommandPorts): Promise<ExitCode> {
  const baseline = readBaseline(resolve(root, flags.baseline ?? BASELINE));
  if (flags.baseline !== undefined && baseline === undefined) {
    throw boundariesError('BASELINE_INVALID', `There is no ${flags.baseline}.`);
  }
  const committedPath = resolve(root, flags.file);
  const committed = readCommitted(committedPath);
  const before = flags.before === undefined ? undefined : readCommitted(resolve(root, flags.before));
  if (flags.before !== undefined && before === undefined) {
    throw boundariesError('BURN_DOWN_INVALID', `There is no ${flags.before}.`);
  }
  const version =
    flags.version === undefined ? installedVersion(root) : checkedVersion(flags.version, 'Option --version');
  const usage = readUsage(root, flags.usage);
  const report = await burnDown({ root, paths, usage, baseline, version });
  const faults = faultsOf(report, committed, before, flags);
  const isWritten = flags.write === true && report.problems.length === 0 && !hasRisen(report, committed);
  if (isWritten) writeCommitted(committedPath, committedOf(report));
  const notes = isWritten ? [] : notesOf(report, committed, relative(root, committedPath));
  const exitCode = report.problems.length > 0 ? 2 : faults.length > 0 ? 1 : 0;
  writeOut(
    flags.format === 'json'
      ? burnDownJson(report, { notes, faults }, exitCode)
      : burnDownText(report, { notes, faults }),
  );
  return exitCode;
}

function hasRisen({ sites }: Pick<BurnDown, 'sites'>, earlier: Committed | undefined): boolean {
  return earlier !== undefined && sites > earlier.sites;
}

function faultsOf(
  report: BurnDown,
  committed: Committed | undefined,
  before: Committed | undefined,
  flags: Flags,
): string[] {
  const { sites, due, version } = report;
  return [
    ...(committed && hasRisen(report, committed)
      ? [`It has risen: ${flags.file} has ${committed.sites}, and there are ${sites} now. It may only go down.`]
      : []),
    ...(before && hasRisen(report, before)
      ? [`It has risen: ${flags.before} has ${before.sites}, and there are ${sites} now. It may only go down.`]
      : []),
    ...(before && committed && hasRisen(committed, before)
      ? [`${flags.file} was raised from ${before.sites} to ${committed.sites}. It may only go down.`]
      : []),
    ...(due > 0 ? [`${due} of them use what ${version} no longer has: replace them first.`] : []),
  ];
}

function notesOf({ sites }: BurnDown, committed: Committed | undefined, file: string): string[] {
  if (committed === undefined) return [`There is no ${file}: write it with --write, and commit it.`];
  if (sites < committed.sites) return [`${file} has ${committed.sites}: take it down with --write.`];
  return [];
}
