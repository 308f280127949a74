import type { CallExpression, NewExpression, Node } from 'oxc-parser';
import type { SyntaxRule } from '../syntax-rule.js';
import { mayRunText } from './mentions.js';
import { readerOf } from './reader.js';
import { bare, memberName, type Reader, stringsOf } from './reading.js';
import { GAP } from './value.js';

/** What runs a text: where it comes from, and whether a text that nobody can read is refused as well. */
const RUNNERS: ReadonlyMap<string, { readonly strict: boolean }> = new Map<string, { strict: boolean }>([
  ...[
    'eval',
    'Function',
    'new Function',
    // The constructor of asynchronous functions has no name of its own.
    'Object.getPrototypeOf().constructor',
    'new Object.getPrototypeOf().constructor',
    'vm#runInThisContext',
    'vm#runInNewContext',
    'vm#runInContext',
    'vm#compileFunction',
    'new vm#Script',
    'new vm#SourceTextModule',
  ].map((name) => [name, { strict: true }] as const),
  ...[
    'setTimeout',
    'setInterval',
    'new worker_threads#Worker',
    'new Worker',
    'new Blob',
    'new buffer#Blob',
    ...['exec', 'execSync', 'execFile', 'execFileSync', 'spawn', 'spawnSync'].map((name) => `child_process#${name}`),
  ].map((name) => [name, { strict: false }] as const),
]);

const IMPORTS =
  /\bimport\s*(?:\(|["']|[\w{*][^;]*\bfrom\b)|\bexport\b[^;]*\bfrom\b|\brequire\s*(?:\(|\.)|createRequire|getBuiltinModule|\bimportScripts\b|\b_load\s*\(|\bWebSocket\b/;

/** Code that is a text until it runs. */
export const noCodeFromText: SyntaxRule = {
  name: 'no-code-from-text',
  why: 'Code inside a text is seen by no check of types, imports or boundaries.',
  check(file, project) {
    if (!project.isProduction(file.path) || !mayRunText(file.text)) return [];
    const reader = readerOf(file, project);
    const calls = [...file.tree.of('CallExpression'), ...file.tree.of('NewExpression')];
    const texts = calls.flatMap((node) => {
      const runner = runnerOf(node, reader);
      return runner ? [{ node, ...runner }] : [];
    });
    const addresses = file.tree
      .of('ImportExpression')
      .map((node) => ({ node, strict: false, code: [node.source] as readonly Node[], onlyData: true }));
    return [...texts, ...addresses].flatMap(({ node, strict, code, ...rest }) => {
      const found = code.flatMap((one) => stringsIn(one, reader)).map(decoded);
      const isData = 'onlyData' in rest;
      const loads = found.some((text) => IMPORTS.test(text) && (!isData || /^data:/.test(text)));
      const unreadable = strict && found.some((text) => text === GAP);
      if (!loads && !unreadable) return [];
      return [
        {
          file: file.path,
          ...file.lineOf(node.start),
          message: loads
            ? 'A text is run as code, and it loads modules.'
            : 'A text is run as code, and nobody can say before what it does.',
          instead: 'Write the code as code, and what it needs as an import at the top of the file.',
        },
      ];
    });
  },
};

function runnerOf(
  node: CallExpression | NewExpression,
  reader: Reader,
): { strict: boolean; code: readonly Node[] } | undefined {
  const callee = bare(node.callee);
  const name = callee.type === 'MemberExpression' ? memberName(callee, reader) : undefined;
  // Every function knows the constructor of functions.
  if (callee.type === 'MemberExpression' && name === 'constructor' && node.arguments.length > 0) {
    return { strict: false, code: node.arguments };
  }
  const isIndirect = callee.type === 'MemberExpression' && (name === 'call' || name === 'apply');
  const origin = reader.origin(isIndirect ? callee.object : callee);
  if (origin === 'Reflect.construct' || origin === 'Reflect.apply') {
    const target = node.arguments[0] && reader.origin(node.arguments[0]);
    return target === 'Function' || target === 'eval' ? { strict: true, code: node.arguments.slice(1) } : undefined;
  }
  const runner =
    origin === undefined ? undefined : RUNNERS.get(node.type === 'NewExpression' ? `new ${origin}` : origin);
  if (!runner) return undefined;
  const code = node.arguments.slice(isIndirect ? 1 : 0);
  // Of what `new Function` is given, the last is the code.
  return {
    strict: runner.strict,
    code: origin === 'Function' ? code.slice(-1) : runner.strict ? code.slice(0, 1) : code,
  };
}

/** The strings of an argument, and of a list those of its items: `spawn('node', ['-e', code])`. */
function stringsIn(node: Node, reader: Reader): string[] {
  const one = bare(node);
  if (one.type === 'ArrayExpression')
    return one.elements.flatMap((element) => (element ? stringsIn(element, reader) : []));
  return stringsOf(one, reader);
}

/** The code in a `data:` address. */
function decoded(text: string): string {
  const [, base64, data = ''] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(text) ?? [];
  if (data === '') return text;
  try {
    return `data:${base64 ? Buffer.from(data, 'base64').toString('utf8') : decodeURIComponent(data)}`;
  } catch {
    return text;
  }
}
