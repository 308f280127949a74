import { join } from 'node:path';
import ts from 'typescript';
import type { Declarations } from './api-declarations.js';
import { moduleOf } from './api-module.js';
import type { Pair } from './api-pairs.js';

/** What is put side by side. */
export interface Compared {
  readonly old: Declarations;
  readonly now: Declarations;
  readonly pairs: readonly Pair[];
  /** Names that mean the same in both. */
  readonly same: readonly string[];
  readonly open: readonly string[];
}

export interface Comparison {
  readonly checker: ts.TypeChecker;
  /** Of each pair what it was and what it is. */
  readonly types: readonly (readonly [was: ts.Type, is: ts.Type])[];
}

/** Compares reports; what they import is read once. */
export function createComparer(): (folder: string, compared: Compared) => Comparison {
  const libraries = new Map<string, ts.SourceFile | undefined>();
  return (folder, { old, now, pairs, same, open }) => {
    const [before, after, together] = ['before.d.ts', 'after.d.ts', 'pairs.ts'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const texts = new Map([
      [before, moduleOf(old, { from: './before.js', names: [], open: [] })],
      [after, moduleOf(now, { from: './before.js', names: same, open })],
      [together, pairsModule(pairs)],
    ]);
    const program = ts.createProgram([together], compilerOptions, hostOf(texts, libraries));
    const checker = program.getTypeChecker();
    const source = program.getSourceFile(together);
    const [trouble] = program.getSemanticDiagnostics(source);
    // What cannot be read is of any type, and would fit everything.
    if (trouble !== undefined) throw new Error(ts.flattenDiagnosticMessageText(trouble.messageText, '\n'));
    const aliases = source === undefined ? [] : source.statements.filter(ts.isTypeAliasDeclaration);
    const types = aliases.map(({ type }) => {
      if (!ts.isTupleTypeNode(type)) throw new Error(`${type.getText()} is no pair.`);
      const [was, is] = type.elements.map((element) => checker.getTypeFromTypeNode(element)) as [ts.Type, ts.Type];
      return [was, is] as const;
    });
    return { checker, types };
  };
}

function pairsModule(pairs: readonly Pair[]): string {
  const imports = "import type * as Before from './before.js';\nimport type * as After from './after.js';\n";
  return imports + pairs.map(({ text }, index) => `export type Pair${index} = ${text};\n`).join('');
}

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
};

/** The disk, with a few files that are not on it. */
function hostOf(
  texts: ReadonlyMap<string, string>,
  libraries: Map<string, ts.SourceFile | undefined>,
): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions);
  const { getSourceFile, fileExists, readFile } = host;
  return {
    ...host,
    fileExists: (file) => texts.has(file) || fileExists(file),
    readFile: (file) => texts.get(file) ?? readFile(file),
    getSourceFile: (file, options, ...rest) => {
      const text = texts.get(file);
      if (text !== undefined) return ts.createSourceFile(file, text, options);
      if (!libraries.has(file)) libraries.set(file, getSourceFile(file, options, ...rest));
      return libraries.get(file);
    },
  };
}
