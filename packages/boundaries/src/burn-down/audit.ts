// Where sources use what is deprecated, as far as the text shows it.
import type { Node } from 'oxc-parser';
import { entryOf, rowOfExport, rowOfMethod, rowsOf } from '../deprecation-rows.js';
import type { ParsedFile } from '../parsed-file.js';
import { valuesOf } from '../syntax/constant.js';
import { originOf } from '../syntax/origin.js';
import type { Reader } from '../syntax/reading.js';

/** One use of one deprecated thing. */
export interface Use {
  readonly code: string;
  readonly line: number;
  readonly by: 'import' | 'use';
}

/** Whether a file may use anything: whatever else it does, it must name the package. */
export function mayUseDeprecated(text: string): boolean {
  return text.includes('throughline/compat');
}

/** Every use in one file: its imports, the names that they brought, and the methods of managers made here. */
export function auditFile(file: ParsedFile): Use[] {
  const reader: Reader = {
    file,
    values: (node) => valuesOf(node, reader),
    origin: (node) => originOf(node, reader),
    elsewhere: () => undefined,
    text: (node) => file.text.slice(node.start, node.end),
  };
  const uses = new Map<string, Use>();
  const add = (by: Use['by'], node: Node, codes: readonly string[]): void => {
    const { line } = file.lineOf(node.start);
    for (const code of codes) {
      const key = `${code} ${line}`;
      if (!uses.has(key)) uses.set(key, { code, line, by });
    }
  };
  for (const [node, codes] of importsIn(file)) add('import', node, codes);
  for (const node of file.tree.of('Identifier')) {
    if (isReference(node, file)) add('use', node, codesOfName(node, reader));
  }
  for (const node of file.tree.of('MemberExpression')) add('use', node.property, codesOfMember(node, reader));
  return [...uses.values()].sort((a, b) => a.line - b.line || (a.code < b.code ? -1 : 1));
}

/** Statements and calls that name an entry, each with the codes of what it brings. */
function* importsIn({ tree }: ParsedFile): Generator<[Node, string[]]> {
  for (const node of tree.of('ImportDeclaration')) {
    const names = node.specifiers.map((one) => {
      if (one.type === 'ImportNamespaceSpecifier') return undefined;
      return one.type === 'ImportDefaultSpecifier' ? 'default' : nameIn(one.imported);
    });
    yield [node, codesOfNames(node.source.value, names)];
  }
  for (const node of tree.of('ExportNamedDeclaration')) {
    if (node.source) {
      yield [
        node,
        codesOfNames(
          node.source.value,
          node.specifiers.map(({ local }) => nameIn(local)),
        ),
      ];
    }
  }
  for (const node of tree.of('ExportAllDeclaration')) yield [node, codesOfNames(node.source.value, [])];
  for (const node of tree.of('Literal')) {
    if (typeof node.value === 'string' && loads(tree.parentOf(node))) yield [node, codesOfNames(node.value, [])];
  }
}

/** Calls by which a test runner replaces or loads a module. */
const MOCKS = /^(?:(?:do|un|dont)?[mM]ock|(?:import|require)(?:Actual|Mock)|resolve)$/;

/** import(), require(), mocks by path, import('…').Type, import x = require('…'). */
function loads(parent: Node | undefined): boolean {
  if (parent?.type !== 'CallExpression') {
    return (
      parent !== undefined && ['ImportExpression', 'TSImportType', 'TSExternalModuleReference'].includes(parent.type)
    );
  }
  const { callee } = parent;
  if (callee.type === 'Identifier') return callee.name === 'require';
  return (
    callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && MOCKS.test(callee.property.name)
  );
}

/** The codes of what an entry opens under these names; of all of it where a name cannot be told. */
function codesOfNames(specifier: string, names: readonly (string | undefined)[]): string[] {
  const entry = entryOf(specifier);
  if (entry === undefined) return [];
  const all = names.length === 0 || names.includes(undefined);
  const rows = all ? rowsOf(entry) : names.flatMap((name) => rowOfExport(entry, name ?? '') ?? []);
  return rows.map(({ code }) => code);
}

function codesOfName(node: Node & { readonly type: 'Identifier' }, reader: Reader): string[] {
  const binding = reader.file.tree.bindingOf(node.name, node);
  if (binding === undefined) return [];
  if (binding.kind === 'import') return exported(binding.specifier, binding.imported);
  return codesOfOrigin(reader.origin(node));
}

/** `legacy.WebSocketManager`, and methods of what is a manager. */
function codesOfMember(node: Node & { readonly type: 'MemberExpression' }, reader: Reader): string[] {
  const whole = codesOfOrigin(reader.origin(node));
  if (whole.length > 0 || node.computed || node.property.type !== 'Identifier') return whole;
  return isManager(node.object, reader) ? methodCodes(node.property.name) : [];
}

/** What an origin is: an export (`entry#name`), or a method of what an export made (`new entry#name.method`). */
function codesOfOrigin(origin: string | undefined): string[] {
  const [, made, specifier = '', name = '', rest = ''] =
    /^(new )?(@throughline\/compat(?:\/[\w-]+)?)#(\w*)(.*)$/.exec(origin ?? '') ?? [];
  if (made === undefined && rest === '') return name === '' ? [] : exported(specifier, name);
  const method = /^(?:\(\))?(?:\.create(?:Isolated)?Manager\(\))?\.(\w+)$/.exec(rest)?.[1];
  return method !== undefined && exported(specifier, name || 'default').length > 0 ? methodCodes(method) : [];
}

/** A parameter, a variable or `this`, whose type was written down as that of a manager. */
function isManager(node: Node, { file: { tree }, origin }: Reader): boolean {
  const named = (type: Node | null | undefined): boolean =>
    type?.type === 'TSTypeReference' && codesOfType(type.typeName, origin, tree).length > 0;
  if (node.type === 'ThisExpression') {
    for (let above = tree.parentOf(node); above; above = tree.parentOf(above)) {
      if (above.type !== 'ClassDeclaration' && above.type !== 'ClassExpression') continue;
      return above.superClass !== null && codesOfOrigin(origin(above.superClass)).length > 0;
    }
    return false;
  }
  if (node.type !== 'Identifier') return false;
  const binding = tree.bindingOf(node.name, node);
  const declared =
    binding?.kind === 'parameter' ? binding.node : binding?.kind === 'variable' ? binding.node.id : undefined;
  return declared?.type === 'Identifier' && named(declared.typeAnnotation?.typeAnnotation);
}

function codesOfType(name: Node, origin: Reader['origin'], tree: ParsedFile['tree']): string[] {
  if (name.type !== 'Identifier') return [];
  const binding = tree.bindingOf(name.name, name);
  return binding?.kind === 'import' ? exported(binding.specifier, binding.imported) : codesOfOrigin(origin(name));
}

function exported(specifier: string, name: string): string[] {
  const entry = entryOf(specifier);
  const row = entry === undefined ? undefined : rowOfExport(entry, name);
  return row ? [row.code] : [];
}

function methodCodes(name: string): string[] {
  const row = rowOfMethod(name);
  return row ? [row.code] : [];
}

function nameIn(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

/** Whether a name stands for what it is bound to, and is not the name of a member, a key or a specifier. */
function isReference(node: Node, { tree }: ParsedFile): boolean {
  const parent = tree.parentOf(node);
  if (parent === undefined || /^(Import|ExportSpecifier|Label|Break|Continue)/.test(parent.type)) return false;
  const { computed, shorthand, key, property, right } = parent as unknown as Readonly<Record<string, unknown>>;
  if ((key === node && !computed && !shorthand) || (property === node && !computed)) return false;
  return !(parent.type === 'TSQualifiedName' && right === node);
}
