import type { Node } from 'oxc-parser';
import type { Finding, SyntaxRule } from '../syntax-rule.js';
import { LISTEN } from './advice.js';
import { mayNotOpenSockets } from './forbidden.js';
import { mayOpenSockets } from './mentions.js';
import { readerOf } from './reader.js';
import { isServerCode } from './server-code.js';

/** A socket of the platform, opened by a server. */
export const noGlobalSocketOnServers: SyntaxRule = {
  name: 'no-global-socket-on-servers',
  why: 'A socket that a server opens by itself is known to no manager: nobody drains it, limits it or says whose it is.',
  check(file, project) {
    if (!mayOpenSockets(file.text) || !mayNotOpenSockets(file.path, project)) return [];
    const reader = readerOf(file, project);
    const { tree } = file;
    const isGlobal = (node: Node | null | undefined): boolean => {
      const origin = node ? reader.origin(node) : undefined;
      return origin === 'WebSocket' || origin === 'undici#WebSocket' || origin === 'isomorphic-ws#';
    };
    const places: Node[] = [
      ...tree.of('NewExpression').filter(({ callee }) => isGlobal(callee)),
      ...tree
        .of('CallExpression')
        .filter(({ callee, arguments: [first] }) => reader.origin(callee) === 'Reflect.construct' && isGlobal(first)),
      ...[...tree.of('ClassDeclaration'), ...tree.of('ClassExpression')].filter(({ superClass }) =>
        isGlobal(superClass),
      ),
    ];
    if (places.length === 0 || !isServerCode(file.path, project)) return [];
    return places.map(
      (node): Finding => ({
        file: file.path,
        ...file.lineOf(node.start),
        message: 'A server opens a WebSocket of the platform.',
        instead: LISTEN,
      }),
    );
  },
};
