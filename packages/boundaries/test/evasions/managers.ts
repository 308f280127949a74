// The manager that was deleted, under other names and shapes.
import { type Trick, trick } from './trick.js';

const NAMED = 'no-second-manager';
const REGISTRY = 'no-socket-registry';
const NAME = 'no-deleted-name';

/** What each of them does, whatever it is called. */
const METHODS = `
  readonly #sockets = new Map<string, { send(text: string): void }>();
  connect(userId: string, socket: { send(text: string): void }) { this.#sockets.set(userId, socket); }
  sendToUser(userId: string, text: string) { this.#sockets.get(userId)?.send(text); }
`;

export const managerTricks: readonly Trick[] = [
  trick('a manager by name', NAMED, `export class WebSocketManager {}\n`, []),
  trick('a manager that is unified', NAMED, `export class UnifiedWebSocketConnectionManager {}\n`, []),
  trick('a class without a name', NAMED, `export const WebSocketHub = class {};\n`, []),
  trick(
    'an abstract class',
    NAMED,
    `export abstract class Courier {\n  abstract attach(userId: string, socket: WebSocket): void;\n  abstract sendToUser(userId: string, text: string): void;\n}\n`,
    [],
  ),
  trick(
    'a factory function',
    NAMED,
    `import { getWebSocketManager } from '@throughline/core';\nexport function createWebSocketManager(context: never) {\n  return getWebSocketManager(context);\n}\n`,
    ['@throughline/core'],
  ),
  trick(
    'a factory that is an arrow',
    NAMED,
    `import { getWebSocketManager } from '@throughline/core';\nexport const makeIsolatedWebSocketManager = (context: never) => getWebSocketManager(context);\n`,
    ['@throughline/core'],
  ),
  trick(
    'a factory on an object',
    NAMED,
    `import { getWebSocketManager } from '@throughline/core';\nexport const sockets = { createWebSocketManager: (context: never) => getWebSocketManager(context) };\n`,
    ['@throughline/core'],
  ),
  trick('an object by name', NAMED, `export const webSocketManager = { send(text: string) { return text; } };\n`, []),
  trick(
    'a class by shape',
    NAMED,
    `export class Postman {\n  accept(userId: string, ws: { send(text: string): void }) { return [userId, ws]; }\n  deliver(userId: string, text: string) { return [userId, text]; }\n}\n`,
    [],
  ),
  trick(
    'an object by shape',
    NAMED,
    `export const postman = {\n  accept: (userId: string, ws: { send(text: string): void }) => [userId, ws],\n  deliver: (userId: string, text: string) => [userId, text],\n};\n`,
    [],
  ),
  trick(
    'an object that a function returns',
    NAMED,
    `export function postOffice() {\n  function accept(userId: string, webSocket: object) { return [userId, webSocket]; }\n  function deliver(userId: string, text: string) { return [userId, text]; }\n  return { accept, deliver };\n}\n`,
    [],
  ),
  trick(
    'a module by shape',
    NAMED,
    `export function accept(userId: string, webSocket: object) { return [userId, webSocket]; }\nexport function deliver(userId: string, text: string) { return [userId, text]; }\n`,
    [],
  ),
  trick('a class under an innocent name', REGISTRY, `export class Lounge {${METHODS}}\n`, []),
  trick(
    'methods with names that say nothing',
    REGISTRY,
    `const table = new Map<string, any>();\nexport const a = (userId: string, ws: any) => table.set(userId, ws);\nexport const b = (userId: string, text: string) => table.get(userId).send(text);\n`,
    [],
  ),
  trick(
    'a record instead of a map',
    REGISTRY,
    `const table: Record<string, any> = {};\nexport const a = (userId: string, ws: any) => { table[userId] = ws; };\nexport const b = (userId: string, text: string) => table[userId].send(text);\n`,
    [],
  ),
  trick(
    'several sockets for each user',
    REGISTRY,
    `const table = new Map<string, Set<any>>();\nexport function a(userId: string, ws: any) {\n  const all = table.get(userId) ?? new Set();\n  all.add(ws);\n  table.set(userId, all);\n}\nexport function b(userId: string, text: string) {\n  for (const one of table.get(userId) ?? []) one.send(text);\n}\n`,
    [],
  ),
  trick(
    'a socket inside a record',
    REGISTRY,
    `const people = new Map<string, any>();\nexport const a = (userId: string, ws: any) => people.set(userId, { ws, since: Date.now() });\nexport const b = (userId: string, text: string) => {\n  const { ws } = people.get(userId);\n  ws.send(text);\n};\n`,
    [],
  ),
  trick(
    'methods that are put on a prototype',
    NAMED,
    `export function Hub() {}\nHub.prototype.addSocket = function (userId: string, ws: any) { return [userId, ws]; };\nHub.prototype.sendToUser = function (userId: string, text: string) { return [userId, text]; };\n`,
    [],
  ),
  trick(
    'a namespace by shape',
    NAMED,
    `export namespace Hub {\n  export function add(userId: string, ws: object) { return [userId, ws]; }\n  export function sendTo(userId: string, text: string) { return [userId, text]; }\n}\n`,
    [],
  ),
  trick(
    'a socket that has no name',
    REGISTRY,
    `import { wss } from '@acme/everything';\nconst table: any = {};\nwss.on('connection', (one: any, request: any) => { table[request.user] = one; });\nexport const b = (userId: string, text: string) => table[userId].send(text);\n`,
    ['@acme/everything'],
  ),
  trick(
    'a list of pairs',
    REGISTRY,
    `const pairs: any[] = [];\nexport const a = (userId: string, ws: any) => pairs.push([userId, ws]);\nexport const b = (userId: string, text: string) => pairs.find(([id]) => id === userId)[1].send(text);\n`,
    [],
  ),
  trick(
    'a socket given to a user',
    REGISTRY,
    `const people = new Map<string, any>();\nexport const a = (id: string, ws: any) => { people.get(id).wire = ws; };\nexport const b = (id: string, text: string) => people.get(id).wire.send(text);\n`,
    [],
  ),
  trick(
    'an emitter that is a registry',
    REGISTRY,
    `import { EventEmitter } from 'node:events';\nexport const bus = new EventEmitter();\nexport const a = (userId: string, ws: any) => bus.on('to:' + userId, (text) => ws.send(text));\n`,
    [],
  ),
  {
    name: 'a registry in a folder that is hidden',
    stoppedBy: NAMED,
    files: {
      '.wire/hub.ts': `export class WebSocketManager {}\n`,
      'src/use.ts': `import { WebSocketManager } from '../.wire/hub.js';\nexport const used = WebSocketManager;\n`,
    },
  },
  {
    name: 'a registry among the tests',
    stoppedBy: 'production-imports-no-tests',
    files: {
      'src/testing/hub.ts': `export class WebSocketManager {}\n`,
      'src/use.ts': `import { WebSocketManager } from './testing/hub.js';\nexport const used = WebSocketManager;\n`,
    },
  },
  {
    name: 'a registry in which nothing has a name',
    getsThrough:
      'Without one name, type or import that speaks of sockets it is the same text as a pool of clients of a database. The socket itself must come from somewhere, and there it is stopped.',
    files: {
      'src/trick.ts': `export class A {\n  readonly #m = new Map<string, { send(t: string): void }>();\n  x(u: string, s: { send(t: string): void }) { this.#m.set(u, s); }\n  y(u: string, t: string) { this.#m.get(u)?.send(t); }\n}\n`,
    },
  },
  {
    name: 'a registry in two files',
    stoppedBy: REGISTRY,
    files: {
      'src/table.ts': `export const sockets = new Map<string, any>();\n`,
      'src/come.ts': `import { sockets } from './table.js';\nexport const come = (userId: string, socket: any) => sockets.set(userId, socket);\n`,
      'src/say.ts': `import { sockets } from './table.js';\nexport const say = (userId: string, text: string) => sockets.get(userId).send(text);\n`,
    },
  },
  trick('the deleted name on a class', NAME, `export class WebSocketManagerFactory {}\n`, []),
  trick('the deleted name on a type', NAME, `export interface WebSocketManagerFactory { create(): void }\n`, []),
  trick('the deleted name on a method', NAME, `export const tools = { getWebsocketManagerFactory() {} };\n`, []),
  trick('the deleted name with letters as numbers', NAME, `export const \\u0057ebSocketManagerFactory = 1;\n`, []),
  trick('the deleted name with foreign letters', NAME, `export const Web\u0405\u043ecketManagerFactory = 1;\n`, []),
  trick(
    'the deleted name from somewhere else',
    NAME,
    `import { createWebSocketManagerFactory } from '@acme/everything';\nexport const make = createWebSocketManagerFactory;\n`,
    ['@acme/everything'],
  ),
  {
    name: 'a package that calls itself the owner',
    getsThrough:
      'A package is known by its name, and a name is guarded by the registry: to take this one is to edit what the repository says of itself.',
    installs: ['ws'],
    files: {
      'package.json': JSON.stringify({ name: '@throughline/core', type: 'module', dependencies: { ws: '1.0.0' } }),
      'src/trick.ts': `import { WebSocketServer } from 'ws';\nexport const server = new WebSocketServer({ port: 8081 });\n`,
    },
  },
];
