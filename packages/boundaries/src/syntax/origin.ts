import type { CallExpression, Node } from 'oxc-parser';
import { bare, memberName, type Reader, stringOf } from './reading.js';
import { type Binding, nameOf, type Step } from './scope.js';

/** Names for the object that holds all globals. */
const GLOBALS = new Set(['globalThis', 'global', 'window', 'self']);

/** How far aliases are followed. Names that stand for each other would be followed for ever. */
const MAX_STEPS = 40;

/** See {@link Reader.origin}. */
export function originOf(node: Node, reader: Reader, steps = 0): string | undefined {
  const one = bare(node);
  const { origins } = reader.file.tree;
  if (origins.has(one) || steps > MAX_STEPS) return origins.get(one);
  // Whoever asks for it on the way is asking in a circle.
  origins.set(one, undefined);
  const origin = find(one, reader, steps);
  origins.set(one, origin);
  return origin;
}

function find(one: Node, reader: Reader, steps: number): string | undefined {
  const follow = (next: Node): string | undefined => originOf(next, reader, steps + 1);
  switch (one.type) {
    case 'Identifier': {
      const binding = reader.file.tree.bindingOf(one.name, one);
      if (!binding) return GLOBALS.has(one.name) ? 'globalThis' : one.name;
      return ofBinding(binding, reader, follow);
    }
    case 'MetaProperty':
      return `${one.meta.name}.${one.property.name}`;
    case 'MemberExpression': {
      const name = memberName(one, reader);
      if (name === undefined) return undefined;
      const literal = propertyOf(one.object, name, reader, steps);
      if (literal) return follow(literal);
      const object = follow(one.object);
      return object === undefined ? undefined : member(object, name);
    }
    case 'CallExpression':
      return ofCall(one, reader, follow);
    case 'NewExpression': {
      const made = follow(one.callee);
      return made === undefined ? undefined : `new ${made}`;
    }
    case 'ImportExpression': {
      const specifier = stringOf(one.source, reader);
      return specifier === undefined ? undefined : moduleOrigin(specifier, '*');
    }
    case 'AwaitExpression':
      return follow(one.argument);
    case 'SequenceExpression': {
      const last = one.expressions.at(-1);
      return last && follow(last);
    }
    case 'AssignmentExpression':
      return follow(one.right);
    case 'ConditionalExpression':
      return follow(one.consequent) ?? follow(one.alternate);
    case 'LogicalExpression':
      return follow(one.left) ?? follow(one.right);
    default:
      return undefined;
  }
}

function ofBinding(binding: Binding, reader: Reader, follow: (node: Node) => string | undefined): string | undefined {
  if (binding.kind === 'import') return moduleOrigin(binding.specifier, binding.imported);
  if (binding.kind !== 'variable') return undefined;
  const source = binding.node.init ?? firstWritten(binding.name, binding.node, reader);
  if (!source) return undefined;
  let origin: string | undefined;
  let literal: Node | undefined = source;
  for (const step of binding.path) {
    const name = stepName(step, reader);
    if (name === undefined) return undefined;
    if (literal) {
      const inside = propertyOf(literal, name, reader, 0);
      if (!inside) origin = follow(literal);
      literal = inside;
      if (inside) continue;
    }
    if (origin === undefined) return undefined;
    origin = member(origin, name);
  }
  return literal ? follow(literal) : origin;
}

/** The value of a variable that was declared without one. */
function firstWritten(name: string, declarator: Node, { file: { tree } }: Reader): Node | undefined {
  return tree.of('AssignmentExpression').find(({ left, operator }) => {
    if (operator !== '=' || left.type !== 'Identifier' || left.name !== name) return false;
    const binding = tree.bindingOf(name, left);
    return binding?.kind === 'variable' && binding.node === declarator;
  })?.right;
}

/** The name of a step; rest keeps the object, so that it has none of its own. */
function stepName(step: Step, reader: Reader): string | undefined {
  if (typeof step === 'string') return step;
  if (typeof step === 'number') return String(step);
  return 'rest' in step ? undefined : stringOf(step, reader);
}

function ofCall(call: CallExpression, reader: Reader, follow: (node: Node) => string | undefined): string | undefined {
  const callee = bare(call.callee);
  const [first, second] = call.arguments;
  if (callee.type === 'FunctionExpression' || callee.type === 'ArrowFunctionExpression') {
    const returned = returnedBy(callee);
    return returned && follow(returned);
  }
  const name = callee.type === 'MemberExpression' ? memberName(callee, reader) : undefined;
  if (callee.type === 'MemberExpression' && name === 'bind') return follow(callee.object);
  const origin = follow(callee);
  if (origin === 'module#createRequire') return 'require';
  if (origin === 'Reflect.get' && first && second) {
    const [object, key] = [follow(first), stringOf(second, reader)];
    return object !== undefined && key !== undefined ? member(object, key) : undefined;
  }
  if (first && (origin === 'require' || origin === 'process.getBuiltinModule' || origin === 'module#_load')) {
    const specifier = stringOf(first, reader);
    return specifier === undefined ? undefined : moduleOrigin(specifier, '*');
  }
  return origin === undefined ? undefined : `${origin}()`;
}

/** What a function without branches returns. */
export function returnedBy(node: Node): Node | undefined {
  if (node.type === 'ArrowFunctionExpression' && node.body.type !== 'BlockStatement') return node.body;
  if (!('body' in node) || !node.body || !('body' in node.body) || !Array.isArray(node.body.body)) return undefined;
  const last: Node | undefined = node.body.body.at(-1);
  return last?.type === 'ReturnStatement' ? (last.argument ?? undefined) : undefined;
}

/** The value of a property where the object is written out here: `tools.load` of `const tools = { load: require }`. */
function propertyOf(object: Node, name: string, reader: Reader, steps: number): Node | undefined {
  const one = bare(object);
  if (one.type === 'ObjectExpression') {
    for (const property of one.properties) {
      if (property.type !== 'Property') continue;
      const key = property.computed ? stringOf(property.key, reader) : nameOf(property.key);
      if (key === name) return property.value;
    }
  }
  if (one.type === 'ArrayExpression') return one.elements[Number(name)] ?? undefined;
  if (one.type !== 'Identifier' || steps > MAX_STEPS) return undefined;
  const binding = reader.file.tree.bindingOf(one.name, one);
  if (binding?.kind !== 'variable' || binding.path.length > 0 || !binding.node.init) return undefined;
  return propertyOf(binding.node.init, name, reader, steps + 1);
}

/** `import x from 'ws'` and `import * as x from 'ws'` name the same thing where the library is of CommonJS. */
function moduleOrigin(specifier: string, imported: string): string {
  const name = imported === '*' || imported === 'default' ? '' : imported;
  return `${specifier.replace(/^node:/, '')}#${name}`.replace(/^module#Module$/, 'module#');
}

/** What a member of something is, with the detours of the platform taken out. */
function member(object: string, name: string): string {
  if (object === 'globalThis') return GLOBALS.has(name) ? 'globalThis' : name;
  if (object.endsWith('#'))
    return name === 'default' || (object === 'module#' && name === 'Module') ? object : object + name;
  const joined = `${object}.${name}`;
  return DETOURS.get(joined) ?? joined;
}

/** Other ways to name the loaders of CommonJS. */
const DETOURS = new Map([
  ['module.require', 'require'],
  ['require.main.require', 'require'],
  ['process.mainModule.require', 'require'],
  ['import.meta.require', 'require'],
  ['module.constructor', 'module#'],
  ['require.main.constructor', 'module#'],
  ['process.mainModule.constructor', 'module#'],
]);
