import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCandidateState } from './candidates.js';
import type { Family } from './published-packages.js';

/**
 * Puts changesets beside the real ones, in the copy that is rehearsed: a breaking one when a major version is asked for, and
 * a patch of nothing when there is no other, as right after a release or a candidate.
 */
export async function addChangesets(
  copy: string,
  { packages: [first] }: Family,
  { major, print }: { readonly major: boolean; readonly print: (line: string) => void },
): Promise<void> {
  const folder = join(copy, '.changeset');
  const told = (await readCandidateState(copy))?.changesets ?? [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md') && name !== 'README.md');
  const waiting = names.filter((name) => !told.includes(name.slice(0, -'.md'.length)));
  if (!major && waiting.length > 0) return;
  const [type, text] = major
    ? ['major', 'Rehearsed as a breaking change.\n\nMigration: none.']
    : ['patch', 'Rehearsed.'];
  await writeFile(join(folder, 'rehearsal.md'), `---\n'${first?.name}': ${type}\n---\n\n${text}\n`);
  print(`A ${type} change that does nothing stands in.`);
}
