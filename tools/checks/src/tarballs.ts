import { runCommand } from './command.js';
import type { StepContext } from './step.js';
import type { Workspace } from './workspaces.js';

/** What `npm pack --json` says of one package. */
export interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/**
 * Packs packages as they would be published.
 *
 * @param folder where the tarballs go; without it, none is written
 * @throws with what npm said, when it could not pack them
 */
export async function packTarballs(
  { root, signal }: StepContext,
  packages: readonly Workspace[],
  folder?: string,
): Promise<Packed[]> {
  const chosen = packages.flatMap(({ manifest }) => ['--workspace', manifest.name]);
  const where = folder === undefined ? ['--dry-run'] : ['--pack-destination', folder];
  const args = ['pack', '--json', '--ignore-scripts', ...where, ...chosen];
  const { ok, stdout, output } = await runCommand('npm', args, { cwd: root, signal });
  if (!ok) throw new Error(`npm could not pack:\n${output}`);
  return JSON.parse(stdout) as Packed[];
}
