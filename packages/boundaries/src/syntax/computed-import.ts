import type { Node } from 'oxc-parser';
import type { ParsedFile } from '../parsed-file.js';
import type { Project } from '../project.js';
import type { Finding, SyntaxRule } from '../syntax-rule.js';
import { staysClear } from './forbidden.js';
import { loadsOf } from './loaders.js';
import { mayLoad } from './mentions.js';
import { readerOf } from './reader.js';
import { type Reader, stringsOf } from './reading.js';
import { GAP } from './value.js';

const INSTEAD =
  "Write the names down: a table such as { pdf: () => import('./pdf.js') }, or a path that begins with a fixed folder: import('./formats/' + name + '.js').";

/** A module whose name is made up while the program runs. */
export const noComputedImport: SyntaxRule = {
  name: 'no-computed-import',
  why: 'Nobody can say before it runs what it loads, so no rule about imports holds for it.',
  check(file, project) {
    if (!project.isProduction(file.path) || !mayLoad(file.text)) return [];
    const reader = readerOf(file, project);
    const found: Finding[] = [];
    for (const { node, specifier, by, runs } of loadsOf(reader)) {
      if (!runs || stringsOf(specifier, reader).every((text) => !text.includes(GAP) || staysClear(text, project)))
        continue;
      found.push(
        finding(file, node, `What ${by} loads here is computed: ${shortened(reader.text(specifier))}.`, INSTEAD),
      );
    }
    return [...found, ...handedOn(reader, project)];
  },
};

/** A loader that leaves the place where its calls can be read. */
function* handedOn(reader: Reader, { isProduction }: Project): Generator<Finding> {
  const { file } = reader;
  const { tree } = file;
  if (!isProduction(file.path)) return;
  const loaders: Node[] = [
    ...tree.of('Identifier').filter(({ name }) => name === 'require'),
    ...tree.of('CallExpression').filter(({ callee }) => reader.origin(callee) === 'module#createRequire'),
    ...tree
      .of('CallExpression')
      .filter((node) => node.callee.type === 'MemberExpression' && reader.origin(node) === 'require'),
  ];
  for (const node of new Set(loaders)) {
    if (reader.origin(node) !== 'require' || !leaves(node, reader)) continue;
    yield finding(
      file,
      node,
      `A function that loads modules is handed on: ${shortened(reader.text(node))}.`,
      'Call it here, with the name written down, and hand on what it loads.',
    );
  }
  for (const node of tree.of('CallExpression')) {
    if (reader.origin(node.callee) !== 'module#registerHooks') continue;
    yield finding(file, node, 'Hooks change where imports lead.', 'Import the module itself, by its own name.');
  }
}

function leaves(node: Node, { file: { tree } }: Reader): boolean {
  const parent = tree.parentOf(node);
  switch (parent?.type) {
    case 'CallExpression':
    case 'NewExpression':
      return parent.arguments.some((argument) => argument === node) && !isReflected(parent);
    case 'Property':
      return parent.value === node && !parent.computed && tree.parentOf(parent)?.type === 'ObjectExpression';
    case 'ReturnStatement':
    case 'ExportDefaultDeclaration':
    case 'ArrayExpression':
    case 'PropertyDefinition':
    case 'ExportSpecifier':
    case 'SpreadElement':
      return true;
    case 'AssignmentPattern':
      return parent.right === node;
    case 'AssignmentExpression':
      return parent.right === node && parent.left.type === 'MemberExpression';
    case 'VariableDeclarator': {
      const statement = tree.parentOf(parent);
      return statement !== undefined && tree.parentOf(statement)?.type === 'ExportNamedDeclaration';
    }
    default:
      return false;
  }
}

/** `Reflect.apply(require, …)` is read as the load that it is. */
function isReflected(call: Node): boolean {
  if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return false;
  return call.callee.object.type === 'Identifier' && call.callee.object.name === 'Reflect';
}

function finding(file: ParsedFile, node: Node, message: string, instead: string): Finding {
  return { file: file.path, ...file.lineOf(node.start), message, instead };
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}
