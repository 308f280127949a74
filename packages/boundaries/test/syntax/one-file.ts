import { DEFAULT_PLAN } from '../../src/default-plan.js';
import type { Import } from '../../src/graph.js';
import { parseFile } from '../../src/parsed-file.js';
import { productionTest } from '../../src/production.js';
import type { Project } from '../../src/project.js';
import { readerOf } from '../../src/syntax/reader.js';
import type { Reader } from '../../src/syntax/reading.js';
import type { Finding, SyntaxRule } from '../../src/syntax-rule.js';

/** A project of a few files that import each other by relative paths, without a disk. */
export function projectOf(
  files: Readonly<Record<string, string>>,
  imports: Readonly<Record<string, readonly Import[]>> = {},
): Project {
  return {
    plan: DEFAULT_PLAN,
    workspaces: [],
    workspaceOf: () => undefined,
    graph: { modules: new Map(Object.keys(files).map((path) => [path, imports[path] ?? []])) },
    isProduction: productionTest(DEFAULT_PLAN, []),
    entriesOfInstalled: () => undefined,
    read: (path) => files[path],
    parse: (path) => (files[path] === undefined ? undefined : parseFile(path, files[path])),
  } satisfies Project;
}

/** An import of one file by another of {@link projectOf}. */
export function importOf(specifier: string, to: string, kinds: readonly string[] = ['local']): Import {
  return { specifier, to, resolved: true, typeOnly: false, kinds };
}

/** What one rule says of one file. */
export function findings(rule: SyntaxRule, text: string, path = 'src/file.ts'): Finding[] {
  return rule.check(parseFile(path, text), projectOf({ [path]: text }));
}

/** {@link findings}, as lines. */
export function lines(rule: SyntaxRule, text: string, path = 'src/file.ts'): string[] {
  return findings(rule, text, path).map(({ line, message }) => `${line}: ${message}`);
}

/** A reader of one file and the value of its last statement. */
export function lastExpression(
  text: string,
  path = 'src/file.ts',
): { reader: Reader; node: Parameters<Reader['origin']>[0] } {
  const file = parseFile(path, text);
  const last = file.program.body.at(-1);
  if (last?.type !== 'ExpressionStatement') throw new Error('The last statement must be an expression.');
  return { reader: readerOf(file, projectOf({ [path]: text })), node: last.expression };
}
