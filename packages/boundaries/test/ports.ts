import { runCommand } from '../src/command.js';
import type { CommandPorts, ExitCode } from '../src/command-ports.js';

/** What a call of the command wrote and ended with. */
export interface Ran {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly error: string;
}

/** Runs the command in a folder, in this process. */
export async function run(cwd: string, args: readonly string[], more: Partial<CommandPorts> = {}): Promise<Ran> {
  let out = '';
  let error = '';
  const exitCode = await runCommand(args, {
    cwd,
    version: '1.2.3',
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
    isTerminal: false,
    now: () => 0,
    ...more,
  });
  return { exitCode, out, error };
}
