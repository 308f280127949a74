import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import parseChangeset from '@changesets/parse';
import { getPackages } from '@manypkg/get-packages';
import { execa } from 'execa';
import semver from 'semver';
import { type ApiChange, type ApiJudge, createApiJudge } from './api-changes.js';
import type { GateVerdict } from './changeset-gate.js';

/** A package of ours, with what its entries promised. */
interface Promised {
  readonly name: string;
  readonly folder: string;
  /** Version of the commit that is compared with. */
  readonly version: string;
  readonly reports: readonly string[];
}

/** A row of the registry of deprecations, as far as it is needed here. */
interface Row {
  readonly symbol: string;
  readonly entry: string;
  readonly since: string;
  readonly removed_in: string;
  readonly is_default?: true;
}

const ROWS = 'packages/compat/schema/deprecations.json';
const DEPRECATING_PACKAGE = '@throughline/compat';

/**
 * Fails when an entry promises less than it did, unless a changeset says "major" for its package; and when a name is gone that
 * no published version has called deprecated, whatever the changesets say. What counts as before is the tag of the
 * version that `base` is at, or, before there is one, where `base` and HEAD parted.
 *
 * @param base a branch or commit
 * @param judge one that has read the libraries already saves seconds
 * @throws when git does not know `base`, or a report cannot be read
 */
export async function judgeApi(root: string, base: string, judge: ApiJudge = createApiJudge()): Promise<GateVerdict> {
  const git = async (...args: string[]): Promise<string> => (await execa('git', args, { cwd: root })).stdout;
  const parted = await git('merge-base', base, 'HEAD');
  const before = await comparedCommit(git, root, parted);
  const promised = await promisedAt(git, before);
  const majors = await packagesWithMajor(root);
  const rows = await rowsAt(git, before);
  const problems: string[] = [];
  let judged = 0;
  for (const one of promised) {
    // Nobody has it yet: what was never published can be neither deprecated nor missed.
    if (one.version === '0.0.0') continue;
    const isMajor = majors.has(one.name) || (await majorNow(root, one)) > semver.major(one.version);
    for (const report of one.reports) {
      judged += 1;
      const text = await readFile(join(root, report), 'utf8').catch(() => undefined);
      const was = await git('show', `${before}:${report}`);
      const changes = text === undefined ? [goneWhole(report)] : judge(was, text, join(root, one.folder, 'etc'));
      problems.push(...changes.flatMap((change) => adviceFor(change, { report, isMajor, package: one, rows })));
    }
  }
  if (problems.length > 0) return { ok: false, text: problems.join('\n') };
  return { ok: true, text: judged === 0 ? 'Nothing is published yet.' : `${judged} entries promise what they did.` };
}

async function comparedCommit(git: Git, root: string, parted: string): Promise<string> {
  const { packages } = await getPackages(root);
  const first = packages.find(({ packageJson }) => packageJson.private !== true);
  const path = `${first?.dir.slice(root.length + 1)}/package.json`;
  const manifest = await git('show', `${parted}:${path}`).catch(() => undefined);
  if (manifest === undefined) return parted;
  const tag = `v${(JSON.parse(manifest) as { version: string }).version}`;
  return (await git('tag', '--list', tag)) === tag ? tag : parted;
}

type Git = (...args: string[]) => Promise<string>;

/** Every report that a commit has, by package. */
async function promisedAt(git: Git, commit: string): Promise<Promised[]> {
  const files = (await git('ls-tree', '-r', '--name-only', '-z', commit, '--', 'packages')).split('\0');
  const folders = files.flatMap((file) => /^(packages\/[^/]+)\/package\.json$/.exec(file)?.[1] ?? []);
  const found = await Promise.all(
    folders.map(async (folder) => {
      const manifest = JSON.parse(await git('show', `${commit}:${folder}/package.json`)) as Promised & {
        private?: true;
      };
      const reports = files.filter((file) => file.startsWith(`${folder}/etc/`) && file.endsWith('.api.md'));
      return manifest.private ? [] : [{ name: manifest.name, version: manifest.version, folder, reports }];
    }),
  );
  return found.flat();
}

async function majorNow(root: string, { folder }: Promised): Promise<number> {
  const manifest = await readFile(join(root, folder, 'package.json'), 'utf8').catch(() => '{"version":"0.0.0"}');
  return semver.major((JSON.parse(manifest) as { version: string }).version);
}

/** Names of the packages for which a waiting changeset says "major". */
async function packagesWithMajor(root: string): Promise<Set<string>> {
  const { stdout } = await execa('git', ['ls-files', '-z', '.changeset/*.md'], { cwd: root });
  const files = stdout.split('\0').filter((file) => file !== '' && file !== '.changeset/README.md');
  const told = await Promise.all(files.map(async (file) => parseChangeset(await readFile(join(root, file), 'utf8'))));
  const majors = told.flatMap(({ releases }) => releases.filter(({ type }) => type === 'major'));
  return new Set(majors.map(({ name }) => name));
}

async function rowsAt(git: Git, commit: string): Promise<readonly Row[]> {
  const text = await git('show', `${commit}:${ROWS}`).catch(() => '{"deprecations":[]}');
  return (JSON.parse(text) as { deprecations: readonly Row[] }).deprecations;
}

/** The whole entry is closed. */
function goneWhole(report: string): ApiChange {
  return { name: `everything of ${report}`, kind: 'removed', wasDeprecated: false };
}

interface Circumstances {
  readonly report: string;
  readonly isMajor: boolean;
  readonly package: Promised;
  readonly rows: readonly Row[];
}

function adviceFor(
  change: ApiChange,
  { report, isMajor, package: { name: owner, version }, rows }: Circumstances,
): string[] {
  const { name, kind, wasDeprecated } = change;
  const entry = `.${report.endsWith('/index.api.md') ? '' : `/${report.split('/').at(-1)?.replace('.api.md', '')}`}`;
  const row =
    owner === DEPRECATING_PACKAGE
      ? rows.find((one) => one.entry === entry && (name === 'default' ? one.is_default : one.symbol === name))
      : undefined;
  // A row that came after the version is known to nobody who has it.
  const announced = row === undefined ? wasDeprecated : semver.lte(row.since, version);
  const what = `${report}: ${name} is ${kind}`;
  return [
    ...(isMajor ? [] : [`${what}, and no changeset says "major" for ${owner}. Run: npm run changeset`]),
    ...(kind === 'removed' && !announced
      ? [`${what}, and ${version} did not call it deprecated. Keep it for a minor version that does.`]
      : []),
  ];
}
