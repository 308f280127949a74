// npm run deprecations -- changelog|notices [version] [previous]: what a release says about deprecations.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deprecationsChangelog } from './deprecation-changelog.js';
import { noticeCommand, registryNotices } from './deprecation-notices.js';
import { readDeprecations } from './deprecation-rows.js';

const root = join(import.meta.dirname, '../../..');
const { version: current } = JSON.parse(readFileSync(join(root, 'packages/compat/package.json'), 'utf8')) as {
  readonly version: string;
};
const [what, version = current, previous] = process.argv.slice(2);
const rows = readDeprecations(root);
try {
  process.stdout.write(textOf());
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}

function textOf(): string {
  if (version === '0.0.0') throw new Error('Nothing has been released yet: say of which version, such as 0.1.0.');
  if (what === 'changelog') return deprecationsChangelog(rows, { version, previous });
  if (what === 'notices') {
    const notices = registryNotices(rows, version);
    return notices.length === 0 ? '' : `${notices.map(noticeCommand).join('\n')}\n`;
  }
  throw new Error('Say "changelog" or "notices", then the version, and for the changelog the release before it.');
}
