// The processes of a measurement: each fresh, each let go of at the end.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** So long a process has to end by itself: it may have a profile to write. */
const patienceMs = 10_000;

/**
 * Starts a program, without the flags of this process: its loader is not theirs.
 *
 * @param programs from `bundle()`
 */
export function startProgram(programs: URL, name: string, flags: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(`${name}.js`, programs)), { execArgv: [...flags] });
}

/** Lets go of a process, which then ends by itself; one that does not is ended. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  if (child.connected) child.disconnect();
  await exited;
  clearTimeout(timer);
}
