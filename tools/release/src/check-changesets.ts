// npm run changeset:check -- <base>: fails when a published package changed and no changeset says so. The base may also be in BASE.
import { join } from 'node:path';
import { judgeChangesets } from './changeset-gate.js';

const [base = process.env['BASE'] ?? 'origin/main'] = process.argv.slice(2);
try {
  const { ok, text } = await judgeChangesets(join(import.meta.dirname, '../../..'), base);
  process.stdout.write(`${text}\n`);
  if (!ok) process.exitCode = 1;
} catch (error) {
  process.exitCode = 1;
  process.stdout.write(`Not judged: ${(error as Error).message}\n`);
}
