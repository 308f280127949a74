import type { Class, Node } from 'oxc-parser';
import type { Finding, SyntaxRule } from '../syntax-rule.js';
import { SPEAK } from './advice.js';
import { byName, namesUser, typeText } from './collection.js';
import { mayNotOpenSockets } from './forbidden.js';
import { mayManage } from './mentions.js';
import { readerOf } from './reader.js';
import { bare, type Reader } from './reading.js';
import { type AnyFunction, nameOf } from './scope.js';

const CLASS =
  /(web_?sockets?|^ws|ws(?=_?(conn|manager|factory|hub|pool)))\w*(manager|factory|hub|registry|broadcaster|dispatcher|coordinator|orchestrator|pool)(impl|base|v\d+)?$|^_?(abstract|base|my|app|live|user|client|the)?_?sockets?_?(connections?|sessions?|users?|clients?)?_?(manager|factory|hub|registry)(impl|base|v\d+)?$/i;
const MAKER =
  /^_?(create|make|build|new|get|provide|obtain|acquire|resolve|open|spawn|produce|instantiate|init)\w*(web_?sockets?|ws(?=_?(conn|manager|factory))|sockets?)_?\w*(manager|factory)$|^_?(web_?)sockets?_?\w*(manager|factory)$/i;
const REGISTER =
  /^_?#?(add|register|connect|attach|accept|track|bind|join|enter|open|keep|hold|subscribe|handle|on|set|store|put|admit|enrol|plug)/i;
const SEND =
  /^_?#?(send|emit|push|notify|deliver|publish|dispatch|broadcast|tell|say|post|transmit|message|speak|write|forward|route)/i;
const LIBRARY = /^(ws|socket\.io|engine\.io|sockjs|uWebSockets\.js|faye-websocket|isomorphic-ws)(#|$)/;

/** A class, object or function that manages WebSockets or makes what does, by its name or by what it offers. */
export const noSecondManager: SyntaxRule = {
  name: 'no-second-manager',
  why: 'Two managers hold two opinions about who is connected: events go out twice, to the wrong user, or to nobody.',
  check(file, project) {
    if (!mayManage(file.text) || !mayNotOpenSockets(file.path, project)) return [];
    const reader = readerOf(file, project);
    const { tree } = file;
    const found: Finding[] = [];
    const add = (node: Node, message: string): void => {
      found.push({ file: file.path, ...file.lineOf(node.start), message, instead: SPEAK });
    };
    for (const node of [...tree.of('ClassDeclaration'), ...tree.of('ClassExpression')]) {
      const name = node.id?.name ?? givenName(node, reader) ?? '';
      const extended = node.superClass ? reader.text(node.superClass) : '';
      if (CLASS.test(name)) add(node, `${name} is a WebSocket manager by its name.`);
      else if (CLASS.test(extended.replace(/^.*\./, '')))
        add(node, `A class extends ${extended}, a WebSocket manager.`);
      else if (managesSockets(methodsOf(node), reader))
        add(node, `${name || 'This class'} takes sockets in and sends by user: it is a WebSocket manager.`);
    }
    for (const node of tree.of('ObjectExpression')) {
      const methods = node.properties.flatMap((property) => {
        const value = property.type === 'Property' ? bare(property.value) : undefined;
        if (property.type !== 'Property' || !value) return [];
        return isFunction(value)
          ? [{ name: nameOf(property.key), of: value }]
          : namedFunction(value, nameOf(property.key), reader);
      });
      const name = givenName(node, reader) ?? '';
      if (methods.length > 0 && CLASS.test(name)) add(node, `${name} is a WebSocket manager by its name.`);
      else if (managesSockets(methods, reader))
        add(node, `${name || 'This object'} takes sockets in and sends by user: it is a WebSocket manager.`);
    }
    const functions = [
      ...tree.of('FunctionDeclaration'),
      ...tree.of('FunctionExpression'),
      ...tree.of('ArrowFunctionExpression'),
    ];
    for (const node of functions) {
      const name =
        (node.type === 'ArrowFunctionExpression' ? undefined : node.id?.name) ?? givenName(node, reader) ?? '';
      if (MAKER.test(name)) add(node, `${name} makes WebSocket managers, by its name.`);
    }
    for (const [object, methods] of assignedMethods(reader)) {
      const [first] = methods;
      if (first && managesSockets(methods, reader))
        add(first.of, `${object} takes sockets in and sends by user: it is a WebSocket manager.`);
    }
    const ofModule = functions.flatMap((node) =>
      isTopLevel(node, reader)
        ? [
            {
              name:
                (node.type === 'ArrowFunctionExpression' ? undefined : node.id?.name) ?? givenName(node, reader) ?? '',
              of: node,
            },
          ]
        : [],
    );
    const first = ofModule[0];
    if (found.length === 0 && first && managesSockets(ofModule, reader)) {
      add(first.of, 'This module takes sockets in and sends by user: it is a WebSocket manager.');
    }
    return found;
  },
};

interface Method {
  readonly name: string;
  readonly of: AnyFunction;
}

/** Takes a socket in by one method and sends to a user by another. */
function managesSockets(methods: readonly Method[], reader: Reader): boolean {
  const registers = methods.some(
    ({ name, of }) => REGISTER.test(name) && of.params.some((parameter) => isSocket(parameter, reader)),
  );
  return (
    registers &&
    methods.some(
      ({ name, of: { params } }) =>
        SEND.test(name) && params.slice(0, 2).some((parameter) => namesUser(parameterName(parameter))),
    )
  );
}

/** By its type, or by a name that leaves no doubt; a name such as `connection` may be of a database. */
function isSocket(parameter: Node, reader: Reader): boolean {
  const type = typeText(parameter, reader);
  if (/\bWebSocket\b|\bServerWebSocket\b/.test(type)) return true;
  const name = parameterName(parameter);
  const typed = /^:\s*(?:\w+\.)*(\w+)/.exec(type)?.[1];
  if (typed !== undefined && /socket/i.test(typed)) {
    const binding = reader.file.tree.bindingOf(typed, parameter);
    return (
      binding?.kind !== 'import' ||
      LIBRARY.test(binding.specifier) ||
      !/^(node:)?(net|tls|dgram)$/.test(binding.specifier)
    );
  }
  if (typed !== undefined && !/^(any|unknown|object)$/.test(typed)) return false;
  return byName(name) === 'sure' || /socket$/i.test(name);
}

function parameterName(parameter: Node): string {
  if (parameter.type === 'TSParameterProperty') return parameterName(parameter.parameter);
  if (parameter.type === 'AssignmentPattern') return parameterName(parameter.left);
  return parameter.type === 'Identifier' ? parameter.name : '';
}

function methodsOf(node: Class): Method[] {
  return node.body.body.flatMap((member): Method[] => {
    if (member.type === 'MethodDefinition' || member.type === 'TSAbstractMethodDefinition')
      return [{ name: nameOf(member.key), of: member.value }];
    if (member.type !== 'PropertyDefinition' || !member.value) return [];
    const value = bare(member.value);
    return isFunction(value) ? [{ name: nameOf(member.key), of: value }] : [];
  });
}

/** Functions that are put on an object one by one: `Hub.prototype.sendToUser = function …`. */
function assignedMethods(reader: Reader): Map<string, Method[]> {
  const found = new Map<string, Method[]>();
  for (const { left, right } of reader.file.tree.of('AssignmentExpression')) {
    const value = bare(right);
    if (left.type !== 'MemberExpression' || !isFunction(value)) continue;
    const object = reader.text(left.object);
    found.set(object, [...(found.get(object) ?? []), { name: nameOf(left.property), of: value }]);
  }
  return found;
}

/** A function that an object only names: `return { add, sendToUser }`. */
function namedFunction(value: Node, name: string, { file: { tree } }: Reader): Method[] {
  const binding = value.type === 'Identifier' ? tree.bindingOf(value.name, value) : undefined;
  if (binding?.kind === 'function') return [{ name, of: binding.node }];
  const init = binding?.kind === 'variable' && binding.node.init ? bare(binding.node.init) : undefined;
  return init && isFunction(init) ? [{ name, of: init }] : [];
}

function isFunction(node: Node): node is AnyFunction {
  return node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression';
}

/** The name that a class, an object or a function is given where it stands. */
function givenName(node: Node, reader: Reader): string | undefined {
  const { tree } = reader.file;
  let parent = tree.parentOf(node);
  while (parent && bare(parent) !== parent) parent = tree.parentOf(parent);
  switch (parent?.type) {
    case 'VariableDeclarator':
      return parent.id.type === 'Identifier' ? parent.id.name : undefined;
    case 'Property':
    case 'PropertyDefinition':
    case 'MethodDefinition':
      return nameOf(parent.key);
    case 'AssignmentExpression':
      return parent.left.type === 'MemberExpression' ? nameOf(parent.left.property) : nameOf(parent.left);
    default:
      return undefined;
  }
}

function isTopLevel(node: Node, { file: { tree } }: Reader): boolean {
  let parent = tree.parentOf(node);
  while (
    parent &&
    /^(VariableDeclarator|VariableDeclaration|ExportNamedDeclaration|ExportDefaultDeclaration|TSModuleBlock|TSModuleDeclaration)$/.test(
      parent.type,
    )
  )
    parent = tree.parentOf(parent);
  return parent?.type === 'Program';
}
