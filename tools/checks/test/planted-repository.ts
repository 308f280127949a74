import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Files by path. A value that is no string is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

const entry = (file: string): object => ({
  '@throughline/source': `./src/${file}.ts`,
  types: `./dist/${file}.d.ts`,
  default: `./dist/${file}.js`,
});

/** The layout of this repository with next to nothing in it, and every rule kept. */
export const CLEAN: Files = {
  'package.json': { name: 'planted', private: true, workspaces: ['packages/*', 'tools/*', 'examples/*'] },
  'packages/events/package.json': {
    name: '@throughline/events',
    sideEffects: false,
    exports: { '.': entry('index'), './protocol': entry('protocol'), './schema.json': './schema/events.json' },
  },
  'packages/events/src/index.ts':
    "import type { Frame } from './protocol.js';\nexport interface Event { frame: Frame }\n",
  'packages/events/src/protocol.ts': "import { checked } from './mark.js';\nexport type Frame = typeof checked;\n",
  'packages/events/src/mark.ts': 'export const checked = 1;\n',
  'packages/events/schema/events.json': { type: 'object' },
  'packages/core/package.json': {
    name: '@throughline/core',
    sideEffects: false,
    exports: { '.': entry('index'), './auth': entry('auth'), './log': entry('log') },
    dependencies: { '@throughline/events': '0.1.0', jose: '6.0.0', ws: '8.0.0' },
  },
  'packages/core/src/index.ts': "export { open } from './socket.js';\nexport type { Entry } from './log.js';\n",
  'packages/core/src/socket.ts':
    "import { WebSocketServer } from 'ws';\nexport const open = (): unknown => new WebSocketServer({ noServer: true });\n",
  'packages/core/src/auth.ts':
    "import { jwtVerify } from 'jose';\nexport const verify = (token: string): unknown => jwtVerify(token, new Uint8Array());\n",
  'packages/core/src/log.ts':
    "import type { Frame } from '@throughline/events/protocol';\nexport type Entry = Frame;\n",
  'packages/core/test/socket.test.ts':
    "import { WebSocket } from 'ws';\nimport { SignJWT } from 'jose';\nimport { open } from '../src/socket.js';\nexport const used = [WebSocket, SignJWT, open];\n",
  'packages/client/package.json': {
    name: '@throughline/client',
    sideEffects: false,
    exports: { '.': entry('index') },
    dependencies: { '@throughline/events': '0.1.0' },
  },
  'packages/client/src/index.ts':
    "import type { Event } from '@throughline/events';\nimport * as protocol from '@throughline/events/protocol';\nexport const client = protocol;\nexport type Seen = Event;\n",
  'tools/bench/package.json': { name: '@throughline-tools/bench', private: true },
  'tools/bench/src/bench.ts':
    "import { readFileSync } from 'node:fs';\nimport { WebSocket } from 'ws';\nimport { open } from '@throughline/core';\nimport { client } from '@throughline/client';\nimport schema from '@throughline/events/schema.json' with { type: 'json' };\nexport const all = [readFileSync, WebSocket, open, client, schema];\n",
  'examples/chat/package.json': { name: '@throughline-examples/chat', private: true },
  'examples/chat/src/server.ts':
    "import { SignJWT } from 'jose';\nimport { verify } from '@throughline/core/auth';\nexport const all = [SignJWT, verify];\n",
  'node_modules/ws/package.json': { name: 'ws', type: 'module', exports: './index.js' },
  'node_modules/ws/index.js': 'export class WebSocket {}\nexport class WebSocketServer {}\n',
  'node_modules/jose/package.json': { name: 'jose', type: 'module', exports: './index.js' },
  'node_modules/jose/index.js': 'export const jwtVerify = 1;\nexport class SignJWT {}\n',
};

const LINKS: Readonly<Record<string, string>> = {
  'node_modules/@throughline/events': 'packages/events',
  'node_modules/@throughline/core': 'packages/core',
  'node_modules/@throughline/client': 'packages/client',
  'node_modules/@throughline-tools/bench': 'tools/bench',
  'node_modules/@throughline-examples/chat': 'examples/chat',
};

/** Writes the files into a new folder that is gone after the test, and gives its path. `undefined` leaves a file out. */
export function plant(files: Files): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-checks-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    if (content === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
  }
  return root;
}

/** Links what is installed here into a planted repository, except our own packages. */
export function installTools(root: string): void {
  const installed = join(import.meta.dirname, '../../../node_modules');
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  for (const name of readdirSync(installed).filter((entry) => !/^@throughline|^\.(?!bin$)/.test(entry))) {
    symlinkSync(join(installed, name), join(root, 'node_modules', name));
  }
}

/** {@link plant} with the workspaces installed, as npm would link them. */
export function plantRepository(files: Files): string {
  const root = plant(files);
  for (const [link, target] of Object.entries(LINKS)) {
    mkdirSync(dirname(join(root, link)), { recursive: true });
    symlinkSync(join(root, target), join(root, link));
  }
  return root;
}
