// S12, family "deprecation handling": S3, S13. In a process of its own, so that warnings are Node's and not a test's.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LegacyPrograms, writeLegacyPrograms } from '../src/legacy-programs.js';

let programs: LegacyPrograms;
let runs = 0;

beforeAll(async () => {
  programs = await writeLegacyPrograms();
});
afterAll(() => programs[Symbol.asyncDispose]());

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly usage: {
    readonly lines: number;
    readonly used: readonly { readonly file: string; readonly code: string; readonly calls: number }[];
  };
}

async function run(way: 'legacy' | 'canonical' | 'budget', ...flags: readonly string[]): Promise<Ran> {
  const file = join(programs.folder, `usage-${++runs}.json`);
  const node = [
    ...flags,
    '--conditions=@throughline/source',
    '--import',
    import.meta.resolve('tsx'),
    programs.program,
    way,
    file,
  ];
  const ran = await new Promise<Omit<Ran, 'usage'>>((resolve) => {
    const child = execFile(process.execPath, node, { cwd: programs.folder }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
  return { ...ran, usage: JSON.parse(await readFile(file, 'utf8')) as Ran['usage'] };
}

/** The codes of the warnings that a process wrote. */
const codesOf = (stderr: string) =>
  [...stderr.matchAll(/\[(TL_DEP\d{4})\] DeprecationWarning/g)].map(([, code]) => code);

describe('S12 deprecation handling', { timeout: 60_000 }, () => {
  test('S12 deprecation handling, S3: legacy lines work, and each warns once, with its place and what to write instead', async () => {
    const { stdout, stderr, usage } = await run('legacy');
    expect(stdout).toBe('3 answers arrived\n');
    const codes = codesOf(stderr);
    expect(codes).toContain('TL_DEP0001');
    expect(codes).toHaveLength(usage.lines);
    expect(stderr).toContain('getWebSocketManager(userContext)');
    expect(stderr).toMatch(/Called at .*program\.mjs:\d+/);
    const factory = usage.used.find(({ code }) => code === 'TL_DEP0001');
    expect(factory).toMatchObject({ file: 'program.mjs', calls: 2 });
  });

  test('S12 deprecation handling, S13: canonical lines use nothing, and say nothing', async () => {
    const { stdout, stderr, usage } = await run('canonical');
    expect(stdout).toBe('1 answers arrived\n');
    expect([codesOf(stderr), usage.used]).toEqual([[], []]);
  });

  test('S12 deprecation handling, S13: warnings that are switched off are counted all the same', async () => {
    const { stderr, usage } = await run('legacy', '--no-deprecation');
    expect(codesOf(stderr)).toEqual([]);
    expect(usage.lines).toBeGreaterThan(0);
  });

  test('S12 deprecation handling, S13: a run with a budget of none fails, and lists the lines', async () => {
    const { code, stdout, stderr } = await run('budget');
    expect([code, stdout]).toEqual([1, '3 answers arrived\n']);
    expect(stderr).toContain('DeprecationError');
    expect(stderr).toMatch(/TL_DEP0001[\s\S]*program\.mjs:\d+/);
  });
});
