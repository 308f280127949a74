import { runCommand } from './command.js';
import { failed, passed, type StepContext, type StepOutcome } from './step.js';

/** Types of everything that the builds do not cover: tests, scripts, tools. */
export async function checkTypes(context: StepContext): Promise<StepOutcome> {
  return runAll(context, [['tsc', '-p', 'tsconfig.test.json']]);
}

/** Format and lint. A warning counts: what may stay is switched off in the configuration, where it can be seen. */
export async function checkFormatAndLint(context: StepContext): Promise<StepOutcome> {
  return runAll(context, [
    ['biome', 'check', '--error-on-warnings', '--max-diagnostics=100', '.'],
    ['oxlint', '--deny-warnings', '--format=unix', '.'],
  ]);
}

/** Files, exports and dependencies that nothing uses. */
export async function checkUnused(context: StepContext): Promise<StepOutcome> {
  return runAll(context, [['knip', '--no-progress', '--treat-config-hints-as-errors']]);
}

async function runAll({ root, signal }: StepContext, commands: readonly (readonly string[])[]): Promise<StepOutcome> {
  const results = await Promise.all(
    commands.map(([command = '', ...args]) => runCommand(command, args, { cwd: root, signal })),
  );
  const wrong = results.filter(({ ok }) => !ok);
  if (wrong.length === 0) return passed(commands.map(([command]) => command).join(', '));
  return failed(`${wrong.length} of ${commands.length} failed`, wrong.map(({ output }) => output).join('\n'));
}
