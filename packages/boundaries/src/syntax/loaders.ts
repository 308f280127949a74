import type { CallExpression, ImportExpression, NewExpression, Node } from 'oxc-parser';
import { bare, memberName, type Reader } from './reading.js';

/** A place that loads a module, or says where one lies. */
export interface Load {
  readonly node: Node;
  /** What it loads, as it is written. */
  readonly specifier: Node;
  /** What a message calls it: `import()`, `createRequire`, `vi.mock`. */
  readonly by: string;
  /** Whether the module runs: `require.resolve` only answers with a path. */
  readonly runs: boolean;
}

/** What loads, by where it comes from, and which argument says what. */
const LOADERS: ReadonlyMap<string, { readonly at: number; readonly runs: boolean }> = new Map<
  string,
  { at: number; runs: boolean }
>([
  ...['require', 'module#_load', 'System.import', 'importScripts'].map(
    (name) => [name, { at: 0, runs: true }] as const,
  ),
  ...[
    'require.resolve',
    'import.meta.resolve',
    'import.meta.glob',
    'module#_resolveFilename',
    'module#register',
    'child_process#fork',
    'new worker_threads#Worker',
    'new Worker',
    'new SharedWorker',
    ...['mock', 'doMock', 'unmock', 'importActual', 'importMock', 'requireActual', 'requireMock', 'setMock'].flatMap(
      (name) => [
        `vi.${name}`,
        `vitest#vi.${name}`,
        `vitest#vitest.${name}`,
        `jest.${name}`,
        `@jest/globals#jest.${name}`,
      ],
    ),
    'jest.unstable_mockModule',
    '@jest/globals#jest.unstable_mockModule',
    'test#mock.module',
    'proxyquire#',
    'esmock#',
    'rewire#',
  ].map((name) => [name, { at: 0, runs: false }] as const),
  ['process.dlopen', { at: 1, runs: false }],
]);

/** Every place of a file that loads a module, of whatever form but a statement. */
export function* loadsOf(reader: Reader): Generator<Load> {
  const { tree } = reader.file;
  for (const node of tree.of('ImportExpression')) yield ofImport(node);
  for (const node of tree.of('CallExpression')) {
    const found = ofCall(node, reader);
    if (found) yield found;
  }
  for (const node of tree.of('NewExpression')) {
    const found = ofNew(node, reader);
    if (found) yield found;
  }
  for (const node of tree.of('TSModuleDeclaration')) {
    if (node.id.type === 'Literal') yield { node, specifier: node.id, by: 'declare module', runs: false };
  }
}

function ofImport(node: ImportExpression): Load {
  return { node, specifier: node.source, by: 'import()', runs: true };
}

function ofCall(node: CallExpression, reader: Reader): Load | undefined {
  const callee = bare(node.callee);
  const name = memberName(callee, reader);
  const isIndirect = callee.type === 'MemberExpression' && (name === 'call' || name === 'apply');
  const [first, second, third] = node.arguments;
  if (first && reader.origin(callee) === 'Reflect.apply')
    return loading(node, reader.origin(first), elementOf(third), reader);
  const origin = reader.origin(isIndirect ? callee.object : callee);
  if (origin === undefined) return undefined;
  const argument = isIndirect ? (name === 'apply' ? elementOf(second) : second) : undefined;
  return loading(node, origin, argument, reader);
}

function ofNew(node: NewExpression, reader: Reader): Load | undefined {
  const origin = reader.origin(node.callee);
  return origin === undefined ? undefined : loading(node, `new ${origin}`, undefined, reader);
}

function loading(
  node: CallExpression | NewExpression,
  origin: string | undefined,
  argument: Node | undefined,
  reader: Reader,
): Load | undefined {
  const loader = origin === undefined ? undefined : LOADERS.get(origin);
  const specifier = loader && (argument ?? node.arguments[loader.at]);
  if (!loader || !specifier) return undefined;
  return { node, specifier, by: reader.text('callee' in node ? node.callee : node), runs: loader.runs };
}

/** The first of the arguments that `apply` is given as a list. */
function elementOf(list: Node | undefined): Node | undefined {
  return list?.type === 'ArrayExpression' ? (list.elements[0] ?? undefined) : list;
}
