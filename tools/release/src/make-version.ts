// npm run release:version: turns the changesets into the next version and its changelogs, for the release manager to read and commit.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeVersion } from './version.js';

const { values } = parseArgs({ options: { snapshot: { type: 'string' } } });
try {
  const { version, packages } = await makeVersion(join(import.meta.dirname, '../../..'), values);
  process.stdout.write(`${packages.length} packages are at ${version}. Read the changelogs, then commit.\n`);
} catch (error) {
  process.exitCode = 1;
  process.stdout.write(`no version: ${(error as Error).message}\n`);
}
