import { describe, expect, it } from 'vitest';
import { auditFile } from '../../src/burn-down/audit.js';
import { parseFile } from '../../src/parsed-file.js';

/** The uses in a text, as `line code`. */
function usesIn(lines: readonly string[], path = 'src/old.ts'): string[] {
  const file = parseFile(path, `${lines.join('\n')}\n`);
  expect(file.errors).toEqual([]);
  return auditFile(file).map(({ line, code }) => `${line} ${code}`);
}

const MANAGER = "import { WebSocketManager } from '@throughline/compat/manager';";
const GETTER = "import { getWebSocketManager } from '@throughline/compat/websocket-manager';";

describe('S5 the audit of a source finds', () => {
  it.each<[string, string[], string[]]>([
    ['a named import and its use', [MANAGER, 'new WebSocketManager(ctx);'], ['1 TL_DEP0010', '2 TL_DEP0010']],
    [
      'another name',
      ["import { WebSocketManager as M } from '@throughline/compat/manager';", 'new M(ctx);'],
      ['1 TL_DEP0010', '2 TL_DEP0010'],
    ],
    [
      'a default import',
      ["import M from '@throughline/compat/unified-manager';", '', 'new M(ctx);'],
      ['1 TL_DEP0009', '3 TL_DEP0009'],
    ],
    [
      'a namespace import',
      ["import * as legacy from '@throughline/compat/manager';", 'new legacy.WebSocketManager(ctx);'],
      ['1 TL_DEP0010', '2 TL_DEP0010'],
    ],
    [
      'all of an entry in one import',
      ["import * as legacy from '@throughline/compat/websocket-manager';"],
      ['1 TL_DEP0005', '1 TL_DEP0006', '1 TL_DEP0007'],
    ],
    ['an import for its effect', ["import '@throughline/compat/manager';"], ['1 TL_DEP0010']],
    [
      'a type, and its uses',
      [
        "import type { WebSocketManagerProtocol } from '@throughline/compat/protocols';",
        'let one: WebSocketManagerProtocol;',
      ],
      ['1 TL_DEP0014', '2 TL_DEP0014'],
    ],
    [
      'what is handed on',
      [
        "export { WebSocketManager as default } from '@throughline/compat/manager';",
        "export * from '@throughline/compat/manager';",
      ],
      ['1 TL_DEP0010', '2 TL_DEP0010'],
    ],
    [
      'an import() and what it gives',
      ["const { WebSocketManager: M } = await import('@throughline/compat/manager');", 'new M();'],
      ['1 TL_DEP0010', '2 TL_DEP0010'],
    ],
    ['a type by import()', ["let one: import('@throughline/compat/manager').WebSocketManager;"], ['1 TL_DEP0010']],
    ['a mock by path', ["vi.mock('@throughline/compat/manager', () => ({}));"], ['1 TL_DEP0010']],
    [
      'an import of several lines, once',
      ['import {', '  getWebSocketManager,', '  WebSocketManager,', "} from '@throughline/compat/websocket-manager';"],
      ['1 TL_DEP0005', '1 TL_DEP0006'],
    ],
    [
      'a method of what was made here',
      [GETTER, 'const manager = await getWebSocketManager(ctx);', "manager.sendToUser('ada', {});"],
      ['1 TL_DEP0006', '2 TL_DEP0006', '3 TL_DEP0016'],
    ],
    [
      'a method at once',
      [MANAGER, 'new WebSocketManager(ctx).broadcast({});'],
      ['1 TL_DEP0010', '2 TL_DEP0010', '2 TL_DEP0043'],
    ],
    [
      'a method of what the factory made',
      [
        "import { WebSocketManagerFactory } from '@throughline/compat/websocket-manager-factory';",
        'const manager = new WebSocketManagerFactory().createManager(ctx);',
        'manager.getStats();',
      ],
      ['1 TL_DEP0003', '2 TL_DEP0003', '3 TL_DEP0041'],
    ],
    [
      'a method of a parameter of a legacy type',
      [MANAGER, 'export function tell(manager: WebSocketManager) {', "  manager.sendToThread('t', {});", '}'],
      ['1 TL_DEP0010', '2 TL_DEP0010', '3 TL_DEP0017'],
    ],
    [
      'a method of a class that extends one',
      [MANAGER, 'class Own extends WebSocketManager {', '  tell() {', '    this.connectUser();', '  }', '}'],
      ['1 TL_DEP0010', '2 TL_DEP0010', '4 TL_DEP0032'],
    ],
    ['a singleton', [MANAGER, 'WebSocketManager.getInstance();'], ['1 TL_DEP0010', '2 TL_DEP0008', '2 TL_DEP0010']],
  ])('%s', (_, lines, uses) => {
    expect(usesIn(lines)).toEqual(uses);
  });

  it('require() in CommonJS', () => {
    const lines = ["const { WebSocketManager } = require('@throughline/compat/manager');", 'new WebSocketManager();'];
    expect(usesIn(lines, 'src/old.cjs')).toEqual(['1 TL_DEP0010', '2 TL_DEP0010']);
  });
});

describe('S5 the audit of a source leaves alone', () => {
  it.each<[string, string[]]>([
    [
      'what is not deprecated of the package',
      ["import { isCompatError } from '@throughline/compat';", 'isCompatError(1);'],
    ],
    [
      'the registry and the report',
      ["import { reportUsage } from '@throughline/compat/usage';", "reportUsage({ file: 'u' }).write();"],
    ],
    ['a package of a similar name', ["import { WebSocketManager } from '@throughline/compat-more/manager';"]],
    ['an entry that there is not', ["import { WebSocketManager } from '@throughline/compat/none';"]],
    [
      'comments and texts',
      [
        "// import '@throughline/compat/manager'",
        "const text = '@throughline/compat/manager';",
        "note('@throughline/compat');",
      ],
    ],
    [
      'methods of the same name of something else',
      [
        "import { isCompatError as c } from '@throughline/compat';",
        'c; other.broadcast(1); const sendToUser = 1; sendToUser;',
      ],
    ],
  ])('%s', (_, lines) => {
    expect(usesIn(lines)).toEqual([]);
  });

  it('the same name where it is a key, a member, or another thing', () => {
    const lines = [
      MANAGER,
      'const key = { WebSocketManager: 1 };',
      'key.WebSocketManager;',
      'function inner(WebSocketManager: number) {',
      '  return WebSocketManager;',
      '}',
    ];
    expect(usesIn(lines)).toEqual(['1 TL_DEP0010']);
  });
});
