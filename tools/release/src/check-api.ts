// npm run api:check -- <base>: fails when an entry promises less than it did, unannounced. The base may also be in BASE.
import { join } from 'node:path';
import { judgeApi } from './api-gate.js';

const [base = process.env['BASE'] ?? 'origin/main'] = process.argv.slice(2);
try {
  const { ok, text } = await judgeApi(join(import.meta.dirname, '../../..'), base);
  process.stdout.write(`${text}\n`);
  if (!ok) process.exitCode = 1;
} catch (error) {
  process.exitCode = 1;
  process.stdout.write(`Not judged: ${(error as Error).message}\n`);
}
