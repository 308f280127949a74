// Accepting, opening and speaking to sockets beside the one place that may.
import { type Trick, trick } from './trick.js';

const SERVER = 'no-second-socket-server';
const UPGRADE = 'no-hand-written-upgrade';
const GLOBAL = 'no-global-socket-on-servers';
const UNTARGETED = 'no-untargeted-send';

export const socketTricks: readonly Trick[] = [
  {
    name: 'a server from a library that brings one along',
    stoppedBy: SERVER,
    installs: ['@acme/everything'],
    files: {
      'src/trick.ts': `import { WebSocketServer } from '@acme/everything';\nexport const server = new WebSocketServer({ port: 8081 });\n`,
    },
  },
  trick(
    'a server under another name',
    SERVER,
    `import { WebSocketServer as Wire } from '@acme/everything';\nexport const server = new Wire({ port: 8081 });\n`,
    ['@acme/everything'],
  ),
  trick(
    'a server behind a namespace',
    SERVER,
    `import everything from '@acme/everything';\nconst { WebSocketServer: Wire } = everything.sockets;\nexport const server = new Wire({ port: 8081 });\n`,
    ['@acme/everything'],
  ),
  trick(
    'a server as a property',
    SERVER,
    `import { WebSocket } from '@acme/everything';\nexport const server = new WebSocket.Server({ port: 8081 });\n`,
    ['@acme/everything'],
  ),
  trick(
    'a class that extends the server',
    SERVER,
    `import { WebSocketServer } from '@acme/everything';\nexport class Hub extends WebSocketServer {}\n`,
    ['@acme/everything'],
  ),
  trick(
    'upgrades without a server',
    SERVER,
    `import { Wire } from '@acme/everything';\nexport const wire = new Wire({ noServer: true });\n`,
    ['@acme/everything'],
  ),
  trick(
    'handleUpgrade',
    SERVER,
    `import { createServer } from 'node:http';\nimport { wire } from '@acme/everything';\ncreateServer().on('upgrade', (request, socket, head) => wire.handleUpgrade(request, socket, head, () => {}));\n`,
    ['@acme/everything'],
  ),
  trick(
    'another library for the same',
    SERVER,
    `import { server } from 'websocket';\nexport const wire = new server({});\n`,
    ['websocket'],
  ),
  trick(
    'a plugin of the framework',
    SERVER,
    `import websocket from '@fastify/websocket';\nexport const plugin = websocket;\n`,
    ['@fastify/websocket'],
  ),
  trick(
    'a route of the framework',
    SERVER,
    `import fastify from 'fastify';\nconst app = fastify();\napp.get('/live', { websocket: true }, (connection) => connection.send('hello'));\n`,
    ['fastify'],
  ),
  trick(
    'a route for sockets',
    SERVER,
    `import { app } from '@acme/web';\napp.ws('/live', (ws: { send(text: string): void }) => ws.send('hello'));\n`,
    ['@acme/web'],
  ),
  trick(
    'a gateway of the framework',
    SERVER,
    `import { WebSocketGateway } from '@nestjs/websockets';\n@WebSocketGateway()\nexport class Chat {}\n`,
    ['@nestjs/websockets'],
  ),
  trick(
    'a server of another runtime',
    SERVER,
    `declare const Bun: { serve(options: object): unknown };\nexport const server = (globalThis as any).Bun.serve({ fetch: () => {}, websocket: { message() {} } });\n`,
    [],
  ),
  trick(
    'an upgrade of another runtime',
    SERVER,
    `export const serve = (request: Request) => (globalThis as any).Deno.upgradeWebSocket(request);\n`,
    [],
  ),
  trick(
    'the handshake by hand',
    UPGRADE,
    `import { createHash } from 'node:crypto';\nimport { createServer } from 'node:http';\ncreateServer().on('upgrade', (request, socket) => {\n  const key = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');\n  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Accept: ' + key + '\\r\\n\\r\\n');\n});\n`,
    [],
  ),
  trick(
    'the handshake in pieces',
    UPGRADE,
    `import type { Duplex } from 'node:stream';\nconst lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', '', ''];\nexport const answer = (socket: Duplex) => socket.write(lines.join('\\r\\n'));\n`,
    [],
  ),
  trick(
    'the key of the handshake in pieces',
    UPGRADE,
    `import { createHash } from 'node:crypto';\nconst half = '258EAFA5-E914-47DA';\nexport const accept = (key: string) => createHash('sha1').update(key + half + '-95CA-C5AB0DC85B11').digest('base64');\n`,
    [],
  ),
  trick(
    'the socket of the platform',
    GLOBAL,
    `import { env } from 'node:process';\nexport const socket = new globalThis.WebSocket(env['URL'] ?? '');\n`,
    [],
  ),
  trick(
    'the socket of the platform behind brackets',
    GLOBAL,
    `import { env } from 'node:process';\nconst Wire = globalThis['Web' + 'Socket' as 'WebSocket'];\nexport const socket = new Wire(env['URL'] ?? '');\n`,
    [],
  ),
  {
    name: 'the socket of the platform in a file that a server imports',
    stoppedBy: GLOBAL,
    files: {
      'src/wire.ts': `export const open = (url: string) => new WebSocket(url);\n`,
      'src/trick.ts': `import { createServer } from 'node:http';\nimport { open } from './wire.js';\ncreateServer(() => open('ws://localhost'));\n`,
    },
  },
  trick(
    'the socket of the fetch library',
    GLOBAL,
    `import { WebSocket } from 'undici';\nexport const socket = new WebSocket('ws://localhost');\n`,
    ['undici'],
  ),
  trick('io.emit', UNTARGETED, `import { io } from '@acme/everything';\nio.emit('news', { text: 'to all' });\n`, [
    '@acme/everything',
  ]),
  trick(
    'socket.broadcast',
    UNTARGETED,
    `import { socket } from '@acme/everything';\nsocket.broadcast.emit('news', 'to all');\n`,
    ['@acme/everything'],
  ),
  trick(
    'a namespace of io',
    UNTARGETED,
    `import { io } from '@acme/everything';\nio.of('/news').emit('news', 'to all');\n`,
    ['@acme/everything'],
  ),
  trick(
    'a loop over clients',
    UNTARGETED,
    `import { wss } from '@acme/everything';\nfor (const client of wss.clients) client.send('to all');\n`,
    ['@acme/everything'],
  ),
  trick(
    'forEach over clients',
    UNTARGETED,
    `import { wss } from '@acme/everything';\nwss.clients.forEach((client: { send(text: string): void }) => client.send('to all'));\n`,
    ['@acme/everything'],
  ),
  trick(
    'a loop over a copy of clients',
    UNTARGETED,
    `import { wss } from '@acme/everything';\nconst everyone = [...wss.clients];\neveryone.map((one) => one.send('to all'));\n`,
    ['@acme/everything'],
  ),
  trick(
    'a loop over sockets',
    UNTARGETED,
    `import { sockets } from '@acme/everything';\nfor (const [, socket] of sockets) socket.send('to all');\n`,
    ['@acme/everything'],
  ),
];
