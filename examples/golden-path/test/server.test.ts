import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pageFolder, temporaryFolder } from './folder.js';

interface Process {
  readonly child: ChildProcess;
  readonly output: { out: string; err: string };
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

/** The server as `npm start` runs it, from its source. */
async function serve(environment: Record<string, string>): Promise<Process> {
  const folders = { DATA_DIRECTORY: await temporaryFolder(), PAGE_DIRECTORY: await pageFolder() };
  const script = fileURLToPath(new URL('../src/server.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@throughline/source', '--import', 'tsx', script], {
    env: { PATH: process.env['PATH'] ?? '', ...folders, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, output, ended };
}

describe('the server process', { timeout: 60_000 }, () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'prints one line with its address, and leaves cleanly on %s',
    async (signal) => {
      const { child, output, ended } = await serve({ PORT: '0' });
      await Promise.race([once(child.stdout ?? child, 'data'), ended]);
      expect(output.out).toMatch(
        /^Throughline golden path: http:\/\/127\.0\.0\.1:[1-9]\d*\/ \(log in as ada or grace, password: throughline\)\n$/,
      );
      const url = /http:\S+/.exec(output.out)?.[0] ?? '';
      expect((await fetch(url)).status).toBe(200);
      child.kill(signal);
      expect(await ended).toBe(0);
      expect(output.out.split('\n')).toHaveLength(2);
      expect(output.err).toBe('');
    },
  );

  it('does not print a password that was given to it', async () => {
    const { child, output, ended } = await serve({ PORT: '0', PASSWORD: 'a secret of mine' });
    await Promise.race([once(child.stdout ?? child, 'data'), ended]);
    expect(output.out).toContain('with the password you gave');
    expect(output.out).not.toContain('secret');
  });

  it.each([
    [{ PORT: 'http' }, 'Could not start: PORT: expected a number, got "http".\n'],
    [{ PORT: '70000' }, 'Could not start: port: expected an integer from 0 to 65535, got 70000.\n'],
    [{ PORT: '' }, 'Could not start: PORT: expected a number, got "".\n'],
    [{ PORT: '0', HOST: '0.0.0.0' }, 'Could not start: password: 0.0.0.0 can be reached by others'],
  ])('names what is wrong with %j, in one line', async (environment, message) => {
    const { output, ended } = await serve(environment as Record<string, string>);
    expect(await ended).toBe(1);
    expect(output.err).toContain(message);
    expect(output.err.split('\n')).toHaveLength(2);
    expect(output.out).toBe('');
  });

  it('says that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => {
      other.close();
    });
    const { output, ended } = await serve({ PORT: String((other.address() as AddressInfo).port) });
    expect(await ended).toBe(1);
    expect(output.err).toMatch(/^Could not start: .*EADDRINUSE/);
  });
});
