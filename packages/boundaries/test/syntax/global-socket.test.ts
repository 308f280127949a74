import { describe, expect, test } from 'vitest';
import { parseFile } from '../../src/parsed-file.js';
import { noGlobalSocketOnServers } from '../../src/syntax/global-socket.js';
import { importOf, projectOf } from './one-file.js';

const WIRE = `export const open = (url: string) => new WebSocket(url);\n`;
const PATH = 'src/wire.ts';

const found = (
  others: Readonly<Record<string, string>>,
  imports: Parameters<typeof projectOf>[1] = {},
  text = WIRE,
): number =>
  noGlobalSocketOnServers.check(parseFile(PATH, text), projectOf({ [PATH]: text, ...others }, imports)).length;

const ofWire = importOf('./wire.js', PATH);
const ofNode = importOf('node:http', 'http', ['core']);

describe('a socket of the platform', () => {
  test('in a file that nothing is known of may be of a page', () => {
    expect(found({})).toBe(0);
  });

  test('in a file that a server imports, however far, is of a server', () => {
    const others = { 'src/server.ts': '', 'src/between.ts': '' };
    const between = importOf('./between.js', 'src/between.ts');
    expect(found(others, { 'src/server.ts': [ofNode, between], 'src/between.ts': [ofWire] })).toBe(1);
  });

  test('in a file that a page imports as well is of a page', () => {
    const others = { 'src/server.ts': '', 'src/page.tsx': '' };
    expect(found(others, { 'src/server.ts': [ofNode, ofWire], 'src/page.tsx': [ofWire] })).toBe(0);
  });

  test('is not what a type or a parameter has for a name', () => {
    const text = `import 'node:http';\nexport const open = (WebSocket: new (url: string) => object, a?: WebSocket) => [new WebSocket('a'), a];\n`;
    expect(found({}, { [PATH]: [ofNode] }, text)).toBe(0);
    expect(found({}, { [PATH]: [ofNode] }, `import 'node:http';\n${WIRE}`)).toBe(1);
  });
});
