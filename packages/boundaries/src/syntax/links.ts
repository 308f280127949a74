// What a module hands on: which of its exports are the exports of another module, under whatever name.
import type { Node } from 'oxc-parser';
import { returnedBy } from './origin.js';
import { bare, memberName, type Reader } from './reading.js';

/** An export that is an export of another module. `*` stands for all of them. */
export interface Link {
  readonly name: string;
  readonly specifier: string;
  readonly imported: string;
}

/** All that a module hands on. Exports that it makes itself are not among them. */
export function linksOf(reader: Reader): Link[] {
  const { tree, module, program } = reader.file;
  const found: Link[] = [];
  const add = (name: string, value: Node | null | undefined): void => {
    for (const origin of value ? originsIn(value, reader) : []) {
      const [specifier = '', imported = ''] = origin.split('#');
      // What is inside an object is reached through it: whoever has the object has that too.
      found.push({ name, specifier, imported: imported.split('.')[0] || '*' });
    }
  };
  for (const { exportName, importName, localName, moduleRequest } of module.staticExports.flatMap(
    ({ entries }) => entries,
  )) {
    const name = exportName.kind === 'Default' ? 'default' : (exportName.name ?? '*');
    if (moduleRequest) {
      found.push({
        name,
        specifier: moduleRequest.value,
        imported: importName.kind === 'Name' ? (importName.name ?? '*') : '*',
      });
    } else if (localName.name) {
      const binding = tree.bindingOf(localName.name, program);
      if (binding?.kind === 'import') found.push({ name, specifier: binding.specifier, imported: binding.imported });
      else
        add(
          name,
          binding && 'node' in binding
            ? binding.kind === 'variable'
              ? useOf(localName.name, reader)
              : binding.node
            : undefined,
        );
    } else if (name === 'default') {
      add(name, tree.of('ExportDefaultDeclaration')[0]?.declaration);
    }
  }
  for (const { expression } of tree.of('TSExportAssignment')) add('*', expression);
  for (const { left, right } of tree.of('AssignmentExpression')) {
    const target = commonExport(bare(left), reader);
    if (target !== undefined) add(target, right);
  }
  return found;
}

/** `module.exports` is everything, `exports.Server` one name; undefined for other assignments. */
function commonExport(left: Node, reader: Reader): string | undefined {
  if (left.type !== 'MemberExpression') return undefined;
  const origin = reader.origin(left);
  const [, name] = /^(?:module\.exports|exports)(?:\.(\w+))?$/.exec(origin ?? '') ?? [undefined, undefined];
  if (origin === 'module.exports') return '*';
  return name ?? (origin?.startsWith('exports.') ? (memberName(left, reader) ?? '*') : undefined);
}

/** Any place where a name of the module is written: what it stands for is asked of a node. */
function useOf(name: string, { file: { tree, program } }: Reader): Node | undefined {
  const binding = tree.bindingOf(name, program);
  return tree.of('Identifier').find((node) => node.name === name && tree.bindingOf(name, node) === binding);
}

/** Where a value comes from; of an object, what it holds; of a class, what it extends; of a function, what it returns. */
function originsIn(value: Node, reader: Reader, depth = 0): string[] {
  const one = bare(value);
  if (depth > 4) return [];
  const inside = (next: Node): string[] => originsIn(next, reader, depth + 1);
  switch (one.type) {
    case 'ObjectExpression':
      return one.properties.flatMap((property) =>
        inside(property.type === 'Property' ? property.value : property.argument),
      );
    case 'ArrayExpression':
      return one.elements.flatMap((element) => (element ? inside(element) : []));
    case 'ClassDeclaration':
    case 'ClassExpression':
      return one.superClass ? inside(one.superClass) : [];
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression': {
      const returned = returnedBy(one);
      return returned && bare(returned).type !== 'NewExpression' ? inside(returned) : [];
    }
    default: {
      const origin = reader.origin(one);
      if (origin !== undefined) return origin.includes('#') && !/^new |\(\)/.test(origin) ? [origin] : [];
      const binding = one.type === 'Identifier' ? reader.file.tree.bindingOf(one.name, one) : undefined;
      const init = binding?.kind === 'variable' && binding.path.length === 0 ? binding.node.init : undefined;
      if (init) return inside(init);
      return binding?.kind === 'class' || binding?.kind === 'function' ? inside(binding.node) : [];
    }
  }
}
