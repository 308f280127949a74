// A copy of the repository to plant bugs in: the checkout itself is never touched.
import { copyFile, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that may be changed. */
export interface Workplace {
  readonly folder: string;
  /** The text of a file, named from the root. */
  read(file: string): Promise<string>;
  write(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/** What is generated, or not wanted in a copy. */
const leftOut = ['.git', '.nx', 'coverage', 'dist'];

/**
 * Copies the repository at `root` into a temporary folder.
 *
 * Copied, not linked: whoever goes on working in the checkout meanwhile changes nothing here, and nothing that is planted
 * here can find its way back.
 */
export async function createWorkplace(root: string): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-mutations-'));
  await copyFolder(root, folder);
  return {
    folder,
    read: (file) => readFile(join(folder, file), 'utf8'),
    write: (file, text) => writeFile(join(folder, file), text),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (leftOut.includes(entry.name)) continue;
    if (entry.name === 'node_modules') await linkModules(source, target);
    else if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isFile()) await copyFile(source, target);
  }
}

/** Libraries are linked. Links to workspaces are relative: copied as they are, they lead to the copies. */
async function linkModules(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const { name } of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, name), join(to, name)];
    // What the test runner leaves behind is of one folder alone.
    if (name.startsWith('.vite')) continue;
    if (name.startsWith('@')) await linkScope(source, target);
    else await symlink(source, target);
  }
}

async function linkScope(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    await symlink(entry.isSymbolicLink() ? await readlink(source) : source, target);
  }
}
