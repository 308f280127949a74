// Whoever has to know what came with a version reads it in one file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BillOfMaterials, writeBillsOfMaterials } from '../src/bill-of-materials.js';
import { temporaryFolder } from './planted-repository.js';

const ROOT = join(import.meta.dirname, '../../..');

test('S13 each package has a bill of everything that is installed with it, and of nothing else', {
  timeout: 120_000,
}, async () => {
  const paths = await writeBillsOfMaterials(ROOT, temporaryFolder());
  const bills = paths.map((path) => JSON.parse(readFileSync(path, 'utf8')) as BillOfMaterials);
  expect(bills.every(({ bomFormat }) => bomFormat === 'CycloneDX')).toBe(true);
  const core = bills.find(({ metadata }) => metadata.component.purl.startsWith('pkg:npm/%40throughline/core@'));
  expect(core?.components.map(({ purl }) => purl.replace(/@[^@]*$/, '')).toSorted()).toEqual([
    'pkg:npm/%40standard-schema/spec',
    'pkg:npm/%40throughline/events',
    'pkg:npm/jose',
    'pkg:npm/ws',
  ]);
  const client = bills.find(({ metadata }) => metadata.component.purl.startsWith('pkg:npm/%40throughline/client@'));
  expect(client?.components.map(({ purl }) => purl)).toEqual([
    expect.stringMatching(/^pkg:npm\/%40throughline\/events@/) as string,
  ]);
  for (const { components, dependencies } of bills) {
    const refs = components.map((one) => one['bom-ref']);
    expect(dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.includes(ref))).toEqual([]);
    for (const { purl, licenses = [], hashes = [] } of components) {
      expect(licenses.length, purl).toBeGreaterThan(0);
      if (!purl.startsWith('pkg:npm/%40throughline/')) expect(hashes.length, purl).toBeGreaterThan(0);
    }
  }
});
