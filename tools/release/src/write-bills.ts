// npm run sbom -- [folder]: writes a bill of materials (CycloneDX) for each published package.
import { join, resolve } from 'node:path';
import { writeBillsOfMaterials } from './bill-of-materials.js';

const [folder = 'sbom'] = process.argv.slice(2);
try {
  const paths = await writeBillsOfMaterials(join(import.meta.dirname, '../../..'), resolve(folder));
  process.stdout.write(`${paths.join('\n')}\n`);
} catch (error) {
  process.exitCode = 1;
  process.stdout.write(`no bill: ${(error as Error).message}\n`);
}
