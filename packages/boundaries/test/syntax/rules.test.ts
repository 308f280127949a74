import { expect, test } from 'vitest';
import { noHiddenImport } from '../../src/syntax/hidden-import.js';
import { manifestRules, symbolRules, syntaxRules } from '../../src/syntax/rules.js';
import { noUntargetedSend } from '../../src/syntax/untargeted-send.js';
import { findings } from './one-file.js';

test('every rule has a name of its own shape and says why it is there', () => {
  for (const { name, why } of [...syntaxRules, ...manifestRules, ...symbolRules]) {
    expect(name).toMatch(/^no-[a-z-]+$/);
    expect(why).toMatch(/^[A-Z].{30,}\.$/);
  }
});

test('a finding says where, what, and what to write with the import to use', () => {
  expect(findings(noUntargetedSend, `const a = 1;\nfor (const one of wss.clients) one.send('a');\n`)).toEqual([
    {
      file: 'src/file.ts',
      line: 2,
      column: 32,
      message: 'A loop over wss.clients sends to everybody who is connected.',
      instead:
        "Speak to a user through getWebSocketManager(userContext): import { getWebSocketManager } from '@throughline/core'.",
    },
  ]);
});

test('what the plan says of an owner is what a hidden import is told', () => {
  const [found] = findings(noHiddenImport, `const load = require;\nload('ws');\n`);
  expect(found).toMatchObject({
    line: 2,
    column: 1,
    to: 'ws',
    message: 'load loads ws, which @throughline/core alone may import.',
  });
  expect(found?.instead).toContain("from '@throughline/core'");
});

test('a file in which nothing is mentioned is never walked', () => {
  const file = {
    path: 'src/file.ts',
    text: `import { readFileSync } from 'node:fs';\nexport const read = () => readFileSync('a');\n`,
    get tree(): never {
      throw new Error('The tree was asked for.');
    },
  };
  for (const rule of syntaxRules) {
    expect(
      rule.check(
        file as never,
        {
          isProduction: () => true,
          plan: { deleted: [], owners: [], deprecated: [] },
          workspaceOf: () => undefined,
        } as never,
      ),
    ).toEqual([]);
  }
});
