import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../src/command.js';

const ROOT = join(import.meta.dirname, '../../..');
const TSX = join(ROOT, 'node_modules/.bin/tsx');
const CHECK = join(ROOT, 'tools/checks/src/check.ts');

const check = (...names: string[]) =>
  runCommand('tsx', [CHECK, ...names], { cwd: ROOT, signal: new AbortController().signal, env: { CI: 'true' } });

describe('the check', { timeout: 60_000 }, () => {
  it('ends with the count, and well when all is well', async () => {
    expect(await check('prerequisites')).toEqual({
      ok: true,
      stdout: expect.stringMatching(/^ok {6}prerequisites .*\n1 passed, 0 failed\n$/),
      output: expect.any(String),
    });
  });

  it('ends with the count, and badly, for a step that is not there', async () => {
    expect(await check('lnit')).toMatchObject({
      ok: false,
      stdout: expect.stringMatching(/^No step is called lnit\. There are: .*\n0 passed, 1 failed\n$/),
    });
  });

  it('ends with the count, and badly, when it is interrupted', async () => {
    const child = spawn(TSX, [CHECK, 'prerequisites', 'types'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      // The first step is done, so the second has begun or is about to.
      if (printed === '') child.kill('SIGTERM');
      printed += text;
    });
    const [code] = await once(child, 'close');
    expect(code).not.toBe(0);
    expect(printed).toMatch(/\nfailed {2}types [\s\S]*interrupted\n[\s\S]*\n1 passed, 1 failed\n$/);
  });
});
