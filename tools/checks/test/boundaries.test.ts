import { describeRules } from '@throughline/boundaries';
import { describe, expect, it } from 'vitest';
import { checkBoundaries } from '../src/boundaries.js';
import { CLEAN, type Files, plantRepository } from './planted-repository.js';

interface Planted {
  readonly what: string;
  readonly files: Files;
  /** Every rule that must name it, and no other may. */
  readonly breaks: readonly string[];
}

const importing = (specifier: string): string => `import '${specifier}';\nexport const used = 1;\n`;
const manifestOf = (path: string): object => CLEAN[path] as object;

const PLANTED: readonly Planted[] = [
  {
    what: 'events imports core',
    files: { 'packages/events/src/index.ts': importing('@throughline/core/log') },
    breaks: ['layers-downward', 'production-declares-what-it-imports'],
  },
  {
    what: 'core imports client, for a type alone',
    files: {
      'packages/core/src/log.ts': "import type { Seen } from '@throughline/client';\nexport type Entry = Seen;\n",
    },
    breaks: ['layers-downward', 'production-declares-what-it-imports'],
  },
  {
    what: 'a test of core imports client',
    files: { 'packages/core/test/run.test.ts': importing('@throughline/client') },
    breaks: ['layers-downward'],
  },
  {
    what: 'client imports core',
    files: { 'packages/client/src/index.ts': "export { verify } from '@throughline/core/auth';\n" },
    breaks: ['layers-downward', 'production-declares-what-it-imports'],
  },
  {
    what: 'client imports the schemas of events for more than types',
    files: {
      'packages/client/src/index.ts':
        "import type { Event } from '@throughline/events';\nimport '@throughline/events';\nexport type Seen = Event;\n",
    },
    breaks: ['layers-downward'],
  },
  {
    what: 'a package that the table of layers does not know',
    files: {
      'packages/gossip/package.json': { ...manifestOf('packages/client/package.json'), name: '@throughline/gossip' },
      'packages/gossip/src/index.ts': "export * as protocol from '@throughline/events/protocol';\n",
    },
    breaks: ['layers-downward'],
  },
  {
    what: 'a relative path into another package',
    files: { 'packages/core/src/log.ts': "export type { Frame as Entry } from '../../events/src/protocol.js';\n" },
    breaks: ['no-relative-path-to-another-package'],
  },
  {
    what: 'a relative path to a file that no entry opens',
    files: { 'tools/bench/src/bench.ts': importing('../../../packages/events/src/mark.js') },
    breaks: ['entries-only', 'no-relative-path-to-another-package'],
  },
  {
    what: 'data that no entry opens',
    files: {
      'packages/core/test/socket.test.ts': importing('@throughline/events/schema/secret.json'),
      'packages/events/schema/secret.json': {},
    },
    breaks: ['no-unresolvable'],
  },
  {
    what: 'a deep import by name',
    files: { 'tools/bench/src/bench.ts': importing('@throughline/events/src/mark.js') },
    breaks: ['entries-only', 'no-unresolvable'],
  },
  {
    what: 'an import of built files that exist',
    files: {
      'tools/bench/src/bench.ts': importing('../../../packages/events/dist/mark.js'),
      'packages/events/dist/mark.js': 'export const checked = 1;\n',
    },
    breaks: ['entries-only', 'no-built-files', 'no-relative-path-to-another-package'],
  },
  {
    what: 'an import of built files that do not exist',
    files: { 'packages/core/src/auth.ts': importing('../dist/auth.js') },
    breaks: ['no-built-files', 'no-unresolvable'],
  },
  {
    what: 'a cycle',
    files: { 'packages/events/src/mark.ts': "import './protocol.js';\nexport const checked = 1;\n" },
    breaks: ['no-cycle'],
  },
  {
    what: 'a cycle of types',
    files: {
      'packages/events/src/mark.ts':
        "import type { Frame } from './protocol.js';\nexport const checked = 1 as Frame | 1;\n",
    },
    breaks: ['no-cycle-of-types'],
  },
  {
    what: 'a cycle through the type of a module',
    files: { 'packages/events/src/mark.ts': "export const checked: import('./protocol.js').Frame = 1;\n" },
    breaks: ['no-cycle-of-types'],
  },
  {
    what: 'an import that leads nowhere',
    files: { 'packages/core/src/auth.ts': importing('./gone.js') },
    breaks: ['no-unresolvable'],
  },
  {
    what: 'a mock of a module that leads nowhere',
    files: {
      'tools/bench/src/bench.ts': "import { vi } from './vi.js';\nvi.mock('./gone.js');\n",
      'tools/bench/src/vi.ts': 'export const vi = { mock: (name: string) => name };\n',
    },
    breaks: ['no-unresolvable'],
  },
  {
    what: 'a module that nobody knows',
    files: { 'packages/core/src/forgotten.ts': 'export const used = 1;\n' },
    breaks: ['nothing-unreachable'],
  },
  {
    what: 'ws in a second file of core',
    files: { 'packages/core/src/auth.ts': importing('ws') },
    breaks: ['one-owner'],
  },
  {
    what: 'ws in core, required under the table',
    files: { 'packages/core/src/log.ts': "export type Entry = number;\nexport const load = () => import('ws');\n" },
    breaks: ['one-owner'],
  },
  {
    what: 'the types of ws in an example',
    files: { 'examples/chat/src/server.ts': "import type { WebSocket } from 'ws';\nexport type Socket = WebSocket;\n" },
    breaks: ['one-owner'],
  },
  {
    what: 'jose outside the authenticator',
    files: { 'packages/core/src/log.ts': "import 'jose';\nexport type Entry = number;\n" },
    breaks: ['one-owner'],
  },
  {
    what: 'Node in the client',
    files: { 'packages/client/src/index.ts': importing('node:events') },
    breaks: ['no-node-in-browser-code'],
  },
  {
    what: 'Node in the client, asked for at run time',
    files: { 'packages/client/src/index.ts': "export const files = process.getBuiltinModule('node:fs');\n" },
    breaks: ['no-node-in-browser-code'],
  },
  {
    what: 'a library in the client',
    files: {
      'packages/client/src/index.ts': importing('jose'),
      'packages/client/package.json': {
        ...manifestOf('packages/client/package.json'),
        dependencies: { jose: '6.0.0' },
      },
    },
    breaks: ['one-owner', 'no-library-in-layer'],
  },
  {
    what: 'a library deep below the protocol',
    files: {
      'packages/events/src/mark.ts': "import 'tiny';\nexport const checked = 1;\n",
      'packages/events/package.json': {
        ...manifestOf('packages/events/package.json'),
        dependencies: { tiny: '1.0.0' },
      },
      'node_modules/tiny/package.json': { name: 'tiny', exports: './index.js' },
      'node_modules/tiny/index.js': '',
    },
    breaks: ['standalone-stays-alone'],
  },
  {
    what: 'core imports a tool',
    files: { 'packages/core/test/socket.test.ts': importing('../../../tools/bench/src/bench.js') },
    breaks: ['leaves-imported-by-nobody', 'no-relative-path-to-another-package'],
  },
  {
    what: 'a tool imports an example by name',
    files: { 'tools/bench/src/bench.ts': importing('@throughline-examples/chat') },
    breaks: ['leaves-imported-by-nobody', 'no-unresolvable'],
  },
  {
    what: 'production code imports what only the tests installed',
    files: {
      'packages/core/src/auth.ts': importing('tiny'),
      'packages/core/package.json': { ...manifestOf('packages/core/package.json'), devDependencies: { tiny: '1.0.0' } },
      'node_modules/tiny/package.json': { name: 'tiny', exports: './index.js' },
      'node_modules/tiny/index.js': '',
    },
    breaks: ['production-declares-what-it-imports'],
  },
  {
    what: 'production code imports a test',
    files: {
      'packages/core/src/auth.ts': importing('../test/fixture.js'),
      'packages/core/test/fixture.ts': "import '../src/log.js';\n",
    },
    breaks: ['production-imports-no-tests'],
  },
  {
    what: 'the layer that fades out is imported by a new file',
    files: { 'tools/bench/src/bench.ts': importing('@throughline/compat') },
    breaks: ['no-deprecated-import', 'no-unresolvable'],
  },
  {
    what: 'a package without the promise that an import has no effect',
    files: { 'packages/events/package.json': { ...manifestOf('packages/events/package.json'), sideEffects: true } },
    breaks: ['packages-free-of-side-effects'],
  },
  {
    what: 'the deleted factory is imported',
    files: { 'packages/core/src/auth.ts': importing('./websocket-manager-factory.js') },
    breaks: ['no-unresolvable', 'no-deleted-module'],
  },
  {
    what: 'the deleted factory is reborn, and nobody imports it yet',
    files: { 'packages/core/src/webSocketManagerFactory.ts': 'export const used = 1;\n' },
    breaks: ['nothing-unreachable', 'no-deleted-module'],
  },
  {
    what: 'the deleted factory is reborn, and uses what is there',
    files: { 'packages/core/src/web_socket_manager_factory/index.ts': importing('../log.js') },
    breaks: ['no-deleted-module', 'nothing-unreachable'],
  },
];

async function check(files: Files): Promise<{ ok: boolean; output?: string }> {
  return checkBoundaries(plantRepository({ ...CLEAN, ...files }));
}

describe('boundaries', () => {
  it('let stay what the baseline knows, and refuse a row of it that is there no longer', async () => {
    const known = [{ file: 'packages/core/src/auth.ts', rule: 'one-owner', to: 'node_modules/ws/index.js' }];
    const baseline = { 'throughline.boundaries.baseline.json': { version: 1, known } };
    const planted = { ...CLEAN, 'packages/core/src/auth.ts': importing('ws'), ...baseline };
    expect(await checkBoundaries(plantRepository(planted))).toMatchObject({ ok: true });
    const { ok, output } = await checkBoundaries(plantRepository({ ...CLEAN, ...baseline }));
    expect([ok, output]).toEqual([
      false,
      expect.stringContaining('one-owner in packages/core/src/auth.ts, which is there no longer'),
    ]);
  });

  it('pass a clean layout', async () => {
    const outcome = await checkBoundaries(plantRepository(CLEAN));
    expect(outcome).toMatchObject({ ok: true, detail: expect.stringMatching(/^11 modules, 19 imports/) });
  });

  it.each(PLANTED)('refuse: $what (R19)', async ({ files, breaks }) => {
    const { ok, output = '' } = await check(files);
    expect(ok).toBe(false);
    expect([...new Set(output.match(/^[a-z-]+(?=: )/gm))].sort()).toEqual([...breaks].sort());
  });

  it('have a planted violation for every rule of imports', () => {
    const broken = new Set(PLANTED.flatMap(({ breaks }) => breaks));
    const ofImports = describeRules().filter(({ reads }) => reads === 'imports');
    expect(ofImports.filter(({ name }) => !broken.has(name))).toEqual([]);
  });

  it('say what is wrong, where, and what to write instead', async () => {
    const { output } = await check({ 'packages/core/src/auth.ts': importing('ws') });
    expect(output).toContain('one-owner: packages/core/src/auth.ts:1 → node_modules/ws/index.js\n');
    expect(output).toContain('Take a socket from the port');
  });
});

describe('boundaries fail closed', () => {
  it('without any module', async () => {
    const files = Object.fromEntries(Object.entries(CLEAN).filter(([path]) => !path.endsWith('.ts')));
    const outcome = await checkBoundaries(
      plantRepository({ ...files, 'tools/bench/test/.keep': '', 'examples/chat/.keep': '' }),
    );
    expect(outcome).toMatchObject({ ok: false, output: expect.stringContaining('nothing was checked') });
  });

  it('without published packages', async () => {
    const root = plantRepository({ 'package.json': { name: 'planted', workspaces: ['packages/*'] } });
    await expect(checkBoundaries(root)).rejects.toThrow('has no workspaces');
  });

  it('where an entry does not say where its source is', async () => {
    const events = { name: '@throughline/events', exports: { '.': { default: './dist/index.js' } } };
    await expect(check({ 'packages/events/package.json': events })).rejects.toThrow(
      'has no "@throughline/source" file',
    );
  });

  it('for a package without a layer', async () => {
    const gossip = { ...manifestOf('packages/events/package.json'), name: '@throughline/gossip' };
    const { output } = await check({ 'packages/gossip/package.json': gossip });
    expect(output).toContain('packages/gossip has no layer');
  });

  it('where a module is not valid', async () => {
    const { output } = await check({ 'packages/core/src/log.ts': 'export type Entry = ;\n' });
    expect(output).toContain('packages/core/src/log.ts:1:21 is not valid');
  });

  it('where no import was seen', async () => {
    const files = Object.entries(CLEAN).map(([path, text]) => [path, path.endsWith('.ts') ? 'export {};\n' : text]);
    const { output } = await check(Object.fromEntries(files));
    expect(output).toContain('No import was found in any module');
  });
});
