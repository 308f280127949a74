import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSleeps } from '../src/sleeps.js';
import { isModule, listFiles } from '../src/source-files.js';
import { readPublishedPackages } from '../src/workspaces.js';

const ROOT = join(import.meta.dirname, '../../..');

describe('production code does not sleep (S10, R5)', () => {
  const sources = readPublishedPackages(ROOT)
    // Tests are no production: that nothing comes can only be waited for.
    .filter(({ folder }) => folder !== 'packages/test-kit')
    .flatMap(({ folder }) => listFiles(ROOT, `${folder}/src`))
    .filter(isModule);

  it('in any module', () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.flatMap((file) => findSleeps(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });

  it.each([
    'await new Promise((resolve) => setTimeout(resolve, 50));',
    'await new Promise<void>((done) => { globalThis.setTimeout(() => { note(); done(); }, 50); });',
    'await new Promise(function (resolve) { const timer = setTimeout(resolve, 50); timer.unref(); });',
    'await new Promise<void>((resolve) => void scheduler.after(50, resolve));',
    "import { setTimeout as pause } from 'node:timers/promises';",
    "const { setTimeout: pause } = await import('timers/promises');",
    'await new Promise<void>((resolve) => { setTimeout(() => resolve(undefined), 50); });',
    'const pause = promisify(setTimeout);',
    'const pause = util.promisify(timers.setTimeout);',
    'Atomics.wait(view, 0, 0, 50);',
  ])('is broken by: %s', (code) => {
    expect(findSleeps('planted.ts', `const above = 1;\n${code}\n`)).toEqual([
      expect.stringMatching(/^planted\.ts:2: /),
    ]);
  });

  it.each([
    'setTimeout(flush, 25);',
    "await new Promise((resolve, reject) => { setTimeout(() => reject(new Error('late')), 50); socket.once('open', resolve); });",
    "await new Promise<void>((resolve) => { const timer = setTimeout(resolve, 50); socket.once('close', () => resolve()); });",
    'await new Promise((_, reject) => setTimeout(reject, 50));',
    'await Promise.race([answer, new Promise((resolve) => setTimeout(() => resolve(false), 50))]);',
    'await new Promise((resolve) => setImmediate(resolve));',
    "// a comment on new Promise((resolve) => setTimeout(resolve, 50)), and 'timers/promises' in words",
  ])('is not broken by: %s', (code) => {
    expect(findSleeps('planted.ts', code)).toEqual([]);
  });
});
