import { describe, expect, test } from 'vitest';
import { checkPlanted, told } from './planted.js';

const laundered = async (files: Readonly<Record<string, string>>): Promise<string[]> =>
  told(await checkPlanted({ installs: ['ws'], files })).filter((line) => line.startsWith('no-laundered-symbol'));

describe('symbols that are handed on', () => {
  test('the way is told from the file that uses it to the library', async () => {
    expect(
      await laundered({
        'src/testing/owner.ts': `export { WebSocketServer as A } from 'ws';\n`,
        'src/between.ts': `export { A as B } from './testing/owner.js';\n`,
        'src/use.ts': `\nimport { B as C } from './between.js';\nexport const used = C;\n`,
      }),
    ).toEqual([
      'no-laundered-symbol: src/between.ts:1 A is of ws, which @throughline/core alone may import: src/between.ts → src/testing/owner.ts → ws.',
      'no-laundered-symbol: src/use.ts:2 B is of ws, which @throughline/core alone may import: src/use.ts → src/between.ts → src/testing/owner.ts → ws.',
    ]);
  });

  test.each([
    [
      'a test that uses what a test hands on',
      {
        'test/owner.ts': `export * from 'ws';\n`,
        'test/a.test.ts': `import { WebSocket } from './owner.js';\nexport const used = WebSocket;\n`,
      },
    ],
    [
      'another symbol of the same module',
      {
        'src/testing/owner.ts': `export { WebSocketServer } from 'ws';\nexport const port = 1;\n`,
        'src/use.ts': `import { port } from './testing/owner.js';\nexport const used = port;\n`,
      },
    ],
    [
      'what the owner makes with it',
      {
        'src/testing/owner.ts': `import { WebSocketServer } from 'ws';\nexport const open = () => new WebSocketServer({ port: 1 });\n`,
        'src/use.ts': `import { open } from './testing/owner.js';\nexport const used = open;\n`,
      },
    ],
    [
      'the whole module, without the symbol',
      {
        'src/testing/owner.ts': `export { WebSocketServer } from 'ws';\nexport const port = 1;\n`,
        'src/use.ts': `import * as all from './testing/owner.js';\nexport const used = all.port;\n`,
      },
    ],
  ] as const)('%s is no breach', async (_what, files) => {
    expect(await laundered(files)).toEqual([]);
  });

  test('modules that hand on each other end', async () => {
    expect(
      await laundered({
        'src/testing/a.ts': `export * from './b.js';\nexport { WebSocketServer } from 'ws';\n`,
        'src/testing/b.ts': `export * from './a.js';\n`,
        'src/use.ts': `import { WebSocketServer } from './testing/b.js';\nexport const used = WebSocketServer;\n`,
      }),
    ).toHaveLength(1);
  });
});
