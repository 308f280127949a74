import { describe, expect, it } from 'vitest';
import { runTests } from '../src/test-run.js';
import { type Files, plant } from './planted-repository.js';

const CONFIG = "export default { test: { globals: true, projects: ['./packages/*/vitest.config.js'] } };\n";
const PROJECT = "export default { test: { globals: true, include: ['test/**/*.test.ts'] } };\n";
const PASSES = "it('holds', () => expect(1).toBe(1));\n";

const SUITE: Files = {
  'package.json': { name: 'planted', private: true, type: 'module', workspaces: ['packages/*'] },
  'vitest.config.js': CONFIG,
  'packages/core/package.json': { name: 'core', type: 'module', scripts: { test: 'vitest' } },
  'packages/core/vitest.config.js': PROJECT,
  'packages/core/test/log.test.ts': PASSES,
};

const run = (files: Files) => runTests({ root: plant({ ...SUITE, ...files }), signal: new AbortController().signal });

describe('the tests step', { timeout: 30_000 }, () => {
  it('passes when every test ran and passed', async () => {
    expect(await run({})).toEqual({ ok: true, detail: '1 of 1 tests in 1 files', cases: { passed: 1, failed: 0 } });
  });

  it('fails for what did not run, and names all of it (R20)', async () => {
    const outcome = await run({
      'packages/core/test/log.test.ts': `${PASSES}it.skip('later', () => expect(1).toBe(1));\nit.todo('some day');\n`,
      'packages/core/src/log.test.ts': PASSES,
      'packages/client/package.json': { name: 'client', scripts: { test: 'vitest' } },
    });
    expect(outcome).toEqual({
      ok: false,
      detail: '1 of 3 tests in 1 files',
      cases: { passed: 1, failed: 0 },
      output: [
        'packages/core/test/log.test.ts: "later" did not run (skipped). Mend or delete it.',
        'packages/core/test/log.test.ts: "some day" did not run (todo). Mend or delete it.',
        'packages/core/src/log.test.ts did not run: no test of it was reported.',
        'packages/client has a "test" script, and none of its tests ran.',
      ].join('\n'),
    });
  });

  it.each<[string, Files, { passed: number; failed: number }, string[]]>([
    [
      'a test that failed, and a file that could not be loaded',
      {
        'packages/core/test/log.test.ts': `${PASSES}it('breaks', () => expect(1).toBe(2));\n`,
        'packages/core/test/run.test.ts': "import './gone.js';\n",
      },
      { passed: 1, failed: 1 },
      ['expected 1 to be 2', './gone.js'],
    ],
    [
      'a file without a test',
      { 'packages/core/test/run.test.ts': 'export {};\n' },
      { passed: 1, failed: 0 },
      ['No test'],
    ],
    [
      'a test singled out (R20)',
      { 'packages/core/test/log.test.ts': `${PASSES}it.only('alone', () => expect(1).toBe(1));\n` },
      { passed: 0, failed: 1 },
      ['.only'],
    ],
    [
      'an error that no test caught',
      { 'packages/core/test/log.test.ts': `${PASSES}setTimeout(() => { throw new Error('stray'); });\n` },
      { passed: 1, failed: 0 },
      ['stray'],
    ],
  ])('fails for %s', async (_, files, cases, outputs) => {
    const outcome = await run(files);
    expect(outcome).toMatchObject({ ok: false, cases });
    for (const output of outputs) expect(outcome.output).toContain(output);
  });

  it('fails when there is no test at all', async () => {
    const outcome = await run({ 'packages/core/test/log.test.ts': undefined });
    expect(outcome).toMatchObject({ ok: false, output: expect.stringContaining('No test') });
  });

  it('fails when vitest cannot start', async () => {
    const outcome = await run({ 'vitest.config.js': "throw new Error('planted');\n" });
    expect(outcome).toMatchObject({ ok: false, detail: 'no report', output: expect.stringContaining('planted') });
  });
});
