// Collections of sockets: what is put into them, and what is taken out and sent to.
import type { CallExpression, Node } from 'oxc-parser';
import { bare, memberName, type Reader, stringOf } from './reading.js';
import type { AnyFunction } from './scope.js';

/** Where a value was taken from. */
export interface Taken {
  /** The collection as the file names it: `sockets`, `this.#sockets`, `wss.clients`. */
  readonly from: string;
  /** The key it was taken by, or undefined where all values are gone through. */
  readonly key: Node | undefined;
}

const READS = new Set([
  'values',
  'entries',
  'keys',
  'filter',
  'slice',
  'map',
  'toSorted',
  'flat',
  'flatMap',
  'toArray',
  'find',
  'findLast',
  'at',
  'concat',
]);
const EACH = new Set(['forEach', 'map', 'some', 'every', 'filter', 'flatMap', 'find']);
const COPIES =
  /^(Array\.from|Object\.(values|entries|keys)|new Set|new Map|lodash#(forEach|each|map)|_\.(forEach|each|map|values))$/;
const MAX_STEPS = 12;

/** The collection that an expression is, or holds a part of. */
export function collectionOf(node: Node, reader: Reader, key?: Node, steps = 0): Taken | undefined {
  if (steps > MAX_STEPS) return undefined;
  const follow = (next: Node, by = key): Taken | undefined => collectionOf(next, reader, by, steps + 1);
  const one = bare(node);
  switch (one.type) {
    case 'Identifier': {
      const binding = reader.file.tree.bindingOf(one.name, one);
      if (binding?.kind === 'variable') {
        const init = binding.node.init && bare(binding.node.init);
        const taken = init ? takenFrom(init, reader) : undefined;
        return taken ? follow(taken) : { from: one.name, key };
      }
      return { from: one.name, key };
    }
    case 'MemberExpression':
      if (one.computed && stringOf(one.property, reader) === undefined) return follow(one.object, key ?? one.property);
      return { from: reader.text(one).replace(/\s+|[?!]/g, ''), key };
    case 'CallExpression':
    case 'NewExpression': {
      const callee = bare(one.callee);
      const name = memberName(callee, reader);
      const [first] = one.arguments;
      if (callee.type === 'MemberExpression' && name === 'get') return follow(callee.object, key ?? first);
      if (callee.type === 'MemberExpression' && name !== undefined && READS.has(name)) return follow(callee.object);
      const origin = reader.origin(callee);
      if (first && COPIES.test(one.type === 'NewExpression' ? `new ${origin}` : (origin ?? ''))) return follow(first);
      return undefined;
    }
    case 'LogicalExpression':
      return follow(one.left);
    case 'ArrayExpression': {
      const [only] = one.elements;
      return only?.type === 'SpreadElement' ? follow(only.argument) : undefined;
    }
    default:
      return undefined;
  }
}

/** Where a variable's value was taken out of, rather than made: `sockets.get(id)`, `[...wss.clients]`. */
function takenFrom(init: Node, reader: Reader): Node | undefined {
  if (init.type === 'LogicalExpression') return takenFrom(bare(init.left), reader) && init.left;
  if (init.type === 'CallExpression')
    return /\bget$|^(values|entries|filter)$/.test(memberName(bare(init.callee), reader) ?? '') ||
      init.arguments.length === 1
      ? init
      : undefined;
  if (init.type === 'MemberExpression') return init;
  return init.type === 'ArrayExpression' && init.elements[0]?.type === 'SpreadElement' ? init : undefined;
}

/** Where a receiver was taken from: `sockets.get(id)`, the variable of a loop, the parameter of `forEach`. */
export function takenOf(node: Node, reader: Reader, steps = 0): Taken | undefined {
  if (steps > MAX_STEPS) return undefined;
  const { tree } = reader.file;
  const one = bare(node);
  if (one.type === 'CallExpression') {
    const name = memberName(bare(one.callee), reader);
    return name === 'get' || name === 'at' || name === 'find' || name === 'findLast'
      ? collectionOf(one, reader)
      : undefined;
  }
  if (one.type === 'MemberExpression') {
    // `sockets[id]`, and `member.socket` of a member that was taken out.
    if (one.computed && stringOf(one.property, reader) === undefined) return collectionOf(one, reader);
    return takenOf(one.object, reader, steps + 1);
  }
  if (one.type !== 'Identifier') return undefined;
  const binding = tree.bindingOf(one.name, one);
  if (binding?.kind === 'parameter') {
    const call = tree.parentOf(binding.of);
    return call?.type === 'CallExpression' ? eachOf(call, binding.of, reader) : undefined;
  }
  if (binding?.kind !== 'variable') return undefined;
  const { init } = binding.node;
  if (init) return takenOf(init, reader, steps + 1);
  const statement = tree.parentOf(binding.node);
  const loop = statement && tree.parentOf(statement);
  if (loop?.type === 'ForOfStatement') return collectionOf(loop.right, reader);
  return loop?.type === 'ForInStatement' ? collectionOf(loop.right, reader) : undefined;
}

/** What a callback is called for each item of. */
function eachOf(call: CallExpression, callback: AnyFunction, reader: Reader): Taken | undefined {
  const callee = bare(call.callee);
  const name = memberName(callee, reader);
  const [first, second] = call.arguments;
  if (second === callback && first && COPIES.test(reader.origin(callee) ?? '')) return collectionOf(first, reader);
  if (callee.type !== 'MemberExpression' || name === undefined || !EACH.has(name)) return undefined;
  return collectionOf(callee.object, reader);
}

/** How sure it is that a value is a WebSocket: by its type or by a name that means nothing else, or by one that may. */
export type Sureness = 'sure' | 'maybe' | 'no';

const SURE_NAME = /^(web_?socket|ws)(?![a-z])|web_?socket$|[a-z]Ws$|^WS$/i;
const MAYBE_NAME = /^(sock|socket|conn|connection|client|peer|session|channel|stream|tab|device)$/i;
const SOCKET_TYPE = /\b(WebSocket|WebSocketLike|WSContext|ServerWebSocket)\b/;

/** Whether a value is a WebSocket. */
export function sureness(node: Node, reader: Reader): Sureness {
  const one = bare(node);
  if (one.type === 'ObjectExpression') {
    const all = one.properties.map((property) =>
      property.type === 'Property' ? sureness(property.value, reader) : 'no',
    );
    return all.includes('sure') ? 'sure' : all.includes('maybe') ? 'maybe' : 'no';
  }
  if (one.type === 'ArrayExpression') {
    const all = one.elements.map((element) => (element ? sureness(element, reader) : 'no'));
    return all.includes('sure') ? 'sure' : 'no';
  }
  if (/^new (ws#|.*#)?(WebSocket|WebSocket\.WebSocket)?$/.test(reader.origin(one) ?? '')) {
    if (/WebSocket|ws#/.test(reader.origin(one) ?? '')) return 'sure';
  }
  if (one.type === 'MemberExpression') return byName(memberName(one, reader) ?? '');
  if (one.type !== 'Identifier') return 'no';
  const binding = reader.file.tree.bindingOf(one.name, one);
  const declared = binding && 'node' in binding ? typeText(binding.node, reader) : '';
  if (binding?.kind === 'parameter' && binding.index === 0 && isConnected(binding.of, reader)) return 'sure';
  return SOCKET_TYPE.test(declared) ? 'sure' : byName(one.name);
}

/** A function that a server of sockets calls with each new one: `wss.on('connection', (one) => …)`. */
function isConnected(listener: AnyFunction, reader: Reader): boolean {
  const call = reader.file.tree.parentOf(listener);
  if (call?.type !== 'CallExpression' || call.arguments[1] !== listener || !call.arguments[0]) return false;
  const callee = bare(call.callee);
  if (callee.type !== 'MemberExpression' || !/^connect(ion)?$/.test(stringOf(call.arguments[0], reader) ?? ''))
    return false;
  return /wss|\bio\b|web_?socket|socketServer/i.test(reader.text(callee.object));
}

export function byName(name: string): Sureness {
  const plain = name.replace(/^[#_]+/, '');
  if (SURE_NAME.test(plain)) return 'sure';
  return MAYBE_NAME.test(plain) ? 'maybe' : 'no';
}

/** The text of a parameter's or a variable's type. */
export function typeText(node: Node, reader: Reader): string {
  const target =
    node.type === 'VariableDeclarator'
      ? node.id
      : node.type === 'AssignmentPattern'
        ? node.left
        : node.type === 'TSParameterProperty'
          ? node.parameter
          : node;
  const typed = target as { readonly typeAnnotation?: Node | null };
  return typed.typeAnnotation ? reader.text(typed.typeAnnotation) : '';
}

/** Whether a key names a user. */
export function namesUser(text: string): boolean {
  return /user|recipient|\buid\b|owner|account|customer|member_?id|tenant|person|principal|\bsub\b/i.test(text);
}

/** Whether a collection has the name of one of sockets. */
export function holdsSockets(name: string): boolean {
  return /web_?sockets?|sockets\b|sockets[A-Z]|\bwss?(?![a-z])|[a-z]Ws(?![a-z])|wsClients|\bio\.sockets/i.test(
    name.replace(/[#_]/g, ''),
  );
}
