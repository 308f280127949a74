import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of its own for this test, gone when it ends. */
export async function temporaryFolder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'golden-path-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** What stands where the built page would. */
export async function pageFolder(): Promise<string> {
  const directory = await temporaryFolder();
  await writeFile(join(directory, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(directory, 'main.js'), 'export {};');
  await writeFile(join(directory, 'secret.txt'), 'not a page');
  return directory;
}
