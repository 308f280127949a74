import { execa } from 'execa';
import semver from 'semver';

/** The git tag of the newest finished version that this commit comes after, when anything was released. */
export async function lastReleaseTag(root: string): Promise<string | undefined> {
  const { stdout } = await execa('git', ['tag', '--list', 'v*', '--merged', 'HEAD'], { cwd: root });
  const finished = stdout.split('\n').filter((tag) => semver.valid(tag) !== null && semver.prerelease(tag) === null);
  return finished.toSorted(semver.compare).at(-1);
}
