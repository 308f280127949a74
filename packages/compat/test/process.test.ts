import { execFile } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const entry = (name: string): string => JSON.stringify(new URL(`../src/${name}.ts`, import.meta.url).href);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs JavaScript in a process of its own, where `legacy` makes managers of nobody. Its lines are those of the text. */
function run(
  lines: readonly string[],
  flags: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const code = lines.join('\n');
  const { NODE_OPTIONS: _, ...env } = process.env;
  const given = ['--conditions=@throughline/source', '--import', 'tsx', ...flags, '--input-type=module', '-e', code];
  return new Promise((resolve) => {
    execFile(process.execPath, given, { env: { ...env, ...environment } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

const warningsIn = (text: string): string[] =>
  [...text.matchAll(/\[(TL_DEP\d{4})\] DeprecationWarning/g)].map(([, code = '']) => code);

/** Two lines, of which the first is called three times; what it throws, since nobody has a context, is left alone. */
const twoLines = [
  `import { createWebSocketManager as create } from ${entry('index')};`,
  'const attempt = (work) => { try { work(); } catch (error) { if (error.code !== "CONTEXT_REQUIRED") throw error; } };',
  'const first = () => create();',
  'for (const _ of [1, 2, 3]) attempt(first);',
  'attempt(() => create());',
  'setImmediate(() => console.log("went on"));',
];

describe('warnings of a process', { timeout: 60_000 }, () => {
  test('S3 come once for each calling line', async () => {
    const { stdout, stderr, code } = await run(twoLines);
    expect({ stdout, code }).toEqual({ stdout: 'went on\n', code: 0 });
    expect(warningsIn(stderr)).toEqual(['TL_DEP0001', 'TL_DEP0001']);
    expect([...stderr.matchAll(/Called at .*:(\d+)\./g)].map(([, line]) => line)).toEqual(['3', '5']);
    expect(stderr).toContain('Use `getWebSocketManager(userContext)` of `@throughline/core`.');
  });

  test('S9 R19 are not there for an import, of any entry', async () => {
    const entries = [
      'index',
      'websocket-manager',
      'unified-manager',
      'manager',
      'connection-manager',
      'user-session-manager',
    ];
    const more = ['isolated-manager', 'protocols', 'tombstone', 'deprecations', 'usage'];
    const environment = { NODE_PENDING_DEPRECATION: '1' };
    const imports = [...entries, ...more].map((name) => `import ${entry(name)};`);
    expect(await run(imports, [], environment)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('are silent under --no-deprecation', async () => {
    const { stdout, stderr } = await run(twoLines, ['--no-deprecation']);
    expect({ stdout, stderr }).toEqual({ stdout: 'went on\n', stderr: '' });
  });

  test('end the process under --throw-deprecation', async () => {
    const { stdout, stderr, code } = await run(twoLines, ['--throw-deprecation']);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toContain('TL_DEP0001');
  });

  test('R7 S10 of tokens in addresses come where the dialect is made: no stranger ends a process that fails on them', async () => {
    const lines = [
      `import { legacyDialect } from ${entry('legacy-dialect')};`,
      'const dialect = legacyDialect();',
      'setImmediate(() => {',
      '  process.throwDeprecation = true;',
      '  dialect.recognise({ subprotocols: [], query: new URLSearchParams("token=S3CRET") });',
      '  dialect.admitted(["query"]);',
      '  setImmediate(() => console.log("went on"));',
      '});',
    ];
    const { stdout, stderr, code } = await run(lines);
    expect({ stdout, code }).toEqual({ stdout: 'went on\n', code: 0 });
    expect(warningsIn(stderr)).toEqual(['TL_DEP0051', 'TL_DEP0052']);
    expect([...stderr.matchAll(/Called at .*:(\d+)\./g)].map(([, line]) => line)).toEqual(['2', '2']);
    const refusing = lines.map((line) => line.replace('legacyDialect()', 'legacyDialect({ queryTokens: false })'));
    expect(warningsIn((await run(refusing)).stderr)).toEqual(['TL_DEP0051']);
  });

  test.each([
    ['nobody asks', [], {}, []],
    ['NODE_PENDING_DEPRECATION=1', [], { NODE_PENDING_DEPRECATION: '1' }, ['TL_DEP0006']],
    ['--pending-deprecation', ['--pending-deprecation'], {}, ['TL_DEP0006']],
  ])('that are pending: %s', async (_, flags, environment, codes) => {
    const lines = [
      `import { getWebSocketManager } from ${entry('websocket-manager')};`,
      'try { getWebSocketManager(); } catch {}',
    ];
    expect(warningsIn((await run(lines, flags, environment)).stderr)).toEqual(codes);
  });

  test('S13 can be counted by whoever fails on them', async () => {
    const { stdout } = await run(['process.on("warning", ({ code }) => console.log(code));', ...twoLines]);
    expect(stdout.match(/TL_DEP0001/g)).toHaveLength(2);
  });
});

describe('a process with the factory', { timeout: 60_000 }, () => {
  test('S2 boots, and fails at the first call, which it names', async () => {
    const lines = [
      `import { createWebSocketManager } from ${entry('tombstone')};`,
      'console.log("booted");',
      'createWebSocketManager({});',
    ];
    const { stdout, stderr, code } = await run(lines);
    expect({ stdout, code }).toEqual({ stdout: 'booted\n', code: 1 });
    expect(stderr).toMatch(
      /createWebSocketManager, called at .*:3, was removed \(TL_DEP0002\)\. Use getWebSocketManager\(userContext\)/,
    );
  });
});

describe('the burn-down of a process', { timeout: 60_000 }, () => {
  test('S13 is written when it exits', async () => {
    const lines = [
      `import { reportUsage } from ${entry('usage')};`,
      'import { readFileSync, rmSync } from "node:fs";',
      'const file = (process.env.TMPDIR ?? "/tmp") + "/throughline-burn-down-" + process.pid + ".json";',
      'reportUsage({ file });',
      'process.on("exit", () => { console.log(readFileSync(file, "utf8")); rmSync(file); });',
      ...twoLines,
    ];
    const { stdout } = await run(lines, ['--no-deprecation']);
    const { lines: count, used } = JSON.parse(stdout.replace('went on\n', '')) as {
      lines: number;
      used: { calls: number }[];
    };
    expect({ count, calls: used.map(({ calls }) => calls) }).toEqual({ count: 2, calls: [3, 1] });
  });

  test('is one line on stderr where it cannot be written, and the process ends as it would', async () => {
    const lines = [
      `import { reportUsage } from ${entry('usage')};`,
      `reportUsage({ file: "${process.execPath}/no.json" });`,
    ];
    const { code, stderr } = await run(lines);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^throughline: the burn-down was not written: .*\n$/);
  });
});
