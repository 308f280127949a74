// Folding: what an expression is, as far as it can be told without running it.
import type { Node, TemplateLiteral } from 'oxc-parser';
import { builtinCall, methodOf } from './builtin.js';
import { returnedBy } from './origin.js';
import { bare, memberName, type Reader, stringOf } from './reading.js';
import { type AnyFunction, type Binding, nameOf, type Step } from './scope.js';
import { textOf, UNKNOWN, type Value } from './value.js';

/** Parameters of the functions that are being read, with what they were called with. */
type Arguments = ReadonlyMap<string, readonly Value[]>;

/** How far names and calls are followed, and how many values an expression may have before it counts as unknown. */
const MAX_DEPTH = 60;
const MAX_VALUES = 128;
/** What a call costs of that depth: functions that call each other twice would be followed for ever. */
const CALL = 12;

const NOTHING: readonly Value[] = [UNKNOWN];

/** What a variable is while it is being found out: `count = count + 1` asks for it in a circle. */
const CIRCLE: readonly Value[] = [UNKNOWN];

/** See {@link Reader.values}. */
export function valuesOf(node: Node, reader: Reader): readonly Value[] {
  return fold(node, reader, new Map(), 0);
}

function fold(node: Node, reader: Reader, given: Arguments, depth: number): readonly Value[] {
  if (depth > MAX_DEPTH) return NOTHING;
  const next = (child: Node): readonly Value[] => fold(child, reader, given, depth + 1);
  const one = bare(node);
  switch (one.type) {
    case 'Literal':
      return typeof one.value === 'bigint' || one.value instanceof RegExp ? [String(one.value)] : [one.value as Value];
    case 'TemplateLiteral':
      return template(one, 'cooked', next);
    case 'TaggedTemplateExpression':
      return reader.origin(one.tag) === 'String.raw' ? template(one.quasi, 'raw', next) : NOTHING;
    case 'BinaryExpression':
      return one.operator === '+' ? sum(one, next) : NOTHING;
    case 'UnaryExpression':
      return next(one.argument).map((value) => (one.operator === '-' && typeof value === 'number' ? -value : UNKNOWN));
    case 'ConditionalExpression':
      return bounded([...next(one.consequent), ...next(one.alternate)]);
    case 'LogicalExpression': {
      const left = next(one.left);
      if (one.operator === '&&') return next(one.right);
      const always = left.every(
        (value) => value !== UNKNOWN && (one.operator === '??' ? value !== null : Boolean(value)),
      );
      return always ? left : bounded([...left, ...next(one.right)]);
    }
    case 'SequenceExpression': {
      const last = one.expressions.at(-1);
      return last ? next(last) : NOTHING;
    }
    case 'AssignmentExpression':
      return one.operator === '=' ? next(one.right) : NOTHING;
    case 'AwaitExpression':
      return next(one.argument);
    case 'ArrayExpression':
      return [{ items: one.elements.flatMap((element) => (element ? itemsOf(element, next) : [])) }];
    case 'ObjectExpression':
      return [recordOf(one, reader)];
    case 'Identifier': {
      const binding = reader.file.tree.bindingOf(one.name, one);
      if (!binding) return one.name === '__dirname' ? ['.'] : one.name === '__filename' ? ['./file'] : NOTHING;
      return ofBinding(one.name, binding, reader, given, depth);
    }
    case 'MemberExpression':
      return ofMember(one, reader, next);
    case 'NewExpression': {
      if (reader.origin(one.callee) !== 'URL' || !one.arguments[0]) return NOTHING;
      return next(one.arguments[0]);
    }
    case 'CallExpression': {
      const callee = bare(one.callee);
      const values = one.arguments.flatMap((argument) => itemsOf(argument, next));
      const known = calledFunction(callee, reader);
      if (known) return ofFunction(known, values, reader, given, depth);
      const origin = reader.origin(callee);
      const [only] = one.arguments;
      if (origin === 'Object.freeze' && only) return next(only);
      const built = origin === undefined ? undefined : builtinCall(origin, values);
      if (built) return bounded(built);
      const name = memberName(callee, reader);
      if (callee.type !== 'MemberExpression' || name === undefined) return NOTHING;
      const [first] = one.arguments;
      const each = name === 'map' && first ? eachOf(first, reader, given, depth) : undefined;
      return bounded(
        next(callee.object).flatMap((value) => (each ? mapped(value, each) : methodOf(value, name, values, first))),
      );
    }
    default:
      return NOTHING;
  }
}

function template(
  { quasis, expressions }: TemplateLiteral,
  form: 'raw' | 'cooked',
  next: (child: Node) => readonly Value[],
): readonly Value[] {
  const part = (index: number): readonly Value[] => [quasis[index]?.value[form] ?? ''];
  return expressions.reduce<readonly Value[]>(
    (found, expression, index) => joined(joined(found, next(expression)), part(index + 1)),
    part(0),
  );
}

/** A long sum leans to the left: it is taken apart in a loop, since it may be deeper than the stack. */
function sum(node: Node, next: (child: Node) => readonly Value[]): readonly Value[] {
  const terms: Node[] = [];
  let left = bare(node);
  while (left.type === 'BinaryExpression' && left.operator === '+') {
    terms.unshift(left.right);
    left = bare(left.left);
  }
  return terms.reduce((found, term) => joined(found, next(term)), next(left));
}

function joined(left: readonly Value[], right: readonly Value[]): readonly Value[] {
  if (left.length * right.length > MAX_VALUES) return NOTHING;
  return left.flatMap((a) =>
    right.map((b) => (typeof a === 'number' && typeof b === 'number' ? a + b : textOf(a) + textOf(b))),
  );
}

function bounded(values: readonly Value[]): readonly Value[] {
  return values.length > MAX_VALUES || values.length === 0 ? NOTHING : [...new Set(values)];
}

function itemsOf(element: Node, next: (child: Node) => readonly Value[]): (readonly Value[])[] {
  if (element.type !== 'SpreadElement') return [next(element)];
  const [only = UNKNOWN] = next(element.argument);
  if (typeof only === 'string') return Array.from(only, (letter) => [letter]);
  // A list of unknown length may be anything, also empty: one unknown item stands for it.
  return only !== null && typeof only === 'object' && 'items' in only ? [...only.items] : [NOTHING];
}

function recordOf(node: Node, reader: Reader): Value {
  const record = new Map<string, Node>();
  let open = false;
  for (const property of node.type === 'ObjectExpression' ? node.properties : []) {
    const key = property.type === 'Property' ? keyOf(property.key, property.computed, reader) : undefined;
    if (property.type === 'Property' && key !== undefined) record.set(key, property.value);
    else open = true;
  }
  return { record, open };
}

function keyOf(key: Node, computed: boolean, reader: Reader): string | undefined {
  return computed ? stringOf(key, reader) : nameOf(key);
}

/** A property of what is known; of a table all its values, where the key is not. */
function ofMember(
  node: Node & { type: 'MemberExpression' },
  reader: Reader,
  next: (child: Node) => readonly Value[],
): readonly Value[] {
  const origin = reader.origin(node);
  if (origin === 'import.meta.url' || origin === 'import.meta.filename') return ['./file'];
  if (origin === 'import.meta.dirname') return ['.'];
  if (origin === 'path#sep' || origin === 'path#posix.sep') return ['/'];
  const name = memberName(node, reader);
  return bounded(
    next(node.object).flatMap((value): readonly Value[] => {
      if (typeof value === 'string') {
        if (name === 'length') return [value.length];
        if (name === 'href' || name === 'pathname') return [value];
        return name !== undefined && value[Number(name)] !== undefined ? [value[Number(name)] ?? ''] : NOTHING;
      }
      if (value === null || typeof value !== 'object') return NOTHING;
      if ('items' in value) {
        if (name === 'length') return [value.items.length];
        return name === undefined ? value.items.flat() : (value.items[Number(name)] ?? NOTHING);
      }
      if (name === undefined) return value.open ? NOTHING : [...value.record.values()].flatMap(next);
      const property = value.record.get(name);
      return property ? next(property) : NOTHING;
    }),
  );
}

function ofBinding(name: string, binding: Binding, reader: Reader, given: Arguments, depth: number): readonly Value[] {
  const { tree } = reader.file;
  switch (binding.kind) {
    case 'parameter':
      return given.get(name) ?? NOTHING;
    case 'import': {
      const other = reader.elsewhere(binding.specifier);
      return other ? exported(binding.imported, other, depth + 1) : NOTHING;
    }
    case 'other':
      return binding.node.type === 'TSEnumDeclaration' ? [enumOf(binding.node)] : NOTHING;
    case 'variable': {
      const known = tree.values.get(binding);
      // Inside a function that is being read it may depend on what that was called with.
      if (known === CIRCLE || (known && given.size === 0)) return known;
      tree.values.set(binding, CIRCLE);
      const found = ofVariable(name, binding, reader, given, depth);
      if (given.size === 0) tree.values.set(binding, found);
      else tree.values.delete(binding);
      return found;
    }
    default:
      return NOTHING;
  }
}

/** What a variable is given where it is declared and by every assignment. */
function ofVariable(
  name: string,
  binding: Binding & { kind: 'variable' },
  reader: Reader,
  given: Arguments,
  depth: number,
): readonly Value[] {
  const { tree } = reader.file;
  if (tree.rewritten.has(name)) return NOTHING;
  const { init } = binding.node;
  let found: readonly Value[] = init ? stepInto(fold(init, reader, given, depth + 1), binding.path, reader, depth) : [];
  for (const { left, operator, right } of tree.of('AssignmentExpression')) {
    if (left.type !== 'Identifier' || left.name !== name || tree.bindingOf(name, left) !== binding) continue;
    const value = fold(right, reader, given, depth + 1);
    found = bounded(operator === '+=' ? [...found, ...joined(found, value)] : [...found, ...value]);
  }
  return found.length > 0 ? found : NOTHING;
}

function stepInto(values: readonly Value[], path: readonly Step[], reader: Reader, depth: number): readonly Value[] {
  return path.reduce((found, step) => {
    return found.flatMap((value): readonly Value[] => {
      if (value === null || typeof value !== 'object') return NOTHING;
      if ('items' in value) return typeof step === 'number' ? (value.items[step] ?? NOTHING) : NOTHING;
      const property = typeof step === 'string' ? value.record.get(step) : undefined;
      return property ? fold(property, reader, new Map(), depth + 1) : NOTHING;
    });
  }, values);
}

/** A constant of another module, also where that has it from a third. */
function exported(name: string, reader: Reader, depth: number): readonly Value[] {
  if (depth > MAX_DEPTH) return NOTHING;
  for (const { entries } of reader.file.module.staticExports) {
    for (const { exportName, importName, localName, moduleRequest } of entries) {
      const known = exportName.kind === 'Default' ? 'default' : exportName.name;
      if (moduleRequest && (known === name || importName.kind === 'AllButDefault')) {
        const other = reader.elsewhere(moduleRequest.value);
        const found = other ? exported(importName.name ?? name, other, depth + 1) : NOTHING;
        if (known === name || found !== NOTHING) return found;
      } else if (known === name) {
        const local = localName.name ?? name;
        const { program, tree } = reader.file;
        const binding = tree.bindingOf(local, program);
        if (binding) return ofBinding(local, binding, reader, new Map(), depth + 1);
        const declared = tree.of('ExportDefaultDeclaration')[0]?.declaration;
        return declared && name === 'default' ? fold(declared, reader, new Map(), depth + 1) : NOTHING;
      }
    }
  }
  return NOTHING;
}

function enumOf(node: Node): Value {
  const record = new Map<string, Node>();
  for (const member of node.type === 'TSEnumDeclaration' ? node.body.members : []) {
    if (member.initializer) record.set(nameOf(member.id), member.initializer);
  }
  return { record, open: false };
}

/** A function of this file, where the callee is one: written there, or by its name. */
function calledFunction(callee: Node, reader: Reader): AnyFunction | undefined {
  if (callee.type === 'ArrowFunctionExpression' || callee.type === 'FunctionExpression') return callee;
  if (callee.type !== 'Identifier') return undefined;
  const binding = reader.file.tree.bindingOf(callee.name, callee);
  if (binding?.kind === 'function') return binding.node;
  if (binding?.kind !== 'variable' || binding.path.length > 0 || !binding.node.init) return undefined;
  const init = bare(binding.node.init);
  return init.type === 'ArrowFunctionExpression' || init.type === 'FunctionExpression' ? init : undefined;
}

function ofFunction(
  called: AnyFunction,
  values: readonly (readonly Value[])[],
  reader: Reader,
  given: Arguments,
  depth: number,
): readonly Value[] {
  const returned = returnedBy(called);
  if (!returned || called.async) return NOTHING;
  const inner = new Map(given);
  for (const [index, parameter] of called.params.entries()) {
    if (parameter.type === 'Identifier') inner.set(parameter.name, values[index] ?? NOTHING);
    else if (parameter.type === 'AssignmentPattern' && parameter.left.type === 'Identifier') {
      inner.set(parameter.left.name, values[index] ?? fold(parameter.right, reader, given, depth + 1));
    }
  }
  return fold(returned, reader, inner, depth + CALL);
}

/** What `map` does with one item: a function of this file, or one of the platform. */
function eachOf(
  callback: Node,
  reader: Reader,
  given: Arguments,
  depth: number,
): ((item: readonly Value[]) => readonly Value[]) | undefined {
  const called = calledFunction(bare(callback), reader);
  if (called) return (item) => ofFunction(called, [item], reader, given, depth);
  const origin = reader.origin(callback);
  return origin === undefined ? undefined : (item) => builtinCall(origin, [item]) ?? NOTHING;
}

function mapped(value: Value, each: (item: readonly Value[]) => readonly Value[]): readonly Value[] {
  return value !== null && typeof value === 'object' && 'items' in value ? [{ items: value.items.map(each) }] : NOTHING;
}
