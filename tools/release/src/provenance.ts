import type { Family } from './published-packages.js';

/**
 * Fails unless each manifest names the repository that the workflow runs for: the registry compares them once it has the signed
 * tarball, and a family of which one is refused is half a family.
 *
 * @param running `<owner>/<name>`, as GitHub tells its workflows
 */
export function demandRepository({ packages }: Family, running: string | undefined): void {
  const silent = packages.filter(({ repository }) => repository === undefined).map(({ path }) => path);
  if (silent.length > 0)
    throw new Error(
      `No provenance without a source: "repository" is missing in the manifest of ${silent.join(', ')}. See docs/releasing.md, "Once, before the first release". Or publish without --provenance.`,
    );
  if (running === undefined)
    throw new Error('Provenance is signed by a workflow on GitHub, and this is none. Publish without --provenance.');
  const foreign = packages.filter(({ repository = '' }) => slugOf(repository) !== running.toLowerCase());
  if (foreign.length > 0) {
    const names = foreign.map(({ path, repository }) => `${path} (${repository})`).join(', ');
    throw new Error(`The workflow runs for ${running}, and "repository" says otherwise in the manifest of ${names}.`);
  }
}

/** `owner/name` of `git+https://…/owner/name.git`, `git@…:owner/name` or `github:owner/name`. */
function slugOf(repository: string): string {
  const [, slug = ''] = /([^/:]+\/[^/:]+?)(?:\.git)?\/?$/.exec(repository) ?? [];
  return slug.toLowerCase();
}
