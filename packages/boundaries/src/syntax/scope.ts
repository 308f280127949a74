import type { ArrowFunctionExpression, Class, Function as FunctionNode, Node, VariableDeclarator } from 'oxc-parser';

/** A function of any form. */
export type AnyFunction = FunctionNode | ArrowFunctionExpression;

/** What a name stands for. */
export type Binding =
  /** `imported` is `*` for the whole module. */
  | { readonly kind: 'import'; readonly specifier: string; readonly imported: string; readonly node: Node }
  /** `path` leads from the value to the name: `['createRequire']` for `const { createRequire } = value`. */
  | {
      readonly kind: 'variable';
      readonly node: VariableDeclarator;
      readonly path: readonly Step[];
      readonly name: string;
    }
  | {
      readonly kind: 'parameter';
      readonly node: Node;
      readonly of: AnyFunction;
      readonly index: number;
      readonly path: readonly Step[];
    }
  | { readonly kind: 'function'; readonly node: AnyFunction }
  | { readonly kind: 'class'; readonly node: Class }
  | { readonly kind: 'other'; readonly node: Node };

/** One step into a value: a property's name, an index, a computed key, or `rest` for what is left over. */
export type Step = string | number | Node | { readonly rest: true };

/** The names of one block or function. */
export interface Scope {
  readonly names: Map<string, Binding>;
  readonly ofFunction: boolean;
  readonly outer: Scope | undefined;
}

/** Notes what a node declares, and returns the scope that its children stand in. */
export function declarations(node: Node, parent: Node | undefined, outer: Scope, rewritten: Set<string>): Scope {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'TSEmptyBodyFunctionExpression': {
      const inner: Scope = { names: new Map(), ofFunction: true, outer };
      if (node.type !== 'ArrowFunctionExpression' && node.id) {
        const home = node.type === 'FunctionExpression' ? inner : outer;
        if (node.type !== 'TSDeclareFunction') home.names.set(node.id.name, { kind: 'function', node });
      }
      for (const [index, parameter] of node.params.entries()) {
        const target = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
        for (const [name, path] of namesIn(target)) {
          inner.names.set(name, { kind: 'parameter', node: parameter, of: node, index, path });
        }
      }
      return inner;
    }
    case 'ClassDeclaration':
    case 'ClassExpression': {
      const inner: Scope = { names: new Map(), ofFunction: false, outer };
      if (node.id) (node.type === 'ClassDeclaration' ? outer : inner).names.set(node.id.name, { kind: 'class', node });
      return inner;
    }
    case 'VariableDeclarator': {
      const isVar = parent?.type === 'VariableDeclaration' && parent.kind === 'var';
      const home = isVar ? functionScope(outer) : outer;
      for (const [name, path] of namesIn(node.id)) home.names.set(name, { kind: 'variable', node, path, name });
      return outer;
    }
    case 'ImportDeclaration':
      for (const one of node.specifiers) {
        outer.names.set(one.local.name, {
          kind: 'import',
          specifier: node.source.value,
          imported:
            one.type === 'ImportSpecifier'
              ? nameOf(one.imported)
              : one.type === 'ImportDefaultSpecifier'
                ? 'default'
                : '*',
          node: one,
        });
      }
      return outer;
    case 'TSImportEqualsDeclaration':
      if (node.moduleReference.type === 'TSExternalModuleReference') {
        const specifier = node.moduleReference.expression.value;
        outer.names.set(node.id.name, { kind: 'import', specifier, imported: '*', node });
      } else outer.names.set(node.id.name, { kind: 'other', node });
      return outer;
    case 'TSEnumDeclaration':
      outer.names.set(node.id.name, { kind: 'other', node });
      return outer;
    case 'TSModuleDeclaration':
      if (node.id.type === 'Identifier') outer.names.set(node.id.name, { kind: 'other', node });
      return { names: new Map(), ofFunction: true, outer };
    case 'CatchClause': {
      const inner: Scope = { names: new Map(), ofFunction: false, outer };
      if (node.param) for (const [name] of namesIn(node.param)) inner.names.set(name, { kind: 'other', node });
      return inner;
    }
    case 'BlockStatement':
    case 'StaticBlock':
    case 'SwitchStatement':
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
      if ('left' in node && node.left.type !== 'VariableDeclaration') noteWritten(node.left, rewritten);
      return { names: new Map(), ofFunction: false, outer };
    case 'AssignmentExpression':
      if (node.left.type === 'ObjectPattern' || node.left.type === 'ArrayPattern') noteWritten(node.left, rewritten);
      return outer;
    default:
      return outer;
  }
}

function noteWritten(target: Node, rewritten: Set<string>): void {
  for (const [name] of namesIn(target)) rewritten.add(name);
}

function functionScope(scope: Scope): Scope {
  let found = scope;
  while (!found.ofFunction && found.outer) found = found.outer;
  return found;
}

/** The names that a pattern binds, each with the way to its value. */
function* namesIn(pattern: Node, path: readonly Step[] = []): Generator<[string, readonly Step[]]> {
  switch (pattern.type) {
    case 'Identifier':
      yield [pattern.name, path];
      break;
    case 'AssignmentPattern':
      yield* namesIn(pattern.left, path);
      break;
    case 'RestElement':
      yield* namesIn(pattern.argument, [...path, { rest: true }]);
      break;
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') yield* namesIn(property, path);
        else yield* namesIn(property.value, [...path, property.computed ? property.key : nameOf(property.key)]);
      }
      break;
    case 'ArrayPattern':
      for (const [index, element] of pattern.elements.entries()) {
        if (element) yield* namesIn(element, [...path, index]);
      }
      break;
    default:
      break;
  }
}

/** The name that a key, an import or an export has in the text. */
export function nameOf(key: Node): string {
  if (key.type === 'Literal') return String(key.value);
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  return 'name' in key && typeof key.name === 'string' ? key.name : '';
}
