import type { CallExpression, Node } from 'oxc-parser';
import type { SyntaxRule } from '../syntax-rule.js';
import { SPEAK } from './advice.js';
import { holdsSockets, takenOf } from './collection.js';
import { mayNotOpenSockets } from './forbidden.js';
import { maySend } from './mentions.js';
import { readerOf } from './reader.js';
import { bare, memberName, type Reader } from './reading.js';

const SENDS = new Set(['send', 'emit', 'write', 'sendText', 'sendJson', 'sendJSON', 'sendMessage']);
const ALL =
  /(^|\.)#?_?(clients|connections|sockets|websockets|wsClients|peers|openSockets|activeSockets|liveSockets)$/i;
const SERVERS =
  /(^|\.|#)(io|ioServer|socketServer|socketIo|socketIO|webSocketServer|websocketServer|wss|namespace|nsp)$/;

/** What is said to whoever listens, rather than to one user. */
export const noUntargetedSend: SyntaxRule = {
  name: 'no-untargeted-send',
  why: 'What is sent to everybody reaches people whom it is not for. Here nothing is said but to one user.',
  check(file, project) {
    if (!maySend(file.text) || !mayNotOpenSockets(file.path, project)) return [];
    const reader = readerOf(file, project);
    return file.tree.of('CallExpression').flatMap((node) => {
      const what = untargeted(node, reader);
      return what ? [{ file: file.path, ...file.lineOf(node.start), message: what, instead: SPEAK }] : [];
    });
  },
};

function untargeted(node: CallExpression, reader: Reader): string | undefined {
  const callee = bare(node.callee);
  const name = memberName(callee, reader);
  if (callee.type !== 'MemberExpression' || name === undefined) return undefined;
  const receiver = bare(callee.object);
  const said = reader.text(callee).replace(/\s+/g, '');
  if ((name === 'emit' || name === 'send' || name === 'write') && speaksToAll(receiver, reader)) {
    return `${said}() sends to everybody who is connected.`;
  }
  if (name === 'publish' && /^new? ?(Bun\.serve|uWebSockets\.js#)/.test(reader.origin(receiver) ?? '')) {
    return `${said}() sends to everybody who subscribed.`;
  }
  if (!SENDS.has(name) || node.arguments.length === 0) return undefined;
  const taken = takenOf(receiver, reader);
  if (!taken || taken.key) return undefined;
  const isServer =
    /(^|\.)(wss|webSocketServer|websocketServer|socketServer|io|server)\.(clients|sockets|connections)/i.test(
      taken.from,
    );
  const isSockets =
    name !== 'write' &&
    ALL.test(taken.from) &&
    /web_?socket|socket\.io|\bwss?\b|readyState|sockets\b/i.test(reader.file.text);
  return isServer || isSockets || (name !== 'write' && holdsSockets(taken.from))
    ? `A loop over ${taken.from} sends to everybody who is connected.`
    : undefined;
}

/** `io`, `io.of('/x')`, `io.sockets`, `socket.broadcast`, `io.local`, `io.except(…)`, a server of socket.io by any name. */
function speaksToAll(node: Node, reader: Reader): boolean {
  const receiver = bare(node);
  const origin = reader.origin(receiver);
  if (origin && /^(new )?socket\.io#(Server|)(\(\))?(\.(sockets|local|volatile|of\(\)))?$/.test(origin)) return true;
  if (receiver.type === 'Identifier' || (receiver.type === 'MemberExpression' && !receiver.computed)) {
    const text = reader.text(receiver).replace(/[?!\s]/g, '');
    if (SERVERS.test(text)) return mentionsSocketIo(reader);
    const member = memberName(receiver, reader);
    if (member === 'broadcast') return true;
    if (receiver.type === 'MemberExpression' && /^(sockets|local|volatile)$/.test(member ?? ''))
      return speaksToAll(receiver.object, reader);
  }
  if (receiver.type !== 'CallExpression') return false;
  const callee = bare(receiver.callee);
  const name = memberName(callee, reader);
  return (
    callee.type === 'MemberExpression' &&
    /^(of|except|compress|timeout)$/.test(name ?? '') &&
    speaksToAll(callee.object, reader)
  );
}

/** A short name such as `io` means sockets where the file talks of them; an own emitter has that name elsewhere. */
function mentionsSocketIo({ file }: Reader): boolean {
  return (
    /socket/i.test(file.text) ||
    /\bio\.(to|in|of|on|sockets)\b|\bwss\b/.test(file.text) ||
    /\bio\s*\??\.\s*emit\b/.test(file.text)
  );
}
