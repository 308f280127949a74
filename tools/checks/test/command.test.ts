import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { runCommand } from '../src/command.js';
import { plant } from './planted-repository.js';

const signal = new AbortController().signal;
const node = (code: string, options: Partial<Parameters<typeof runCommand>[2]> = {}) =>
  runCommand(process.execPath, ['-e', code], { cwd: '.', signal, ...options });

/** Starts a process that would outlive its parent, and prints its id. */
const LEAVES_CHILD = `
  const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  child.unref();
  console.log(child.pid);`;

/** Whether a process is there and has not ended: one that nobody collected yet (state Z) has. */
function isRunning(pid: string): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).stdout.trim();
  return state !== '' && !state.startsWith('Z');
}

describe('a command', { timeout: 30_000 }, () => {
  it('is judged by its exit code', async () => {
    expect(await node("console.log('out'); console.error('err')")).toEqual({
      ok: true,
      stdout: 'out\n',
      output: expect.stringMatching(/^(out\nerr|err\nout)$/),
    });
    expect(await node("console.log('why'); process.exitCode = 3")).toMatchObject({
      ok: false,
      output: expect.stringMatching(/^why\n.*ended with exit code 3$/),
    });
  });

  it('has no input to wait for', async () => {
    expect(await node('process.stdin.resume()')).toMatchObject({ ok: true });
  });

  it('fails when it is not there', async () => {
    const result = await runCommand('no-such-tool', [], { cwd: '.', signal });
    expect(result).toMatchObject({ ok: false, output: expect.stringContaining('could not be started') });
  });

  it('fails when it was killed', async () => {
    const result = await node("process.kill(process.pid, 'SIGTERM')");
    expect(result).toMatchObject({ ok: false, output: expect.stringContaining('ended with SIGTERM') });
  });

  it('is ended, with all it started, when it takes too long', async () => {
    const { ok, stdout, output } = await node(`${LEAVES_CHILD} setInterval(() => {}, 1e6);`, { limitMs: 1_000 });
    expect({ ok, output }).toEqual({ ok: false, output: expect.stringContaining('it took longer than 1 s') });
    await vi.waitFor(() => expect(isRunning(stdout.trim())).toBe(false));
  });

  it('is asked to end when the run is interrupted, so that it can tidy up', async () => {
    const ready = join(plant({}), 'ready');
    const interruption = new AbortController();
    const result = node(
      `process.on('SIGTERM', () => { console.log('tidied up'); process.exit(0); });
      require('node:fs').writeFileSync(${JSON.stringify(ready)}, '');
      setInterval(() => {}, 1e6);`,
      { signal: interruption.signal },
    );
    await vi.waitFor(() => expect(existsSync(ready)).toBe(true), 10_000);
    interruption.abort();
    expect(await result).toEqual({
      ok: false,
      stdout: 'tidied up\n',
      output: expect.stringContaining('the run was interrupted'),
    });
  });

  it('is ended by force when it does not end by itself', async () => {
    const code = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6)";
    expect(await node(code, { limitMs: 1_000 })).toMatchObject({ ok: false, stdout: '' });
  });

  it('fails when it leaves a process behind, which is named and ended', async () => {
    const { ok, stdout, output } = await node(LEAVES_CHILD);
    expect(ok).toBe(false);
    expect(output).toContain(`left processes running (now ended):\n  ${stdout.trim()} `);
    await vi.waitFor(() => expect(isRunning(stdout.trim())).toBe(false));
  });

  it('sees nothing of a test run around it', async () => {
    const { stdout } = await node('console.log(process.env.VITEST, process.env.NODE_ENV)');
    expect(process.env['VITEST']).toBeDefined();
    expect(stdout).toBe('undefined undefined\n');
  });
});
