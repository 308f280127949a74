import type { CallExpression, Node } from 'oxc-parser';
import type { Finding, SyntaxRule } from '../syntax-rule.js';
import { SPEAK } from './advice.js';
import { collectionOf, holdsSockets, namesUser, type Sureness, sureness, type Taken, takenOf } from './collection.js';
import { mayNotOpenSockets } from './forbidden.js';
import { mayKeepSockets } from './mentions.js';
import { readerOf } from './reader.js';
import { bare, memberName, type Reader } from './reading.js';

const PUTS: ReadonlyMap<string, number> = new Map([
  ['set', 1],
  ['add', 0],
  ['push', 0],
  ['unshift', 0],
]);
const SENDS = new Set(['send', 'emit', 'sendText', 'sendJson', 'sendJSON', 'sendMessage']);

interface Put {
  readonly node: Node;
  readonly into: Taken;
  readonly sure: Sureness;
}

/**
 * Sockets that are kept and looked up again, whatever holds them: a class, an object, a closure or a module. This is
 * what makes a manager, under any name.
 */
export const noSocketRegistry: SyntaxRule = {
  name: 'no-socket-registry',
  why: 'Whoever keeps sockets by user decides who gets what: a wrong key, and an event reaches somebody else.',
  check(file, project) {
    if (!mayKeepSockets(file.text) || !mayNotOpenSockets(file.path, project)) return [];
    const reader = readerOf(file, project);
    const puts = putsOf(reader);
    const sends = file.tree.of('CallExpression').flatMap((node) => sendOf(node, reader) ?? []);
    const talksOfSockets = /readyState|web_?socket|socket\.io|\bwss?\b/i.test(file.text);
    const found: Finding[] = [];
    const add = (node: Node, message: string): void => {
      found.push({ file: file.path, ...file.lineOf(node.start), message, instead: SPEAK });
    };
    for (const { node, into, sure } of puts) {
      const isSure = sure === 'sure' || holdsSockets(into.from);
      const keyText = into.key ? reader.text(into.key) : '';
      const isSentTo = sends.some(({ taken }) => taken.from === into.from);
      if (isSure && namesUser(`${keyText} ${into.from}`)) add(node, `A socket is kept by user in ${into.from}.`);
      else if (isSentTo && (isSure || talksOfSockets))
        add(node, `Sockets are kept in ${into.from} and sent to from there.`);
    }
    for (const node of file.tree.of('CallExpression')) {
      if (listensForUser(node, reader)) add(node, 'A socket is sent what is said to a user, by a listener of its own.');
    }
    if (found.length > 0) return found;
    for (const { node, taken } of sends) {
      if (taken.key && holdsSockets(taken.from) && namesUser(reader.text(taken.key))) {
        add(node, `A socket is looked up by user in ${taken.from} and sent to.`);
      }
    }
    return found;
  },
};

const LISTENS = new Set([
  'on',
  'once',
  'addListener',
  'prependListener',
  'subscribe',
  'psubscribe',
  'listen',
  'consume',
]);

/** `bus.on('user:' + userId, (text) => ws.send(text))`: an emitter that is a registry of sockets. */
function listensForUser(node: CallExpression, reader: Reader): boolean {
  const name = memberName(bare(node.callee), reader);
  const [topic, listener] = node.arguments;
  if (name === undefined || !LISTENS.has(name) || !topic || !listener || topic.type === 'Literal') return false;
  if (!namesUser(reader.text(topic))) return false;
  return reader.file.tree.of('CallExpression').some((call) => {
    if (call.start < listener.start || call.end > listener.end) return false;
    const callee = bare(call.callee);
    if (callee.type !== 'MemberExpression' || !SENDS.has(memberName(callee, reader) ?? '')) return false;
    return sureness(callee.object, reader) === 'sure';
  });
}

function putsOf(reader: Reader): Put[] {
  const { tree } = reader.file;
  const calls = tree.of('CallExpression').flatMap((node): Put[] => {
    const callee = bare(node.callee);
    const name = memberName(callee, reader);
    const at = name === undefined ? undefined : PUTS.get(name);
    const value = at === undefined ? undefined : node.arguments[at];
    if (callee.type !== 'MemberExpression' || !value) return [];
    return put(node, collectionOf(callee.object, reader, at === 1 ? node.arguments[0] : undefined), value, reader);
  });
  const assignments = tree.of('AssignmentExpression').flatMap((node): Put[] => {
    const left = bare(node.left);
    if (left.type !== 'MemberExpression') return [];
    // `users.get(id).socket = ws`: what was taken out is given a socket.
    if (!left.computed) return put(node, takenOf(left.object, reader), node.right, reader);
    return put(node, collectionOf(left.object, reader, left.property), node.right, reader);
  });
  return [...calls, ...assignments];
}

function put(node: Node, into: Taken | undefined, value: Node, reader: Reader): Put[] {
  const sure = sureness(value, reader);
  return into && sure !== 'no' ? [{ node, into, sure }] : [];
}

function sendOf(node: CallExpression, reader: Reader): { node: Node; taken: Taken } | undefined {
  const callee = bare(node.callee);
  const name = memberName(callee, reader);
  if (callee.type !== 'MemberExpression' || name === undefined || !SENDS.has(name)) return undefined;
  const taken = takenOf(callee.object, reader);
  return taken && { node, taken };
}
