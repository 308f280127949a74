import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { entryUseProblems } from './entry-use.js';
import { listFiles } from './source-files.js';
import { type StepContext, type StepOutcome, verdict } from './step.js';
import { tarballListProblems } from './tarball-list.js';
import { packTarballs } from './tarballs.js';
import { inTemporaryFolder } from './temporary-folder.js';
import { entriesOf, readPublishedPackages, type Workspace } from './workspaces.js';

/**
 * Packs each package as it would be published, and judges the tarball: what a consumer gets, not what lies around
 * here. publint reads its manifest, attw resolves its types as node16, nodenext and bundlers do (ESM only), and the rest is ours.
 */
export async function checkPublishedPackages(context: StepContext): Promise<StepOutcome> {
  const { root } = context;
  const packages = readPublishedPackages(root);
  return inTemporaryFolder(async (folder) => {
    const packed = await packTarballs(context, packages, folder);
    const problems = await Promise.all(
      packages.map(async (one) => {
        const tarball = packed.find(({ name }) => name === one.manifest.name);
        if (tarball === undefined) return [`${one.folder} was not packed.`];
        const judged = await judgeTarball(join(folder, tarball.filename), context);
        const files = tarball.files.map(({ path }) => path);
        return [...judged, ...contentProblems(root, one, files), ...tarballListProblems(root, one, files)];
      }),
    );
    const stale = packages.flatMap((one) => staleFiles(root, one));
    const used = await entryUseProblems(context, packages);
    return verdict([...problems.flat(), ...stale, ...used], packages.map(({ manifest }) => manifest.name).join(', '));
  });
}

async function judgeTarball(tarball: string, { root, signal }: StepContext): Promise<string[]> {
  const judges = [
    ['publint', 'run', tarball, '--strict'],
    ['attw', tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'],
  ];
  const results = await Promise.all(
    judges.map(([judge = '', ...args]) => runCommand(judge, args, { cwd: root, signal })),
  );
  return results.filter(({ ok }) => !ok).map(({ output }) => output);
}

function contentProblems(root: string, one: Workspace, files: readonly string[]): string[] {
  const paths = new Set(files);
  const entries = entriesOf(one)
    .flatMap(({ source, types, built }) => [source, types, built])
    .map((file) => file.slice(one.folder.length + 1));
  // The first version writes it.
  const changelog = existsSync(join(root, one.folder, 'CHANGELOG.md')) ? ['CHANGELOG.md'] : [];
  const absent = ['LICENSE', 'README.md', ...changelog, ...entries].filter((path) => !paths.has(path));
  const unwanted = [...paths].filter((path) => /^(test|bench|scripts)\/|\.tsbuildinfo$/.test(path));
  return [
    ...absent.map((path) => `${one.folder}: the published tarball lacks ${path}.`),
    ...unwanted.map((path) => `${one.folder}: ${path} would be published: leave it out of "files".`),
  ];
}

/** The compiler leaves what it once built from sources that are gone; a stale module would be published. */
function staleFiles(root: string, { folder }: Workspace): string[] {
  if (!existsSync(join(root, folder, 'dist'))) return [];
  return listFiles(root, `${folder}/dist`)
    .filter((file) => file.endsWith('.js'))
    .filter((file) => !existsSync(join(root, file.replace('/dist/', '/src/').replace(/\.js$/, '.ts'))))
    .map((file) => `${file} has no source any more. Run: npm run clean`);
}
