import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { failed, type StepContext, type StepOutcome, verdict } from './step.js';
import { entriesOf, readPublishedPackages } from './workspaces.js';

/** Builds every workspace, each after what it depends on, and proves that what the packages promise now exists. */
export async function build({ root, signal }: StepContext): Promise<StepOutcome> {
  const env = { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false' };
  const args = ['run-many', '-t', 'build', '--output-style=static'];
  const { ok, output } = await runCommand('nx', args, { cwd: root, signal, env });
  if (!ok) return failed('did not build', output);
  const promised = readPublishedPackages(root).flatMap(entriesOf);
  const absent = promised.flatMap(({ types, built }) => [types, built]).filter((file) => !existsSync(join(root, file)));
  return verdict(
    absent.map((file) => `${file} was not built, yet "exports" names it.`),
    `${promised.length} entries`,
  );
}
