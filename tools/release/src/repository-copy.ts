import { cp, lstat, mkdir, readdir, readFile, readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { execa } from 'execa';

/** Git as nobody has set it up. */
const gitEnv = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };

/**
 * Copies a repository to a folder that does not exist yet: the files that git has or would take, as they stand, or those of
 * `commit`. It becomes a repository of its own with one commit. What is installed is linked, and the workspaces are the copy's;
 * a commit that pins other versions of other people's packages gets those installed. Gives whether it did.
 */
export async function copyRepository(root: string, destination: string, commit?: string): Promise<boolean> {
  await mkdir(destination, { recursive: true });
  if (commit === undefined) await copyFiles(root, destination);
  else await copyCommit(root, destination, commit);
  const pinsOthers = !isDeepStrictEqual(await pinsOf(root), await pinsOf(destination));
  if (pinsOthers) {
    const args = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    await execa('npm', args, { cwd: destination, stdin: 'ignore' });
  } else await linkInstalled(root, destination);
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@localhost', ...args], {
      cwd: destination,
      env: gitEnv,
    });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'The repository as it stands');
  return pinsOthers;
}

/** Where which version of other people's packages is installed. */
async function pinsOf(folder: string): Promise<ReadonlyMap<string, string | undefined>> {
  const { packages } = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string; readonly link?: true }>>;
  };
  const others = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);
  return new Map(others.map(([path, { version }]) => [path, version]));
}

async function copyFiles(root: string, destination: string): Promise<void> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await execa('git', args, { cwd: root });
  for (const path of stdout.split('\0').filter(Boolean)) {
    // A file that is deleted and not yet committed is still listed.
    if ((await lstat(join(root, path)).catch(() => undefined)) === undefined) continue;
    await mkdir(dirname(join(destination, path)), { recursive: true });
    await cp(join(root, path), join(destination, path));
  }
}

async function copyCommit(root: string, destination: string, commit: string): Promise<void> {
  const archive = execa('git', ['archive', '--format=tar', commit], { cwd: root, encoding: 'buffer' });
  await execa('tar', ['-x', '-C', destination], { input: (await archive).stdout });
}

async function linkInstalled(root: string, destination: string): Promise<void> {
  const { stdout } = await execa('git', ['ls-files', '-z', '*package.json'], { cwd: root });
  const folders = stdout.split('\0').filter((path) => path === 'package.json' || path.split('/').length === 3);
  for (const folder of folders.map(dirname)) {
    const [from, to] = [join(root, folder, 'node_modules'), join(destination, folder, 'node_modules')];
    const names = await readdir(from).catch(() => []);
    if (names.length > 0) await mkdir(to, { recursive: true });
    for (const name of names) {
      // Workspaces are linked relative to where they are: the same link leads to the copy's.
      if (name.startsWith('@throughline')) await copyLinks(join(from, name), join(to, name));
      else await symlink(join(from, name), join(to, name));
    }
  }
}

async function copyLinks(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) await symlink(await readlink(join(from, name)), join(to, name));
}
