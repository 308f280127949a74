import { runCommand } from './command.js';
import { failed, passed, type StepContext, type StepOutcome } from './step.js';

/** A program that the tests drive and npm does not install. */
interface Program {
  /** Command that only asks for its version. */
  readonly command: string;
  /** Its package on Debian and Ubuntu. */
  readonly debian: string;
  readonly what: string;
}

const PROGRAMS: readonly Program[] = [
  { command: 'redis-server', debian: 'redis-server', what: 'a Redis server' },
  { command: 'chromium', debian: 'chromium', what: 'the Chromium browser' },
];

/** What a test of this step replaces. */
export interface PrerequisitePorts {
  /** Runs a command and tells whether it succeeded, with what it printed. */
  readonly run: (command: string, args: readonly string[]) => Promise<{ ok: boolean; output: string }>;
  readonly isRoot: boolean;
}

/**
 * Redis and Chromium are used as they are, never replaced by stand-ins. Where they are missing they are installed if
 * that needs nobody's consent (root on a machine with apt: a container or CI); otherwise the step names the command.
 */
export async function checkPrerequisites(context: StepContext, ports = realPorts(context)): Promise<StepOutcome> {
  const missing = await findMissing(ports);
  if (missing.length === 0) return passed('Redis and Chromium are here');
  const names = missing.map(({ debian }) => debian);
  const advice = [
    `Missing: ${missing.map(({ what, command }) => `${what} (${command})`).join(', ')}.`,
    `On Debian or Ubuntu: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`,
    'Elsewhere install them as usual there, so that the commands in brackets are found.',
  ].join('\n');
  if (!ports.isRoot || !(await ports.run('apt-get', ['--version'])).ok) return failed('not installed', advice);
  const install = ['install', '-y', '--no-install-recommends', ...names];
  for (const args of [['update'], install]) {
    const { ok, output } = await ports.run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args]);
    if (!ok) return failed(`apt-get ${args[0]} failed`, `${output}\n${advice}`);
  }
  if ((await findMissing(ports)).length > 0) return failed('still missing after the installation', advice);
  return passed(`installed ${names.join(' and ')}`);
}

async function findMissing({ run }: PrerequisitePorts): Promise<Program[]> {
  const found = await Promise.all(PROGRAMS.map(({ command }) => run(command, ['--version'])));
  return PROGRAMS.filter((_, index) => !found[index]?.ok);
}

function realPorts({ root, signal }: StepContext): PrerequisitePorts {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  return {
    run: (command, args) => runCommand(command, args, { cwd: root, signal, env, limitMs: 900_000 }),
    isRoot: process.getuid?.() === 0,
  };
}
