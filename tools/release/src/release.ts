// npm run release: publishes what the working tree is at, or what is left of it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import semver from 'semver';
import { noticesFor } from './deprecations.js';
import { usersNpm } from './npm.js';
import { demandRepository } from './provenance.js';
import { publishFamily } from './publish.js';
import { type Family, readFamily } from './published-packages.js';
import { checkedRegistry } from './registry-address.js';

const root = join(import.meta.dirname, '../../..');
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function release(): Promise<void> {
  const { values } = parseArgs({
    options: {
      registry: { type: 'string' },
      tag: { type: 'string', ...(process.env['TAG'] && { default: process.env['TAG'] }) },
      public: { type: 'boolean', default: false },
      provenance: { type: 'boolean', default: false },
    },
  });
  const registry = checkedRegistry(values.registry ?? (await npmsRegistry()), values.public);
  const family = await readFamily(root);
  const tag = tagFor(family.version, values.tag);
  demandBuilt(family);
  if (values.public) await demandCommitted();
  print(`${family.version} as ${tag} to ${registry}`);
  if (values.provenance) demandRepository(family, process.env['GITHUB_REPOSITORY']);
  const flags = values.provenance ? ['--provenance'] : [];
  // What is no finished version supersedes nothing.
  const notices = tag === 'latest' ? await noticesFor(root, family.version) : [];
  const npm = usersNpm(registry, process.env['NPM_TOKEN'], process.stdin.isTTY && process.stdout.isTTY);
  await publishFamily(family, { npm, root, tag, notices, flags, print });
  print(`${family.version} is out: ${family.packages.length} packages`);
}

async function npmsRegistry(): Promise<string> {
  const { stdout } = await execa('npm', ['config', 'get', 'registry'], { cwd: root });
  return stdout;
}

/** Whoever asks for no version must not be given one that is not finished. */
function tagFor(version: string, asked: string | undefined): string {
  if (version === '0.0.0') throw new Error('No version was made yet. Run: npm run release:version');
  if (semver.prerelease(version) === null) return asked ?? 'latest';
  if (asked !== undefined && asked !== 'latest') return asked;
  throw new Error(`${version} is not a finished version: say which tag it gets, such as --tag next. Not latest.`);
}

function demandBuilt({ packages }: Family): void {
  const unbuilt = packages.filter(({ folder }) => !existsSync(join(folder, 'dist')));
  if (unbuilt.length > 0)
    throw new Error(`Not built: ${unbuilt.map(({ name }) => name).join(', ')}. Run: npm run build`);
}

/** What everybody gets must be what everybody can read. */
async function demandCommitted(): Promise<void> {
  const { stdout } = await execa('git', ['status', '--porcelain'], { cwd: root });
  if (stdout !== '') throw new Error(`Not committed:\n${stdout}`);
}

try {
  await release();
} catch (error) {
  process.exitCode = 1;
  print(`not released: ${(error as Error).message}`);
}
