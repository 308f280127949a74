import type { CallExpression, Node } from 'oxc-parser';
import type { Finding, SyntaxRule } from '../syntax-rule.js';
import { SERVE } from './advice.js';
import { mayNotOpenSockets } from './forbidden.js';
import { mayOpenSockets } from './mentions.js';
import { readerOf } from './reader.js';
import { bare, memberName, type Reader, stringOf } from './reading.js';
import { nameOf } from './scope.js';

/** Libraries that bring a socket server along under a name of their own. */
const CARRIERS =
  /^(?:websocket|websocket-driver|nodejs-websocket|express-ws|koa-websocket|@fastify\/websocket|fastify-websocket|@nestjs\/(?:websockets|platform-ws|platform-socket\.io)|graphql-ws\/(?:lib\/)?use\/.+|subscriptions-transport-ws|primus|crossws(?:\/.+)?|@hono\/node-ws|socketcluster-server|websocket-express)$/;

/** A second place that accepts WebSockets. */
export const noSecondSocketServer: SyntaxRule = {
  name: 'no-second-socket-server',
  why: 'A second way to a live socket is where events begin to reach the wrong user, twice, or nobody.',
  check(file, project) {
    if (!mayOpenSockets(file.text) || !mayNotOpenSockets(file.path, project)) return [];
    const reader = readerOf(file, project);
    const { tree } = file;
    const found: Finding[] = [];
    const add = (node: Node, message: string): void => {
      found.push({ file: file.path, ...file.lineOf(node.start), message, instead: SERVE });
    };
    for (const node of tree.of('ImportDeclaration')) {
      if (node.importKind !== 'type' && CARRIERS.test(node.source.value))
        add(node, `'${node.source.value}' opens WebSockets.`);
    }
    for (const node of tree.of('NewExpression')) {
      const origin = reader.origin(node.callee);
      if (isServer(origin) || isServer(reader.text(node.callee)))
        add(node, `new ${reader.text(node.callee)} accepts WebSockets.`);
      else if (node.arguments.some((one) => hasProperty(one, 'noServer')))
        add(node, 'A WebSocket server without a server of its own accepts upgrades.');
      else if (origin && CARRIERS.test(origin.split('#')[0] ?? ''))
        add(node, `${reader.text(node.callee)} accepts WebSockets.`);
    }
    for (const node of tree.of('CallExpression')) {
      const message = acceptedBy(node, reader);
      if (message) add(node, message);
    }
    for (const node of [...tree.of('ClassDeclaration'), ...tree.of('ClassExpression')]) {
      const { superClass } = node;
      if (superClass && (isServer(reader.origin(superClass)) || isServer(reader.text(superClass)))) {
        add(node, `A class that extends ${reader.text(superClass)} accepts WebSockets.`);
      }
    }
    for (const node of tree.of('Decorator')) {
      const expression = node.expression.type === 'CallExpression' ? node.expression.callee : node.expression;
      if (/(^|[#.])WebSocketGateway$/.test(reader.origin(expression) ?? ''))
        add(node, '@WebSocketGateway accepts WebSockets.');
    }
    return found;
  },
};

/** By the name it has where it comes from: `ws#WebSocketServer`, `./sockets.js#WebSocketServer`, `ws#Server`. */
function isServer(origin: string | undefined): boolean {
  if (origin === undefined) return false;
  return (
    /(^|[#.])(WebSocketServer|WebSocketPair)$/.test(origin) ||
    (/^(ws|socket\.io|engine\.io|sockjs|faye-websocket|isomorphic-ws)#(.*\.)?(Server|server|default)?$/.test(origin) &&
      !/^(ws|faye-websocket|isomorphic-ws)#$/.test(origin)) ||
    /(^|[#.])(WebSocket|ws|WS)\.(Server|server)$/.test(origin)
  );
}

function acceptedBy(node: CallExpression, reader: Reader): string | undefined {
  const callee = bare(node.callee);
  const name = memberName(callee, reader);
  const origin = reader.origin(callee);
  const [first, second] = node.arguments;
  if (name === 'handleUpgrade' && node.arguments.length >= 3) return 'handleUpgrade turns a request into a WebSocket.';
  if (origin === 'Deno.upgradeWebSocket') return 'Deno.upgradeWebSocket turns a request into a WebSocket.';
  if (origin === 'Bun.serve' && first && hasProperty(first, 'websocket'))
    return 'Bun.serve with "websocket" accepts WebSockets.';
  if (origin && /^(socket\.io|engine\.io|sockjs)#(attach|listen|createServer)?$/.test(origin))
    return `${reader.text(callee)}() accepts WebSockets.`;
  if (origin && /^uWebSockets\.js#(SSL)?App$/.test(origin)) return `${reader.text(callee)}() accepts WebSockets.`;
  if (name === 'ws' && first && second && callee.type === 'MemberExpression') {
    const isRoute = stringOf(first, reader)?.startsWith('/') && (isFunction(second) || hasProperty(second, 'message'));
    if (isRoute) return `${reader.text(callee)}() is a route for WebSockets.`;
  }
  if (name !== undefined && ROUTES.has(name)) {
    const isSocket = node.arguments.some(
      (one) =>
        one.type === 'ObjectExpression' &&
        one.properties.some(
          (property) =>
            property.type === 'Property' &&
            nameOf(property.key) === 'websocket' &&
            property.value.type === 'Literal' &&
            property.value.value === true,
        ),
    );
    if (isSocket) return 'A route with "websocket: true" accepts WebSockets.';
  }
  return undefined;
}

const ROUTES = new Set(['get', 'route', 'all']);

function isFunction(node: Node): boolean {
  return node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression';
}

function hasProperty(node: Node, name: string): boolean {
  return (
    node.type === 'ObjectExpression' &&
    node.properties.some((property) => property.type === 'Property' && nameOf(property.key) === name)
  );
}
