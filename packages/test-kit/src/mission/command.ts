// The command: arguments in, reports and an exit code out.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { type Flags, resolveSettings } from './arguments.js';
import { checks } from './checks.js';
import { isLoopback } from './loopback.js';
import { type MissionPorts, type Outcome, runMission } from './mission.js';
import { junitReport } from './report/junit.js';
import { textReport } from './report/text.js';
import { countOf, type MissionReport } from './report.js';
import type { Settings } from './settings.js';

/** What the command needs of its process. */
export interface CommandPorts extends MissionPorts {
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
  writeOut(text: string): void;
  writeError(text: string): void;
}

/** 0: everything that was checked holds. 1: something does not. 2: it could not be found out. */
export type ExitCode = 0 | 1 | 2;

interface CommandFlags extends Flags {
  readonly junit?: string;
  readonly json?: string;
  readonly strict?: boolean;
}

const also = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Runs the command with these arguments and tells its exit code. It never throws: what fails is written and is 2. */
export async function runCommand(args: readonly string[], ports: CommandPorts): Promise<ExitCode> {
  let exitCode: ExitCode = 2;
  const program = new Command('throughline-mission')
    .description('Checks a deployed Throughline service from outside, as two of its users.')
    .argument('<url>', 'of the service: wss://staging.example/ws. Nothing else is connected to')
    .option('--token <token>', 'of the first user. Others on this machine see it in ps: better THROUGHLINE_TOKEN')
    .option('--token-file <file>', 'the same, from a file')
    .option('--other-token <token>', 'of the second user; better THROUGHLINE_OTHER_TOKEN')
    .option('--other-token-file <file>', 'the same, from a file')
    .option('--refresh-token <token>', 'a fresh token of the first user; better THROUGHLINE_REFRESH_TOKEN')
    .option('--refresh-token-file <file>', 'the same, from a file')
    .option('--refresh-command <command>', 'prints a fresh token of the first user')
    .option('--message <json>', 'what makes the agent work; {secret} is filled in', '{"text":"Mission {secret}"}')
    .option('--thread <id>', 'the thread that both speak in (default: one of its own for each)')
    .option('--origin <origin>', 'the page to connect as (default: none)')
    .option('--ca <file>', 'a certificate to trust, as PEM')
    .option('--deadline <seconds>', 'for all of it', '120')
    .option('--answer-deadline <seconds>', 'for an answer', '60')
    .option('--first-event <ms>', 'judge how long the first event takes')
    .option('--usage <place>', 'a burn-down of deprecated uses: file or address; may be repeated', also, [])
    .option('--skip <check>', 'do not make this check; may be repeated', also, [])
    .option('--strict', 'what was not checked counts as failed')
    .option('--junit <file>', 'write a report as JUnit XML')
    .option('--json <file>', 'write a report as JSON')
    .version(ports.version)
    .addHelpText('after', () => `\nExit codes: 0 passed, 1 failed, 2 could not run.\n\nChecks:\n${checkList()}`)
    .exitOverride()
    .configureOutput({
      writeOut: ports.writeOut,
      // A misspelled option is quoted with what was given to it, which may be a token.
      writeErr: (text) => ports.writeError(text.replace(/=[^']*'/g, "=…'")),
    })
    .action(async (url: string, flags: CommandFlags) => {
      exitCode = await fly(await resolveSettings(url, flags, ports.environment), flags, ports);
    });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    ports.writeError(`throughline-mission: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  return exitCode;
}

async function fly(settings: Settings, flags: CommandFlags, ports: CommandPorts): Promise<ExitCode> {
  if (settings.url.protocol === 'ws:' && !isLoopback(settings.url)) {
    ports.writeError('throughline-mission: ws: sends the tokens unencrypted over the network.\n');
  }
  const outcome: Outcome = await runMission(settings, ports);
  if ('unreachable' in outcome) {
    ports.writeError(`throughline-mission: ${settings.url.host} does not answer: ${outcome.unreachable}\n`);
    return 2;
  }
  const { report } = outcome;
  ports.writeOut(textReport(report));
  if (flags.junit !== undefined) await writeFile(resolve(ports.cwd, flags.junit), junitReport(report));
  if (flags.json !== undefined)
    await writeFile(resolve(ports.cwd, flags.json), `${JSON.stringify(report, undefined, 2)}\n`);
  return exitCodeOf(report, flags.strict === true);
}

function exitCodeOf(report: MissionReport, isStrict: boolean): ExitCode {
  if (report.verdict === 'failed') return 1;
  return isStrict && countOf(report, 'skipped') > 0 ? 1 : 0;
}

function checkList(): string {
  return checks.map(({ name, why }) => `  ${name}\n    ${why}\n`).join('');
}
