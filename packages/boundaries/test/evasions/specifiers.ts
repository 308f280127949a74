// Loading the forbidden library, or the deleted module, without an import that says so.
import { type Trick, trick } from './trick.js';

const HIDDEN = 'no-hidden-import';
const COMPUTED = 'no-computed-import';
const TEXT = 'no-code-from-text';

/** A module that exists under a name that may not. */
const GHOST = { 'src/websocket-manager-factory.js': 'export const ghost = 1;\n' };

export const specifierTricks: readonly Trick[] = [
  trick(
    'a plain import',
    'one-owner',
    `import { WebSocketServer } from 'ws';\nexport const server = WebSocketServer;\n`,
  ),
  trick('a type and no more', 'one-owner', `import type { WebSocket } from 'ws';\nexport type Socket = WebSocket;\n`),
  trick('a template as specifier', 'one-owner', 'export const library = await import(`ws`);\n'),
  trick('a sum of strings', HIDDEN, `export const library = await import('w' + 's');\n`),
  trick('a sum through a constant', HIDDEN, `const head = 'w';\nexport const library = await import(head + 's');\n`),
  trick('a template with a part', HIDDEN, `const tail = 's';\nexport const library = await import(\`w\${tail}\`);\n`),
  trick(
    'a variable that is written later',
    HIDDEN,
    `let name = './ok.js';\nname = 'ws';\nexport const library = await import(name);\n`,
  ),
  trick('a variable that grows', HIDDEN, `let name = 'w';\nname += 's';\nexport const library = await import(name);\n`),
  trick('letters of a list', HIDDEN, `export const library = await import(['w', 's'].join(''));\n`),
  trick('letters backwards', HIDDEN, `export const library = await import('sw'.split('').reverse().join(''));\n`),
  trick('base64', HIDDEN, `export const library = await import(atob('d3M='));\n`),
  trick(
    'base64 in a buffer',
    HIDDEN,
    `export const library = await import(Buffer.from('d3M=', 'base64').toString());\n`,
  ),
  trick('codes of letters', HIDDEN, `export const library = await import(String.fromCharCode(119, 115));\n`),
  trick(
    'codes that are mapped',
    HIDDEN,
    `const codes = [119, 115];\nexport const library = await import(codes.map((code) => String.fromCharCode(code)).join(''));\n`,
  ),
  trick('escapes in the specifier', 'one-owner', `export const library = await import('\\x77\\u0073');\n`),
  trick('a part that is replaced', HIDDEN, `export const library = await import('wx'.replace('x', 's'));\n`),
  trick('one of two', HIDDEN, `export const library = await import(Math.random() > 2 ? './ok.js' : 'ws');\n`),
  trick('a default for the environment', HIDDEN, `export const library = await import(process.env.LIBRARY ?? 'ws');\n`),
  trick(
    'a table of names',
    HIDDEN,
    `const names = { socket: 'ws' } as const;\nexport const library = await import(names.socket);\n`,
  ),
  trick('an enum', HIDDEN, `enum Library { Socket = 'ws' }\nexport const library = await import(Library.Socket);\n`),
  trick(
    'a function that returns the name',
    HIDDEN,
    `const name = () => 'ws';\nexport const library = await import(name());\n`,
  ),
  trick(
    'a function that joins',
    HIDDEN,
    `const join = (a: string, b: string) => a + b;\nexport const library = await import(join('w', 's'));\n`,
  ),
  {
    name: 'a constant of another file',
    stoppedBy: HIDDEN,
    installs: ['ws'],
    files: {
      'src/names.ts': `export const LIBRARY = 'ws';\n`,
      'src/trick.ts': `import { LIBRARY } from './names.js';\nexport const library = await import(LIBRARY);\n`,
    },
  },
  {
    name: 'a constant through a barrel',
    stoppedBy: HIDDEN,
    installs: ['ws'],
    files: {
      'src/names.ts': `export const LIBRARY = 'ws';\n`,
      'src/barrel.ts': `export * from './names.js';\n`,
      'src/trick.ts': `import { LIBRARY as NAME } from './barrel.js';\nexport const library = await import(NAME);\n`,
    },
  },
  trick('a name from outside', COMPUTED, `export const load = (name: string) => import(name);\n`),
  trick(
    'a name from the environment',
    COMPUTED,
    `export const library = await import(process.env.LIBRARY as string);\n`,
  ),
  trick('a name with an unknown end', COMPUTED, `export const load = (rest: string) => import(\`w\${rest}\`);\n`),
  trick(
    'a path to the library',
    HIDDEN,
    `import { pathToFileURL } from 'node:url';\nexport const library = await import(pathToFileURL('node_modules/ws/index.js').href);\n`,
  ),
  trick(
    'a path that is joined',
    HIDDEN,
    `import { join } from 'node:path';\nexport const library = await import(join(process.cwd(), 'node_modules', 'ws', 'index.js'));\n`,
  ),
  trick(
    'createRequire',
    HIDDEN,
    `import { createRequire } from 'node:module';\nexport const library = createRequire(import.meta.url)('ws');\n`,
  ),
  trick(
    'createRequire under another name',
    HIDDEN,
    `import { createRequire as make } from 'node:module';\nconst load = make(import.meta.url);\nexport const library = load('ws');\n`,
  ),
  trick(
    'createRequire of the whole module',
    HIDDEN,
    `import * as nodeModule from 'module';\nconst load = nodeModule['create' + 'Require'](import.meta.url);\nexport const library = load('ws');\n`,
  ),
  trick(
    'createRequire by getBuiltinModule',
    HIDDEN,
    `const { createRequire: make } = process.getBuiltinModule('node:module');\nexport const library = make(import.meta.url)('ws');\n`,
  ),
  trick(
    'createRequire that was imported late',
    HIDDEN,
    `const { createRequire: make } = await import('node:module');\nexport const library = make(import.meta.url)('ws');\n`,
  ),
  trick(
    'a require that is handed on',
    COMPUTED,
    `import { createRequire } from 'node:module';\nexport const load = createRequire(import.meta.url);\n`,
  ),
  trick('module.require', 'one-owner', `export const library = module.require('ws');\n`),
  trick('require behind brackets', HIDDEN, `export const library = module['req' + 'uire']('ws');\n`),
  trick('require by another name', HIDDEN, `const load = require;\nexport const library = load('ws');\n`),
  trick('require by call', HIDDEN, `export const library = require.call(null, 'ws');\n`),
  trick('require by Reflect', HIDDEN, `export const library = Reflect.apply(require, null, ['ws']);\n`),
  trick('require in a sequence', HIDDEN, `export const library = (0, require)('ws');\n`),
  trick('require of the main module', HIDDEN, `export const library = process.mainModule?.require('ws');\n`),
  trick(
    'the loader of CommonJS',
    HIDDEN,
    `import Module from 'node:module';\nexport const library = (Module as any)._load('ws', null, false);\n`,
  ),
  trick('the loader by the constructor', HIDDEN, `export const library = (module.constructor as any)._load('ws');\n`),
  trick('require with letters as numbers', HIDDEN, `const load = \\u0072equire;\nexport const library = load('ws');\n`),
  trick('require.resolve', 'one-owner', `export const path = require.resolve('ws');\n`),
  trick('require.resolve of a sum', HIDDEN, `export const path = require.resolve('w' + 's');\n`),
  trick('import.meta.resolve', HIDDEN, `export const path = import.meta.resolve('ws');\n`),
  trick(
    'import.meta.resolve, then import',
    HIDDEN,
    `const { resolve } = import.meta;\nexport const library = await import(resolve('w' + 's'));\n`,
  ),
  trick('eval', TEXT, `export const library = await eval("import('ws')");\n`),
  trick(
    'eval under another name',
    TEXT,
    `const run = globalThis.eval;\nexport const library = run("require('w' + 's')");\n`,
  ),
  trick('new Function', TEXT, `export const load = new Function('name', 'return import(name)');\n`),
  trick('the constructor of a function', TEXT, `export const load = (() => {}).constructor("return import('ws')");\n`),
  trick(
    'a text in a virtual machine',
    TEXT,
    `import vm from 'node:vm';\nexport const library = vm.runInThisContext("process.getBuiltinModule('module')");\n`,
  ),
  trick('a text that nobody can read', TEXT, `export const run = (code: string) => (0, eval)(code);\n`),
  trick(
    'the constructor of asynchronous functions',
    TEXT,
    `const Run = Object.getPrototypeOf(async () => {}).constructor;\nexport const load = new Run('return import("ws")');\n`,
  ),
  trick(
    'a worker that is made of a text',
    TEXT,
    `export const worker = new Worker(URL.createObjectURL(new Blob(["importScripts('ws')"])));\n`,
  ),
  trick('a require by default', COMPUTED, `export const library = ((load = require) => load('ws'))();\n`),
  trick(
    'a data address',
    TEXT,
    `export const library = await import('data:text/javascript,export * from "ws"; import "ws"');\n`,
  ),
  trick(
    'a worker of the library',
    HIDDEN,
    `import { Worker } from 'node:worker_threads';\nexport const worker = new Worker(new URL('../node_modules/ws/index.js', import.meta.url));\n`,
  ),
  trick(
    'a worker that is a text',
    TEXT,
    `import { Worker } from 'node:worker_threads';\nexport const worker = new Worker("require('ws')", { eval: true });\n`,
  ),
  trick(
    'a process of the library',
    HIDDEN,
    `import { fork } from 'node:child_process';\nexport const child = fork('./node_modules/ws/index.js');\n`,
  ),
  trick(
    'a process that is a text',
    TEXT,
    `import { spawn } from 'node:child_process';\nexport const child = spawn('node', ['-e', "require('ws')"]);\n`,
  ),
  {
    name: 'a worker of the deleted module',
    stoppedBy: HIDDEN,
    files: {
      'src/trick.ts': `import { Worker } from 'node:worker_threads';\nexport const worker = new Worker(new URL('./websocket-manager-factory.js', import.meta.url));\n`,
    },
  },
  {
    name: 'the deleted module by a sum',
    stoppedBy: HIDDEN,
    files: {
      'src/trick.ts': `const what = 'manager';\nexport const factory = await import('./websocket-' + what + '-factory.js');\n`,
    },
  },
  {
    name: 'a mock of the deleted module by a template',
    stoppedBy: HIDDEN,
    installs: ['vitest'],
    files: {
      'test/trick.test.ts': `import { vi } from 'vitest';\nconst what = 'Factory';\nvi.mock(\`../src/webSocketManager\${what}.js\`);\n`,
    },
  },
  {
    name: 'a mock under another name',
    stoppedBy: HIDDEN,
    installs: ['vitest'],
    files: {
      'test/trick.test.ts': `import { vi as double } from 'vitest';\ndouble.doMock('../src/web_socket_manager_factory.js');\n`,
    },
  },
  {
    name: 'an augmentation of the deleted module',
    stoppedBy: HIDDEN,
    files: {
      'src/trick.ts': `declare module '@throughline/core/websocket-manager-factory' {\n  export const create: () => void;\n}\nexport {};\n`,
    },
  },
  { name: 'the deleted module itself', stoppedBy: 'no-deleted-module', files: GHOST },
  trick(
    'a file inside core',
    HIDDEN,
    `import { createRequire } from 'node:module';\nexport const socket = createRequire(import.meta.url)('@throughline/core/dist/socket.js');\n`,
    ['@throughline/core'],
  ),
  {
    name: 'a path below a folder that is made up at run time',
    getsThrough:
      'A fixed folder with an unknown name in it is how translations and commands are loaded everywhere; that the name holds "../" cannot be told before it runs.',
    installs: ['ws'],
    files: { 'src/trick.ts': `export const load = (name: string) => import(\`./formats/\${name}.js\`);\n` },
  },
  {
    name: 'a file that the user names',
    getsThrough:
      'Programs that read a configuration written as a module need this, and an address of a file names no package; what is in that file is known at run time alone.',
    files: {
      'src/trick.ts': `import { pathToFileURL } from 'node:url';\nexport const load = (path: string) => import(pathToFileURL(path).href);\n`,
    },
  },
];
