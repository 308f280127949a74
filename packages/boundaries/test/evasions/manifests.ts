// Names in manifests and configurations that lead to what may not be imported.
import { manifest } from '../syntax/planted.js';
import type { Trick } from './trick.js';

const ALIAS = 'no-forbidden-alias';

/** The file that uses the name is not what is judged here: the name itself is. */
const CODE = {
  'src/main.ts': `import { readFileSync } from 'node:fs';\nexport const text = readFileSync('a', 'utf8');\n`,
};

const inManifest = (name: string, fields: Readonly<Record<string, unknown>>): Trick => ({
  name,
  stoppedBy: ALIAS,
  files: { ...CODE, 'package.json': manifest('shop', [], fields) },
});

export const manifestTricks: readonly Trick[] = [
  inManifest('a name of the package itself', { imports: { '#wire': 'ws' } }),
  inManifest('a name with conditions', { imports: { '#wire': { node: 'ws', default: './src/main.ts' } } }),
  inManifest('an alias of npm', { dependencies: { wire: 'npm:ws@8.23.0' } }),
  inManifest('an address of the repository', { dependencies: { wire: 'github:websockets/ws#8.23.0' } }),
  inManifest('an archive', { dependencies: { wire: 'https://example.com/ws/-/ws-8.23.0.tgz' } }),
  inManifest('an override', { overrides: { harmless: 'npm:ws@8.23.0' } }),
  inManifest('a nested override', { overrides: { harmless: { inner: 'npm:socket.io@4' } } }),
  inManifest('a resolution', { resolutions: { 'harmless/inner': 'npm:ws@8.23.0' } }),
  inManifest('an override of pnpm', { pnpm: { overrides: { harmless: 'npm:ws@8.23.0' } } }),
  inManifest('an entry with the deleted name', { exports: { './websocket-manager-factory': './src/main.ts' } }),
  inManifest('a file in the place of another', { browser: { './src/main.ts': './node_modules/ws/browser.js' } }),
  {
    name: 'a path of TypeScript',
    stoppedBy: ALIAS,
    installs: ['ws'],
    files: {
      ...CODE,
      'tsconfig.json': '{\n  // Harmless.\n  "compilerOptions": { "paths": { "wire": ["./node_modules/ws"], }, },\n}\n',
    },
  },
  {
    name: 'a path in a base configuration',
    stoppedBy: ALIAS,
    installs: ['ws'],
    files: {
      ...CODE,
      'tsconfig.json': '{ "extends": "./config/base.json" }\n',
      'config/base.json': '{ "compilerOptions": { "paths": { "wire": ["../node_modules/ws/index.js"] } } }\n',
    },
  },
  {
    name: 'an alias of a bundler',
    stoppedBy: ALIAS,
    files: { ...CODE, 'vite.config.ts': `export default { resolve: { alias: { wire: 'ws' } } };\n` },
  },
  {
    name: 'an alias of a bundler in a list',
    stoppedBy: ALIAS,
    files: {
      ...CODE,
      'vite.config.ts': `const to = 'w' + 's';\nexport default { resolve: { alias: [{ find: 'wire', replacement: to }] } };\n`,
    },
  },
];
