import type { Node } from 'oxc-parser';
import type { Finding, SyntaxRule } from '../syntax-rule.js';
import { SERVE } from './advice.js';
import { mayNotOpenSockets } from './forbidden.js';
import { mayOpenSockets } from './mentions.js';
import { readerOf } from './reader.js';
import { memberName, stringsOf } from './reading.js';

/** With this every WebSocket server answers the key of its client (RFC 6455, section 1.3). */
const HANDSHAKE = /258EAFA5-E914-47DA-95CA-C5AB0DC85B11/i;
const SWITCHING = /^HTTP\/1\.[01] 101\b/;
const WRITES = new Set(['write', 'end', 'update', 'writeHead', 'setHeader', 'concat', 'from', 'digest']);

/** The handshake of WebSocket, written by hand over the upgrade of an HTTP server. */
export const noHandWrittenUpgrade: SyntaxRule = {
  name: 'no-hand-written-upgrade',
  why: "A handshake of one's own has no authentication, no limits and no end: whoever connects is served.",
  check(file, project) {
    if (!mayOpenSockets(file.text) || !mayNotOpenSockets(file.path, project)) return [];
    const reader = readerOf(file, project);
    const found = new Map<number, Finding>();
    const add = (node: Node, message: string): void => {
      const { line, column } = file.lineOf(node.start);
      if (!found.has(line)) found.set(line, { file: file.path, line, column, message, instead: SERVE });
    };
    const judge = (node: Node, text: string): void => {
      if (HANDSHAKE.test(text)) add(node, 'The key of a WebSocket handshake is answered by hand.');
      else if (SWITCHING.test(text)) add(node, 'An upgrade is answered with 101 by hand.');
    };
    for (const node of file.tree.of('Literal')) if (typeof node.value === 'string') judge(node, node.value);
    for (const node of file.tree.of('TemplateElement')) judge(node, node.value.cooked ?? '');
    for (const node of file.tree.of('CallExpression')) {
      const name = memberName(node.callee, reader);
      if (name === undefined || !WRITES.has(name)) continue;
      const texts = node.arguments.map((one) => stringsOf(one.type === 'SpreadElement' ? one.argument : one, reader));
      if (name === 'writeHead' && texts[0]?.includes('101')) add(node, 'An upgrade is answered with 101 by hand.');
      for (const text of texts.flat()) judge(node, text);
    }
    return [...found.values()];
  },
};
