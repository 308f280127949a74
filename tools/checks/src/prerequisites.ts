import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { runCommand } from './command.js';
import { failed, passed, type StepContext, type StepOutcome } from './step.js';

/** A program that the tests drive and npm does not install. */
interface Program {
  readonly command: string;
  /** What makes it tell its version and end. */
  readonly version: string;
  /** Its package on Debian and Ubuntu. */
  readonly debian: string;
  readonly what: string;
}

const PROGRAMS: readonly Program[] = [
  { command: 'redis-server', version: '--version', debian: 'redis-server', what: 'a Redis server' },
  { command: 'chromium', version: '--version', debian: 'chromium', what: 'the Chromium browser' },
  { command: 'nginx', version: '-v', debian: 'nginx', what: 'the reverse proxy nginx' },
  { command: 'haproxy', version: '-v', debian: 'haproxy', what: 'the reverse proxy HAProxy' },
  { command: 'caddy', version: 'version', debian: 'caddy', what: 'the reverse proxy Caddy' },
];

/** What a test of this step replaces. */
export interface PrerequisitePorts {
  /** Runs a command and tells whether it succeeded, with what it printed. */
  readonly run: (command: string, args: readonly string[]) => Promise<{ ok: boolean; output: string }>;
  readonly isRoot: boolean;
  /** Does something while no package may start a service. */
  readonly withoutServices: <Result>(task: () => Promise<Result>) => Promise<Result>;
}

/**
 * Redis, Chromium and the reverse proxies are used as they are, never replaced by stand-ins. Where they are missing
 * they are installed if that needs nobody's consent (root on a machine with apt: a container or CI); otherwise the step
 * names the command.
 */
export async function checkPrerequisites(context: StepContext, ports = realPorts(context)): Promise<StepOutcome> {
  const missing = await findMissing(ports);
  if (missing.length === 0) return passed('Redis, Chromium, nginx, HAProxy and Caddy are here');
  const names = missing.map(({ debian }) => debian);
  const advice = [
    `Missing: ${missing.map(({ what, command }) => `${what} (${command})`).join(', ')}.`,
    `On Debian or Ubuntu: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`,
    'Debian starts servers that it installs. The tests start their own: systemctl disable --now ends those.',
    'Elsewhere install them as usual there, so that the commands in brackets are found.',
  ].join('\n');
  if (!ports.isRoot || !(await ports.run('apt-get', ['--version'])).ok) return failed('not installed', advice);
  const install = ['install', '-y', '--no-install-recommends', ...names];
  for (const args of [['update'], install]) {
    const apt = () => ports.run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args]);
    const { ok, output } = await ports.withoutServices(apt);
    if (!ok) return failed(`apt-get ${args[0]} failed`, `${output}\n${advice}`);
  }
  if ((await findMissing(ports)).length > 0) return failed('still missing after the installation', advice);
  return passed(`installed ${names.join(', ')}`);
}

async function findMissing({ run }: PrerequisitePorts): Promise<Program[]> {
  const found = await Promise.all(PROGRAMS.map(({ command, version }) => run(command, [version])));
  return PROGRAMS.filter((_, index) => !found[index]?.ok);
}

/** Debian asks this program, where it exists, whether a package may start its service; 101 is no. */
const POLICY = '/usr/sbin/policy-rc.d';

/** Does something while packages may start no services. A policy that somebody else made stays as it is. */
export async function withoutServices<Result>(task: () => Promise<Result>, policy = POLICY): Promise<Result> {
  if (existsSync(policy)) return task();
  await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
  try {
    return await task();
  } finally {
    await rm(policy);
  }
}

function realPorts({ root, signal }: StepContext): PrerequisitePorts {
  // Debian keeps servers where only root looks by default.
  const path = [process.env['PATH'], '/usr/sbin', '/usr/local/sbin'].join(':');
  const env = { DEBIAN_FRONTEND: 'noninteractive', PATH: path };
  return {
    run: (command, args) => runCommand(command, args, { cwd: root, signal, env, limitMs: 900_000 }),
    isRoot: process.getuid?.() === 0,
    withoutServices,
  };
}
