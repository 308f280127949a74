// npm run release:rehearse: cuts the next version on a registry of its own, dies half-way, goes on, and installs it as others would.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { writeBillsOfMaterials } from './bill-of-materials.js';
import { channelOf } from './candidates.js';
import { CONSUMERS_TOOLS, compile, createConsumer, install } from './consumer.js';
import { noticesFor } from './deprecations.js';
import { checkEachAlone, checkFreshInstall } from './fresh-install.js';
import { expectHalf, expectWholeFamily, killRelease, lookUpFamily, runRelease } from './interrupted-release.js';
import { lastReleaseTag } from './last-release.js';
import { checkMission } from './mission.js';
import { loopbackNpm } from './npm.js';
import { publishFamily } from './publish.js';
import { type Family, readFamily } from './published-packages.js';
import { checkedRegistry } from './registry-address.js';
import { installRegistry, startRegistry } from './registry-process.js';
import { checkGoldenPath, checkLegacyService, expectNotices } from './rehearsal.js';
import { addChangesets } from './rehearsal-changesets.js';
import { copyRepository } from './repository-copy.js';
import { inTemporaryFolder } from './temporary-folder.js';
import { publishInstalled, thirdPartyFolders } from './third-party.js';
import { makeVersion } from './version.js';

const root = join(import.meta.dirname, '../../..');
const interruption = new AbortController();
const { signal } = interruption;
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const began = performance.now();
const done = (what: string): void => print(`${Math.round((performance.now() - began) / 1000)} s  ${what}`);

async function rehearse(folder: string, major: boolean): Promise<void> {
  const current = await readFamily(root);
  if (current.version.startsWith('0.0.0-'))
    throw new Error('A snapshot comes after no version: rehearse before making it.');
  await installRegistry(print);
  await using registry = await startRegistry(join(folder, 'registry'), signal);
  const url = checkedRegistry(registry.url, false);
  const { npm, env } = await loopbackNpm(url, registry.token, join(folder, 'home'), signal);
  done(`a registry at ${url}`);

  const tag = await channelOf(root);
  const released = await lastReleaseTag(root);
  const previousRoot = join(folder, 'previous');
  const pinsOthers = await copyRepository(root, previousRoot, released);
  const previous = await readFamily(previousRoot);
  const others = [
    ...(pinsOthers ? await thirdPartyFolders(previousRoot, foldersOf(previous), CONSUMERS_TOOLS) : []),
    ...(await thirdPartyFolders(root, foldersOf(current), CONSUMERS_TOOLS)),
  ];
  await publishInstalled(others, npm, registry);
  done(`${others.length} installed packages of others published there`);

  await build(previousRoot);
  await publishFamily(previous, { npm, root: previousRoot, tag, notices: [], print: () => undefined });
  done(`${previous.version} is the version before (${released ?? 'the working tree, since no git tag is a version'})`);

  const writtenBefore = { npm, signal, layout: 'hoisted', writtenFor: previousRoot } as const;
  const old = await createConsumer(folder, 'consumer-of-the-version-before', writtenBefore);
  await install(old, [...at(previous, previous.version), ...CONSUMERS_TOOLS]);
  await compile(old);
  await checkGoldenPath(old, old);
  await checkLegacyService(old);
  done(`a service on ${previous.version}, with legacy imports, is green`);

  const nextRoot = join(folder, 'next');
  await copyRepository(root, nextRoot);
  await addChangesets(nextRoot, current, { major, print });
  const next = await makeVersion(nextRoot);
  await build(nextRoot);
  const bills = await writeBillsOfMaterials(nextRoot, join(folder, 'bills'));
  done(`${next.version} is versioned and built, with ${bills.length} bills of materials`);

  const release = { root: nextRoot, registry: url, env, tag, signal };
  await killRelease(release, Math.floor(next.packages.length / 2));
  const half = await lookUpFamily(url, next);
  expectHalf(half, next, tag, previous);
  done(
    `killed with ${half.there.length} of ${next.packages.length} packages there: ${tag} is still ${previous.version}`,
  );
  await runRelease(release);
  expectWholeFamily(await lookUpFamily(url, next), next, tag);
  const again = await runRelease(release);
  if (again.some((line) => line.startsWith('published: '))) throw new Error(`It published twice:\n${again.join('\n')}`);
  done(`run again, it completed ${next.version}; run once more, it had nothing to do`);

  const fresh = await createConsumer(folder, 'consumer-of-the-new-version', {
    npm,
    signal,
    layout: 'linked',
    writtenFor: nextRoot,
  });
  const entries = await checkFreshInstall(fresh, at(next, tag), CONSUMERS_TOOLS);
  await checkEachAlone(folder, at(next, tag), { npm, signal, writtenFor: nextRoot });
  await checkGoldenPath(fresh, fresh);
  done(
    `installed fresh and strictly, each package alone too, ${entries} entries load, and an answer survives a cut and a reload`,
  );
  done(`the mission to it: ${await checkMission(fresh)}`);

  await checkGoldenPath(old, fresh);
  await checkGoldenPath(fresh, old);
  done(`clients and services of ${previous.version} and ${next.version} understand each other`);

  // Only a finished version supersedes others.
  const notices = tag === 'latest' ? await noticesFor(nextRoot, next.version) : [];
  const late = await createConsumer(folder, 'late-consumer-of-the-version-before', writtenBefore);
  const told = expectNotices(await install(late, at(previous, previous.version)), previous.version, notices);
  done(`who still installs ${previous.version} is told: ${told.join(' ') || 'nothing, since no notice is due'}`);

  expectNotices(await install(old, at(next, tag)), next.version, notices);
  await compile(old);
  const warnings = await checkLegacyService(old);
  done(`the service with legacy imports is on ${next.version}, green, and warned of ${warnings.join(', ')}`);
}

function foldersOf({ packages }: Family): string[] {
  return packages.map(({ folder }) => folder);
}

/** What npm is asked for: every package of a family, at a version or a tag. */
function at({ packages }: Family, version: string): string[] {
  return packages.map(({ name }) => `${name}@${version}`);
}

async function build(copy: string): Promise<void> {
  const args = ['run-many', '-t', 'build', '--projects=packages/*'];
  await execa('nx', args, {
    cwd: copy,
    preferLocal: true,
    env: { NX_WORKSPACE_ROOT_PATH: copy },
    cancelSignal: signal,
  });
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => interruption.abort());
try {
  const { values } = parseArgs({ options: { major: { type: 'boolean', default: false } } });
  await inTemporaryFolder((folder) => rehearse(folder, values.major));
  done('rehearsed');
} catch (error) {
  process.exitCode = 1;
  print(`not rehearsed: ${(error as Error).message}`);
}
