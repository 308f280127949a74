import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { entriesOf, readPublishedPackages } from '../src/workspaces.js';
import { plant } from './planted-repository.js';

const ROOT = join(import.meta.dirname, '../../..');
const PROBE = join(import.meta.dirname, '../src/import-probe.mjs');

/** What an import must not leave behind, as the probe saw it before and after. */
interface Traces {
  readonly resources: readonly string[];
  readonly globals: readonly string[];
  readonly listeners: readonly string[];
}

interface Report {
  readonly before: Traces;
  readonly after: Traces;
  readonly warnings: readonly string[];
  readonly environment: readonly string[];
}

/**
 * Imports a module in a `node` process of its own and tells what was wrong with that, in words. `folder` is where the
 * module's own code lies; `lingerMs` is how long the process may go on after the import before it counts as held open.
 */
async function faultsOfImporting(specifier: string, folder: string, lingerMs = 5_000): Promise<string[]> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, [PROBE, specifier, pathToFileURL(folder).href], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  let written = '';
  let limit: NodeJS.Timeout | undefined;
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (printed += String(chunk)));
  child.stdio[3]?.on('data', (chunk) => {
    written += String(chunk);
    limit ??= setTimeout(() => child.kill('SIGKILL'), lingerMs);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(limit);
  if (written === '') return [`could not be imported: ${printed}`];
  const { before, after, warnings, environment } = JSON.parse(written) as Report;
  const left = (['resources', 'globals', 'listeners'] as const).filter(
    (trace) => JSON.stringify(before[trace]) !== JSON.stringify(after[trace]),
  );
  return [
    ...(printed === '' ? [] : [`printed: ${printed.trim()}`]),
    ...(code === 0 ? [] : [`ended with ${signal ?? code}`]),
    ...left.map((trace) => `left ${trace}: ${after[trace].filter((one) => !before[trace].includes(one)).join(', ')}`),
    ...warnings.map((warning) => `warned: ${warning}`),
    ...environment.map((name) => `read ${name} of the environment`),
  ];
}

describe('importing an entry of a published package does nothing (S9, R19)', () => {
  const entries = readPublishedPackages(ROOT).flatMap((one) =>
    entriesOf(one).map(({ specifier }) => ({ specifier, folder: join(ROOT, one.folder) })),
  );

  it.each(entries)('$specifier', { timeout: 30_000 }, async ({ specifier, folder }) => {
    expect(await faultsOfImporting(specifier, folder)).toEqual([]);
  });
});

describe('an import that does something is found out', () => {
  const DOES = [
    ['prints', "console.log('hello')", 'printed: hello'],
    ['complains', "console.error('hello')", 'printed: hello'],
    ['starts a timer', 'setInterval(() => {}, 1e6)', 'left resources: Timeout'],
    ['holds the process', 'setInterval(() => {}, 1e6)', 'ended with SIGKILL'],
    ['listens', "(await import('node:net')).createServer().listen(0, '127.0.0.1')", 'left resources: TCPServerWrap'],
    ['makes a global', 'globalThis.manager = 1', 'left globals: manager'],
    ['makes a hidden global', "globalThis[Symbol.for('manager')] = 1", 'left globals: Symbol(manager)'],
    ['installs a handler', "process.once('exit', () => {})", 'left listeners: exit'],
    ['warns of a deprecation', "process.emitWarning('old', 'DeprecationWarning')", 'warned: DeprecationWarning: old'],
    ['reads a variable', 'void process.env.HOME', 'read HOME of the environment'],
    ['asks for a variable', "void ('HOME' in process.env)", 'read HOME of the environment'],
    ['reads all variables', 'void { ...process.env }', 'read * of the environment'],
    ['exits badly', 'process.exitCode = 3', 'ended with 3'],
    ['throws', "throw new Error('not built')", 'could not be imported'],
  ] as const;

  it.each(DOES)('%s', { timeout: 30_000 }, async (_, code, fault) => {
    const folder = plant({ 'index.mjs': `${code};\n` });
    const faults = await faultsOfImporting(pathToFileURL(join(folder, 'index.mjs')).href, folder, 100);
    expect(faults.join('\n')).toContain(fault);
  });

  it('but not what a library reads for itself', async () => {
    const folder = plant({ 'own/index.mjs': "import '../library.mjs';\n", 'library.mjs': 'void process.env.HOME;\n' });
    const url = pathToFileURL(join(folder, 'own/index.mjs')).href;
    expect(await faultsOfImporting(url, join(folder, 'own'))).toEqual([]);
  });
});
