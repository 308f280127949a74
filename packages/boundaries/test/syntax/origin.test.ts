import { describe, expect, test } from 'vitest';
import { lastExpression } from './one-file.js';

const originOf = (text: string): string | undefined => {
  const { reader, node } = lastExpression(text);
  return reader.origin(node);
};

describe('where a name comes from', () => {
  test.each([
    ['require', 'require'],
    ['globalThis.require', 'require'],
    ["window['Web' + 'Socket']", 'WebSocket'],
    ['module.require', 'require'],
    ['process.mainModule?.require', 'require'],
    ["import { createRequire as make } from 'node:module'; make(import.meta.url)", 'require'],
    ["import Module from 'module'; Module.createRequire", 'module#createRequire'],
    ["const { createRequire: make } = await import('node:module'); make", 'module#createRequire'],
    ["const make = process.getBuiltinModule('module').createRequire; make('a')", 'require'],
    ["import * as all from 'ws'; all.default.Server", 'ws#Server'],
    ["import { WebSocketServer as Wire } from 'ws'; const Alias = Wire; new Alias()", 'new ws#WebSocketServer'],
    ['const tools = { load: require }; tools.load', 'require'],
    ['const { load } = { load: require }; load', 'require'],
    ['const load = require.bind(null); load', 'require'],
    ['let load; load = require; load', 'require'],
    ['(0, eval)', 'eval'],
    ['(require as any)!', 'require'],
    ['import.meta.resolve', 'import.meta.resolve'],
    ["Reflect.get(globalThis, 'eval')", 'eval'],
    ['a', 'a'],
    ['function load(require) { return require; } load', undefined],
    ['const a = b; const b = a; a', undefined],
  ])('%s: %s', (text, origin) => {
    expect(originOf(text)).toBe(origin);
  });

  test('a parameter hides what the platform brings', () => {
    const { reader } = lastExpression('((require) => require("ws")); 1');
    const [call] = reader.file.tree.of('CallExpression');
    expect(call && reader.origin(call.callee)).toBeUndefined();
  });
});
