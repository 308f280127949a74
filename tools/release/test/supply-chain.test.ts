// Whoever installs this repository runs nothing of other people's that nobody decided on.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const nodes = readdirSync(join(ROOT, 'tools/release/nodes')).map((line) => `tools/release/nodes/${line}`);
const settingsOf = (folder: string): string[] => readFileSync(join(ROOT, folder, '.npmrc'), 'utf8').split('\n');

test('an install script that "allowScripts" does not name ends the installation', () => {
  expect(settingsOf('.')).toContain('strict-allow-scripts=true');
});

test.each(['tools/release/registry', ...nodes])('%s is installed without any script', (folder) => {
  expect(settingsOf(folder)).toContain('ignore-scripts=true');
});

test.each(['.', 'tools/release/registry', ...nodes])('the lock of %s names no host', (folder) => {
  expect(settingsOf(folder)).toContain('omit-lockfile-registry-resolved=true');
});
