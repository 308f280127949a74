// What looks like a breach and is none. What is one is planted in ../evasions.
import { describe, expect, test } from 'vitest';
import { noCodeFromText } from '../../src/syntax/code-from-text.js';
import { noComputedImport } from '../../src/syntax/computed-import.js';
import { noDeletedName } from '../../src/syntax/deleted-name.js';
import { noHandWrittenUpgrade } from '../../src/syntax/hand-written-upgrade.js';
import { noHiddenImport } from '../../src/syntax/hidden-import.js';
import { syntaxRules } from '../../src/syntax/rules.js';
import { noSecondManager } from '../../src/syntax/socket-manager.js';
import { noSocketRegistry } from '../../src/syntax/socket-registry.js';
import { noSecondSocketServer } from '../../src/syntax/socket-server.js';
import { noUntargetedSend } from '../../src/syntax/untargeted-send.js';
import type { SyntaxRule } from '../../src/syntax-rule.js';
import { lines } from './one-file.js';

const nearMisses: readonly (readonly [SyntaxRule, string, string])[] = [
  [
    noSecondManager,
    'the handle of core',
    `const webSocketManager = getWebSocketManager(userContext); webSocketManager.send('a', 'user');`,
  ],
  [
    noSecondManager,
    'the type of core',
    `import type { WebSocketManager } from '@throughline/core'; export const say = (manager: WebSocketManager, user: string) => manager;`,
  ],
  [
    noSecondManager,
    'a manager of something else',
    `class SessionManager { connect(user) {} send(user) {} } // no socket`,
  ],
  [
    noSecondManager,
    'a factory of something else',
    `const createManager = (socket, user) => new TaskManager(socket, user);`,
  ],
  [noSecondManager, 'a hook of a page', `export function useWebSocketManagerState(user) { return user; }`],
  [
    noSecondManager,
    'a client of a database',
    `class Database { connect(userId: string, socket: SqlConnection) {} send(userId: string) {} }`,
  ],
  [
    noSecondManager,
    'a TCP server',
    `import { Socket } from 'node:net'; class Server { accept(socket: Socket) {} send(userId: string) {} }`,
  ],
  [
    noSocketRegistry,
    'sockets that are only closed',
    `const sockets = new Set(); server.on('connection', (socket) => sockets.add(socket)); for (const socket of sockets) socket.destroy();`,
  ],
  [
    noSocketRegistry,
    'users without sockets',
    `const users = new Map(); users.set(userId, user); users.get(userId).send('websocket');`,
  ],
  [
    noSocketRegistry,
    'the client of a queue',
    `const clients = new Map(); clients.set(name, client); clients.get(name).send(command); // over a socket file`,
  ],
  [
    noSocketRegistry,
    'a listener of its own events',
    `ws.on('message', (text) => ws.send(text)); bus.on('user', (user) => ws.send(user));`,
  ],
  [
    noSocketRegistry,
    'a connection of HTTP',
    `server.on('connection', (one) => { open[user] = one; }); // no websocket`,
  ],
  [noUntargetedSend, 'an emitter', `events.emit('socket', 1); this.emit('done');`],
  [noUntargetedSend, 'one socket', `socket.send('hello'); ws.send('hello');`],
  [noUntargetedSend, 'a loop over something else', `for (const socket of letters) post.send(socket);`],
  [noUntargetedSend, 'mail to everybody', `for (const customer of customers) mailer.send(customer, 'about sockets');`],
  [
    noSecondSocketServer,
    'a server of HTTP',
    `import { Server } from 'node:http'; new Server().on('upgrade', (request, socket) => socket.destroy());`,
  ],
  [noSecondSocketServer, 'a function of the same name', `const ws = (path) => path; ws('/socket', () => {});`],
  [noSecondSocketServer, 'a route of HTTP', `app.get('/sockets', { websocket: false }, () => {});`],
  [
    noSecondSocketServer,
    'a type of the framework',
    `import type { WebSocketGateway } from '@nestjs/websockets'; export type A = WebSocketGateway;`,
  ],
  [
    noHandWrittenUpgrade,
    'other answers',
    `socket.write('HTTP/1.1 400 Bad Request'); response.writeHead(201); if (response.statusCode === 101) next();`,
  ],
  [
    noHandWrittenUpgrade,
    'an upgrade that is passed on',
    `server.on('upgrade', (request, socket, head) => service.upgrade(request, socket, head));`,
  ],
  [
    noHiddenImport,
    'a manifest',
    `import { createRequire } from 'node:module'; const { version } = createRequire(import.meta.url)('../package.json');`,
  ],
  [
    noHiddenImport,
    'a package whose name begins alike',
    `const load = require; load('ws-client-for-something'); load('wsl');`,
  ],
  [noHiddenImport, 'a worker of its own', `new Worker(new URL('./worker.js', import.meta.url));`],
  [
    noHiddenImport,
    'a string that loads nothing',
    `const text = 'w' + 's'; console.log(text, 'websocket-manager-factory', require);`,
  ],
  [noHiddenImport, 'a parameter that is called require', `export const run = (require) => require('w' + 's');`],
  [noComputedImport, 'a table of functions', `const table = { a: () => import('./a.js') }; await table[name]();`],
  [
    noComputedImport,
    'a table of names',
    `const table = { a: './a.js', b: './b.js' } as const; await import(table[name]);`,
  ],
  [
    noComputedImport,
    'a fixed folder',
    `await import(\`./texts/\${language}.js\`); await import(new URL(\`./texts/\${language}.js\`, import.meta.url).href);`,
  ],
  [noComputedImport, 'a part of a package', `await import(\`dayjs/locale/\${language}.js\`);`],
  [noComputedImport, 'the main module', `if (require.main === module) main(); typeof require;`],
  [noCodeFromText, 'the global object', `const root = new Function('return this')();`],
  [
    noCodeFromText,
    'a timer',
    `setTimeout(() => import('./a.js'), 1); class A { constructor() { this.constructor.name; } }`,
  ],
  [
    noCodeFromText,
    'another program',
    `import { spawn } from 'node:child_process'; spawn('git', ['log', '--format', 'import or require? neither']);`,
  ],
  [noCodeFromText, 'an address of data', `const image = 'data:image/png;base64,aaaa'; await import('./a.js');`],
  [
    noDeletedName,
    'a comment and a text',
    `// WebSocketManagerFactory\nexport const text = 'websocket-manager-factory';`,
  ],
  [noDeletedName, 'half of the name', `export class WebSocketFactory {} export const manager = 1;`],
];

describe('what must stay clean', () => {
  test.each(nearMisses.map(([rule, what, text]) => ({ rule, name: rule.name, what, text })))(
    '$name: $what',
    ({ rule, text }) => {
      expect(lines(rule, text)).toEqual([]);
    },
  );

  test('tests may do what production may not', () => {
    const text = `import(name); eval(code); class MockWebSocketManager {} for (const one of wss.clients) one.send('a');`;
    for (const rule of syntaxRules) expect(lines(rule, text, 'test/file.test.ts'), rule.name).toEqual([]);
    expect(syntaxRules.flatMap((rule) => lines(rule, text))).toHaveLength(4);
  });
});
