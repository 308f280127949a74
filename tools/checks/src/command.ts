import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** How to run a command. */
export interface CommandOptions {
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Variables on top of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command that takes longer is ended and has failed. Milliseconds, 10 minutes unless told. */
  readonly limitMs?: number;
}

/** What came of a command. It is a failure too when it had to be ended, or left processes running. */
export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** Both streams as they came, and in the last lines why it failed where the command itself could not say it. */
  readonly output: string;
}

/** How long a command may take to end once it was asked to, and what it started once it has ended. */
const GRACE_MS = 2_000;

/**
 * Runs a command without a shell and without input, in a process group of its own, and leaves nothing of it running:
 * not on success, not on failure, not when interrupted. The tools of `node_modules/.bin` are found by name.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, signal, env = {}, limitMs = 600_000 }: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(command, args, {
    cwd,
    env: { ...environment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const troubles: string[] = [];
  let killing: NodeJS.Timeout | undefined;
  const end = (why: string): void => {
    troubles.push(`${command} was ended: ${why}`);
    // Asked first: a test run takes its browsers and servers down with it, wherever they are.
    signalGroup(child, 'SIGTERM');
    killing ??= setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  };
  const interrupt = (): void => end('the run was interrupted');
  const limit = setTimeout(() => end(`it took longer than ${limitMs / 1000} s`), limitMs);
  signal.addEventListener('abort', interrupt, { once: true });
  const closed = once(child, 'close').catch(() => undefined);
  try {
    if (signal.aborted) interrupt();
    const [code, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    const left = await endGroup(child);
    if (left.length > 0) troubles.push(`${command} left processes running (now ended):`, ...left);
    if (code !== 0) troubles.push(`${command} ended with ${killedBy ?? `exit code ${code}`}`);
    // A process that left the group can still hold the pipes: what it says from here on is not this command's.
    await Promise.race([closed, pause(GRACE_MS, undefined, { ref: false })]);
  } catch (error) {
    troubles.push(`${command} could not be started: ${(error as Error).message}`);
  } finally {
    clearTimeout(limit);
    clearTimeout(killing);
    signal.removeEventListener('abort', interrupt);
    child.stdout.destroy();
    child.stderr.destroy();
  }
  return { ok: troubles.length === 0, stdout, output: [output.trimEnd(), ...troubles].join('\n').trim() };
}

/** The tools of this repository, wherever a command works. */
const TOOLS = join(import.meta.dirname, '../../../node_modules/.bin');

/**
 * The environment that a tool sees: the caller's, with this repository's tools first, no colours in captured output,
 * and nothing of a test run around it (a check started by a test must behave like one started by hand).
 */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|FORCE_COLOR|NODE_ENV$|TEST$)/.test(name));
  const path = [TOOLS, process.env['PATH']].filter(Boolean).join(delimiter);
  return { ...Object.fromEntries(own), PATH: path, NO_COLOR: '1' };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits for what the command started, ends what does not end by itself, and tells what that was. */
async function endGroup(child: ChildProcess): Promise<string[]> {
  const deadline = performance.now() + GRACE_MS;
  let left = livingMembers(child);
  while (left.length > 0 && performance.now() < deadline) {
    await pause(50);
    left = livingMembers(child);
  }
  signalGroup(child, 'SIGKILL');
  return left;
}

function livingMembers({ pid }: ChildProcess): string[] {
  try {
    process.kill(-(pid ?? 0), 0);
  } catch {
    return [];
  }
  // The signal also finds processes that have ended and were not yet collected (state Z).
  const { error, stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,stat=,pid=,args='], { encoding: 'utf8' });
  if (error) return ['  (ps could name them: install procps)'];
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([group, state]) => group === `${pid}` && !state?.startsWith('Z'))
    .map((fields) => `  ${fields.slice(2).join(' ')}`);
}
