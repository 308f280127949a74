import { type Files, installed, SERVICE } from './planted.js';
import { importing, type PlantedViolation } from './planted-violation.js';

const manifestOf = (base: Files, path: string): object => base[path] as object;

/** What can be wrong in a service of one package. */
export const IN_SERVICE: readonly PlantedViolation[] = [
  { what: 'nothing', files: {}, breaks: [] },
  {
    what: 'ws in production code',
    files: { 'src/answer.ts': importing('ws') },
    breaks: ['one-owner src/answer.ts', 'production-declares-what-it-imports src/answer.ts'],
  },
  ...['socket.io', 'uWebSockets.js', 'sockjs', 'faye-websocket', 'engine.io'].map((library) => ({
    what: `${library} in production code, declared`,
    files: {
      ...installed(library),
      'src/answer.ts': importing(library),
      'package.json': {
        ...manifestOf(SERVICE, 'package.json'),
        dependencies: { express: '5.0.0', [library]: '1.0.0' },
      },
    },
    breaks: ['one-owner src/answer.ts'],
  })),
  {
    what: 'the types of ws',
    files: {
      ...installed('@types/ws'),
      'src/answer.ts': "import type { WebSocket } from 'ws';\nexport type Socket = WebSocket;\n",
    },
    breaks: ['one-owner src/answer.ts', 'production-declares-what-it-imports src/answer.ts'],
  },
  {
    what: 'ws at run time',
    files: { 'src/answer.ts': "export const load = () => import('ws');\n" },
    breaks: ['one-owner src/answer.ts', 'production-declares-what-it-imports src/answer.ts'],
  },
  {
    what: 'ws that is not installed',
    files: { 'src/answer.ts': "import 'socket.io/client';\n" },
    breaks: ['no-unresolvable src/answer.ts', 'one-owner src/answer.ts'],
  },
  {
    what: 'a cycle',
    files: { 'src/answer.ts': "import './main.js';\nexport const answer = 42;\n" },
    breaks: ['no-cycle src/answer.ts'],
  },
  {
    what: 'a cycle of types, not asked for',
    files: { 'src/answer.ts': "import type { app } from './main.js';\nexport const answer: typeof app | 42 = 42;\n" },
    breaks: [],
  },
  {
    what: 'a cycle of types, asked for',
    plan: { cyclesOfTypes: true },
    files: { 'src/answer.ts': "import type { app } from './main.js';\nexport const answer: typeof app | 42 = 42;\n" },
    breaks: ['no-cycle-of-types src/answer.ts'],
  },
  {
    what: 'the deleted factory, which is not there',
    files: { 'src/answer.ts': importing('./web_socket_manager_factory.js') },
    breaks: ['no-deleted-module src/answer.ts', 'no-unresolvable src/answer.ts'],
  },
  {
    what: 'the deleted factory by a package name',
    files: {
      ...installed('@acme/websocketManagerFactory'),
      'src/answer.ts': importing('@acme/websocketManagerFactory'),
      'package.json': { name: 'service', dependencies: { express: '5', '@acme/websocketManagerFactory': '1' } },
    },
    breaks: ['no-deleted-module src/answer.ts', 'no-forbidden-alias package.json'],
  },
  {
    what: 'the deleted factory behind an alias',
    files: {
      'tsconfig.json': { compilerOptions: { paths: { '#f': ['./src/ws-manager/web-socket-manager-factory.ts'] } } },
      'src/ws-manager/web-socket-manager-factory.ts': 'export const used = 1;\n',
      'src/answer.ts': importing('#f'),
    },
    breaks: [
      'no-deleted-module src/answer.ts',
      'no-deleted-module src/ws-manager/web-socket-manager-factory.ts',
      'no-forbidden-alias tsconfig.json',
    ],
  },
  {
    what: 'the deleted factory reborn in a test',
    files: { 'test/WebsocketManagerFactory.ts': 'export const used = 1;\n' },
    breaks: ['no-deleted-module test/WebsocketManagerFactory.ts'],
  },
  {
    what: 'a deleted module of the plan',
    plan: { deleted: [{ module: 'session-registry', instead: 'Use it.' }] },
    files: { 'src/sessionRegistry.ts': 'export const used = 1;\n' },
    breaks: ['no-deleted-module src/sessionRegistry.ts'],
  },
  {
    what: 'compat',
    files: {
      ...installed('@throughline/compat'),
      'package.json': { name: 'service', dependencies: { express: '5', '@throughline/compat': '1' } },
      'src/answer.ts': importing('@throughline/compat'),
    },
    breaks: ['no-deprecated-import src/answer.ts'],
  },
  {
    what: 'test-kit in production code',
    files: {
      ...installed('@throughline/test-kit'),
      'package.json': { name: 'service', dependencies: { express: '5', '@throughline/test-kit': '1' } },
      'src/answer.ts': importing('@throughline/test-kit'),
    },
    breaks: ['production-imports-no-tests src/answer.ts'],
  },
  {
    what: 'a test in production code',
    files: { 'src/answer.ts': importing('../test/fake.js'), 'test/fake.ts': 'export const used = 1;\n' },
    breaks: ['production-imports-no-tests src/answer.ts'],
  },
  {
    what: 'a fixture in production code',
    files: { 'src/answer.ts': importing('./fixtures/user.js'), 'src/fixtures/user.ts': 'export const used = 1;\n' },
    breaks: ['production-imports-no-tests src/answer.ts'],
  },
  {
    what: 'an example in production code',
    files: { 'src/answer.ts': importing('../examples/one.js'), 'examples/one.ts': 'export const used = 1;\n' },
    breaks: ['production-imports-no-tests src/answer.ts'],
  },
  {
    what: 'a development dependency in production code',
    files: {
      ...installed('tiny'),
      'package.json': { name: 'service', dependencies: { express: '5' }, devDependencies: { tiny: '1' } },
      'src/answer.ts': importing('tiny'),
    },
    breaks: ['production-declares-what-it-imports src/answer.ts'],
  },
  {
    what: 'an undeclared dependency in production code',
    files: { ...installed('tiny'), 'src/answer.ts': importing('tiny') },
    breaks: ['production-declares-what-it-imports src/answer.ts'],
  },
  {
    what: 'what a build wrote',
    files: { 'dist/answer.js': 'export const answer = 42;\n', 'src/answer.ts': importing('../dist/answer.js') },
    breaks: ['no-built-files src/answer.ts'],
  },
  {
    what: 'the inside of core by a path',
    files: {
      ...installed('@throughline/core'),
      'node_modules/@throughline/core/dist/session.js': 'export const used = 1;\n',
      'src/answer.ts': importing('../node_modules/@throughline/core/dist/session.js'),
    },
    breaks: ['entries-only src/answer.ts'],
  },
  {
    what: 'the inside of core by its name',
    files: { ...installed('@throughline/core'), 'src/answer.ts': importing('@throughline/core/src/session.js') },
    breaks: ['entries-only src/answer.ts', 'no-unresolvable src/answer.ts'],
  },
  {
    what: 'the inside of core by an alias',
    files: {
      ...installed('@throughline/core'),
      'package.json': { name: 'service', dependencies: { express: '5', '@throughline/core': '1' } },
      'node_modules/@throughline/core/dist/session.js': 'export const used = 1;\n',
      'tsconfig.json': { compilerOptions: { paths: { 'core/*': ['./node_modules/@throughline/core/dist/*'] } } },
      'src/answer.ts': importing('core/session.js'),
    },
    breaks: ['entries-only src/answer.ts'],
  },
  {
    what: 'an import that leads nowhere',
    files: { 'src/answer.ts': importing('./gone.js') },
    breaks: ['no-unresolvable src/answer.ts'],
  },
  {
    what: 'a module that a bundler makes',
    plan: { unresolved: ['~icons/**'] },
    files: { 'src/answer.ts': "import '~icons/a/b';\nimport 'virtual:pages';\nimport './a.svg?raw';\n" },
    breaks: [],
  },
  {
    what: 'a dependency that is declared and not installed',
    files: {
      'package.json': { name: 'service', dependencies: { express: '5', absent: '1' } },
      'src/answer.ts': importing('absent/part'),
    },
    breaks: [],
  },
  {
    what: 'a layer that reaches up',
    plan: {
      layers: [
        { name: 'domain', files: ['src/domain/**'] },
        { name: 'web', files: ['src/web/**'] },
      ],
    },
    files: { 'src/domain/user.ts': importing('../web/page.js'), 'src/web/page.ts': 'export const used = 1;\n' },
    breaks: ['layers-downward src/domain/user.ts'],
  },
  {
    what: 'a layer that reaches down',
    plan: {
      layers: [
        { name: 'domain', files: ['src/domain/**'] },
        { name: 'web', files: ['src/web/**'] },
      ],
    },
    files: { 'src/domain/user.ts': 'export const used = 1;\n', 'src/web/page.ts': importing('../domain/user.js') },
    breaks: [],
  },
  {
    what: 'a layer that reaches down for what its row does not name, and for a value where it may know types',
    plan: {
      layers: [
        { name: 'a', files: ['src/a/**'] },
        { name: 'b', files: ['src/b/**'] },
        { name: 'c', files: ['src/c/**'], imports: ['b'], types: [] },
        { name: 'd', files: ['src/d/**'], imports: [], types: ['a'] },
      ],
    },
    files: {
      'src/a/a.ts': 'export const used = 1;\n',
      'src/b/b.ts': importing('../a/a.js'),
      'src/c/c.ts': `${importing('../a/a.js')}export * from '../b/b.js';\n`,
      'src/d/one.ts': "import type { used } from '../a/a.js';\nexport type One = typeof used;\n",
      'src/d/two.ts': importing('../a/a.js'),
    },
    breaks: ['layers-downward src/c/c.ts', 'layers-downward src/d/two.ts'],
  },
  {
    what: 'Node and a library in a layer for browsers',
    plan: { layers: [{ name: 'page', files: ['src/**'], browser: true, libraries: false }] },
    files: { 'src/answer.ts': importing('node:fs') },
    breaks: ['no-library-in-layer src/main.ts', 'no-node-in-browser-code src/answer.ts'],
  },
  {
    what: 'a library below a file that stands alone',
    plan: { standalone: [{ files: ['src/answer.ts'], why: 'It must.', instead: 'Do without.' }] },
    files: { 'src/answer.ts': importing('./deep.js'), 'src/deep.ts': importing('express') },
    breaks: ['standalone-stays-alone src/answer.ts'],
  },
  {
    what: 'a file that nothing reaches',
    plan: { reachable: { files: ['src/**'], from: ['src/main.ts'] } },
    files: { 'src/dead.ts': importing('./answer.js') },
    breaks: ['nothing-unreachable src/dead.ts'],
  },
  {
    what: 'a package that does not promise to be free of side effects',
    plan: { sideEffectFree: ['service'] },
    files: {},
    breaks: ['packages-free-of-side-effects package.json'],
  },
  {
    what: 'a second owner of the plan',
    plan: { owners: [{ dependency: 'express', files: ['src/http/**'], why: 'One place.', instead: 'Use src/http.' }] },
    files: {},
    breaks: ['one-owner src/main.ts'],
  },
];
