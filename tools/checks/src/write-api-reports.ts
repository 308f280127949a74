// npm run api: writes to etc/ of each package what its entries promise and what its tarball holds, from what is built.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { apiReports, leftReports } from './api-reports.js';
import { tarballList, tarballListOf } from './tarball-list.js';
import { packTarballs } from './tarballs.js';
import { readPublishedPackages } from './workspaces.js';

const root = join(import.meta.dirname, '../../..');
const reports = await apiReports(root);
for (const path of await leftReports(root, reports)) rmSync(join(root, path));
const packages = readPublishedPackages(root);
const packed = await packTarballs({ root, signal: new AbortController().signal }, packages);
const lists = packages.map((one) => {
  const files = packed.find(({ name }) => name === one.manifest.name)?.files ?? [];
  return { path: tarballListOf(one), text: tarballList(files.map(({ path }) => path)) };
});
for (const { path, text } of [...reports, ...lists]) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
