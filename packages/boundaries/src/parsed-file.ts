import {
  type EcmaScriptModule,
  type OxcError,
  type ParseResult,
  type ParserOptions,
  type Program,
  parseSync,
} from 'oxc-parser';
import { type Tree, treeOf } from './syntax/tree.js';

/** A file that was read. It is parsed when it is first asked for more than its text, and `program` costs most. */
export interface ParsedFile {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** ESTree with TypeScript. Ask for it only where the text may break the rule: it is most of the cost. */
  readonly program: Program;
  /** The nodes of `program` by kind, walked once for all rules. Costs as much again. */
  readonly tree: Tree;
  /** Imports and exports, without the rest of the tree: cheap. */
  readonly module: EcmaScriptModule;
  /** Errors of syntax. What was parsed around them may be incomplete. */
  readonly errors: readonly OxcError[];
  /** Line and column of an offset in `text`, counted from 1. */
  readonly lineOf: (offset: number) => { readonly line: number; readonly column: number };
}

/**
 * The native parser writes down its tree, asked for or not. Without types in it a file takes half the time; imports and
 * errors are the same. Who asks for the tree has the file parsed once more.
 */
const BRIEF: ParserOptions = { astType: 'js' };

/** A file that is parsed when somebody asks for more than its text. Never throws for bad syntax: see `errors`. */
export function parseFile(path: string, text: string): ParsedFile {
  let brief: ParseResult | undefined;
  let full: ParseResult | undefined;
  let program: Program | undefined;
  let tree: Tree | undefined;
  let module: EcmaScriptModule | undefined;
  let starts: number[] | undefined;
  const parsed = (): ParseResult => {
    brief ??= full ?? parse(path, text, BRIEF);
    return brief;
  };
  const programOf = (): Program => {
    full ??= parse(path, text);
    program ??= full.program;
    return program;
  };
  return {
    path,
    text,
    get program() {
      return programOf();
    },
    get tree() {
      tree ??= treeOf(programOf());
      return tree;
    },
    get module() {
      module ??= parsed().module;
      return module;
    },
    get errors() {
      return parsed().errors;
    },
    lineOf(offset) {
      starts ??= lineStarts(text);
      let line = 0;
      let above = starts.length;
      while (above - line > 1) {
        const middle = (line + above) >> 1;
        if ((starts[middle] ?? 0) <= offset) line = middle;
        else above = middle;
      }
      return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
    },
  };
}

/** A script may return at its top where it is a CommonJS module, which nothing but its errors otherwise tell. */
function parse(path: string, text: string, options?: ParserOptions): ParseResult {
  const language = { ...options, ...languageOf(path) };
  if (/\.c[jt]s$/.test(path)) return parseSync(path, text, { sourceType: 'commonjs', ...language });
  const result = parseSync(path, text, { sourceType: 'unambiguous', ...language });
  if (result.errors.length === 0 || result.module.hasModuleSyntax || !/\.[jt]sx?$/.test(path)) return result;
  const script = parseSync(path, text, { sourceType: 'commonjs', ...language });
  return script.errors.length === 0 ? script : result;
}

/** Many a `.js` file holds JSX, for a bundler to read. */
function languageOf(path: string): { lang?: 'jsx' } {
  return /\.[cm]?js$/.test(path) ? { lang: 'jsx' } : {};
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
