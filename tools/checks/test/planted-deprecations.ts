// A repository with one package that deprecates something, and one that does not.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedDocuments } from '../src/documents.js';
import { type Files, plant } from './planted-repository.js';

const opened = (file: string): object => ({
  '@throughline/source': `./src/${file}.ts`,
  types: `./dist/${file}.d.ts`,
  default: `./dist/${file}.js`,
});

const row = {
  code: 'TL_DEP0001',
  kind: 'function',
  symbol: 'make',
  entry: '.',
  status: 'deprecated',
  since: '1.0.0',
  removed_in: '2.0.0',
  replacement: { use: 'Use `take()`.', example: 'take();' },
  codemod: 'manager-getter',
  reason: 'One way is enough.',
};

export const deprecations: readonly (typeof row & {
  readonly page?: string;
  readonly pending?: true;
  readonly is_default?: true;
  readonly retired?: string;
})[] = [
  row,
  {
    ...row,
    code: 'TL_DEP0002',
    symbol: 'Tomb',
    kind: 'class',
    entry: './tomb',
    status: 'removed',
    removed_in: '1.0.0',
    is_default: true,
  },
  {
    ...row,
    code: 'TL_DEP0003',
    symbol: 'shout',
    kind: 'method',
    entry: '*',
    codemod: 'manual',
    page: 'docs/migration.md#shouting',
  },
  { ...row, code: 'TL_DEP0004', symbol: 'old names', kind: 'field', entry: '*', pending: true },
];

const gone = {
  ...row,
  code: 'TL_DEP0009',
  symbol: 'gone',
  since: '0.1.0',
  status: 'removed',
  removed_in: '0.9.0',
  retired: '1.0.0',
};

export const DEPRECATING: Files = {
  'package.json': { name: 'planted', private: true, type: 'module', workspaces: ['packages/*'] },
  'packages/core/package.json': {
    name: '@throughline/core',
    type: 'module',
    exports: { '.': opened('index'), './schema.json': './schema.json', './package.json': './package.json' },
  },
  'packages/core/src/index.ts':
    "export { take } from './take.js';\nexport type { Taken as Made } from './take.js';\nexport interface Option { one: 1 }\nexport default class {}\n",
  'packages/core/src/take.ts':
    'export const take = (): number => 1;\nexport class Taken {}\nexport const hidden = 1;\n',
  'packages/compat/package.json': {
    name: '@throughline/compat',
    type: 'module',
    exports: { '.': opened('index'), './tomb': opened('tomb') },
  },
  'packages/compat/src/index.ts': 'export const make = 1;\nexport const fine = 1;\n',
  'packages/compat/src/tomb.ts': 'export class Tomb {}\nexport { Tomb as default };\n',
  'packages/compat/schema/deprecations.json': { deprecations: [...deprecations, gone] },
};

/** Plants it with its documents as they should be, then makes the changes. */
export function plantDocumented(changes: Files = {}): string {
  const root = plant(DEPRECATING);
  for (const { path, text } of generatedDocuments(root)) write(root, path, text);
  for (const [path, content] of Object.entries(changes)) {
    write(root, path, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
