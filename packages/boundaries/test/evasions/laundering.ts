// A forbidden symbol that an allowed module hands on: here the owner is a file, as a plan may name one.
import type { Trick } from './trick.js';

const LAUNDERED = 'no-laundered-symbol';

/** A test may use the library, so nobody complains there. What it hands on is another matter. */
function handedOn(name: string, owner: string, more: Readonly<Record<string, string>>): Trick {
  return { name, stoppedBy: LAUNDERED, installs: ['ws'], files: { 'src/testing/owner.ts': owner, ...more } };
}

const use = (what: string, from = './testing/owner.js'): Record<string, string> => ({
  'src/trick.ts': `import ${what} from '${from}';\nexport const used = Wire;\n`,
});

export const launderingTricks: readonly Trick[] = [
  handedOn('export from', `export { WebSocketServer as Wire } from 'ws';\n`, use('{ Wire }')),
  handedOn('export all', `export * from 'ws';\n`, use('{ createConnection as Wire }')),
  handedOn('export all as a name', `export * as Wire from 'ws';\n`, use('{ Wire }')),
  handedOn(
    'import, then export',
    `import { WebSocketServer } from 'ws';\nexport { WebSocketServer as Wire };\n`,
    use('{ Wire }'),
  ),
  handedOn('import all, then export', `import * as Wire from 'ws';\nexport { Wire };\n`, use('{ Wire }')),
  handedOn('a default', `import { WebSocketServer } from 'ws';\nexport default WebSocketServer;\n`, use('Wire')),
  handedOn(
    'a constant',
    `import { WebSocketServer } from 'ws';\nexport const Wire = WebSocketServer;\n`,
    use('{ Wire }'),
  ),
  handedOn(
    'a pattern',
    `import library from 'ws';\nexport const { WebSocketServer: Wire } = library;\n`,
    use('{ Wire }'),
  ),
  handedOn(
    'a property of an object',
    `import { WebSocketServer } from 'ws';\nexport const Wire = { Server: WebSocketServer };\n`,
    use('{ Wire }'),
  ),
  handedOn(
    'a class that extends it',
    `import { WebSocketServer } from 'ws';\nexport class Wire extends WebSocketServer {}\n`,
    use('{ Wire }'),
  ),
  handedOn(
    'a function that returns it',
    `import { WebSocketServer } from 'ws';\nexport const Wire = () => WebSocketServer;\n`,
    use('{ Wire }'),
  ),
  handedOn('a type', `export type { WebSocket as Wire } from 'ws';\n`, {
    'src/trick.ts': `import type { Wire } from './testing/owner.js';\nexport type Used = Wire;\n`,
  }),
  handedOn('CommonJS', '', {
    'src/testing/owner.ts': 'export {};\n',
    'src/testing/library.cjs': `module.exports = require('ws');\n`,
    'src/trick.ts': `import { Server as Wire } from './testing/library.cjs';\nexport const used = Wire;\n`,
  }),
  handedOn('a chain of three', `export { WebSocketServer as A } from 'ws';\n`, {
    'src/one.ts': `export { A as B } from './testing/owner.js';\n`,
    'src/two.ts': `export * from './one.js';\n`,
    'src/three.ts': `import * as all from './two.js';\nexport default all.B;\n`,
    ...use('Wire', './three.js'),
  }),
  handedOn('an import that comes late', `export { WebSocketServer as Wire } from 'ws';\n`, {
    'src/trick.ts': `export const open = async () => new (await import('./testing/owner.js')).Wire({ port: 1 });\n`,
  }),
  {
    name: 'a deprecated shim that one known file hands on',
    stoppedBy: LAUNDERED,
    installs: ['@throughline/compat'],
    files: {
      'src/known.ts': `export { connectUser as connect } from '@throughline/compat';\n`,
      'src/trick.ts': `import { connect } from './known.js';\nexport const used = connect;\n`,
    },
  },
];
