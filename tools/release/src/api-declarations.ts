import ts from 'typescript';

/** What a report of an entry declares, name by name. */
export interface Declarations {
  /** Every top-level name, with its statements in their order: overloads, a type beside a value of the same name. */
  readonly statements: ReadonlyMap<string, readonly ts.Statement[]>;
  /** What each public name is called inside; they differ only where the entry renames. */
  readonly opened: ReadonlyMap<string, string>;
  /** Public names whose author says that they may change in any version. */
  readonly experimental: ReadonlySet<string>;
  /** Public names that said they were deprecated. */
  readonly deprecated: ReadonlySet<string>;
}

/**
 * Reads the declarations of a report.
 *
 * @throws when it holds none: an empty report would let everything pass
 */
export function readDeclarations(report: string): Declarations {
  const code = /^```ts\n([\s\S]*?)^```$/m.exec(report)?.[1];
  if (code === undefined) throw new Error('No declarations: this is no API report. Run: npm run api');
  const file = ts.createSourceFile('report.d.ts', code, ts.ScriptTarget.ES2022, true);
  const statements = new Map<string, ts.Statement[]>();
  const opened = new Map<string, string>();
  const marked = { experimental: new Set<string>(), deprecated: new Set<string>() };
  for (const statement of file.statements) {
    if (ts.isExportAssignment(statement)) opened.set('default', statement.expression.getText());
    if (ts.isExportDeclaration(statement)) for (const [name, inside] of renamed(statement)) opened.set(name, inside);
    for (const name of declaredNames(statement)) {
      const text = file.text.slice(statement.getFullStart(), statement.getStart());
      statements.set(name, [...(statements.get(name) ?? []), statement]);
      if (isExported(statement)) opened.set(name, name);
      if (/@(experimental|alpha|beta|internal)\b/.test(text)) marked.experimental.add(name);
      if (/@deprecated\b/.test(text)) marked.deprecated.add(name);
    }
  }
  if (opened.size === 0) throw new Error('The report opens no name. Run: npm run api');
  const outside = (names: ReadonlySet<string>): Set<string> =>
    new Set([...opened].flatMap(([name, inside]) => (names.has(inside) ? [name] : [])));
  return {
    statements,
    opened,
    experimental: outside(marked.experimental),
    deprecated: outside(marked.deprecated),
  };
}

function renamed({ exportClause }: ts.ExportDeclaration): [name: string, inside: string][] {
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return [];
  return exportClause.elements.map(({ name, propertyName }) => [name.text, (propertyName ?? name).text]);
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  if (ts.isImportDeclaration(statement)) return importedNames(statement);
  const named = statement as ts.Statement & { readonly name?: ts.Node };
  return named.name !== undefined && ts.isIdentifier(named.name) ? [named.name.text] : [];
}

function importedNames({ importClause }: ts.ImportDeclaration): string[] {
  const bindings = importClause?.namedBindings;
  const own = importClause?.name === undefined ? [] : [importClause.name.text];
  if (bindings === undefined) return own;
  return [
    ...own,
    ...(ts.isNamespaceImport(bindings) ? [bindings.name.text] : bindings.elements.map(({ name }) => name.text)),
  ];
}

/** The text of a name and of everything that it mentions, however far away: equal texts promise the same. */
export function closureOf({ statements }: Declarations, name: string): string {
  const seen = new Set<string>();
  const visit = (one: string): void => {
    if (seen.has(one) || !statements.has(one)) return;
    seen.add(one);
    for (const statement of statements.get(one) ?? [])
      for (const mentioned of identifiersOf(statement)) visit(mentioned);
  };
  visit(name);
  return [...seen]
    .sort()
    .flatMap((one) => (statements.get(one) ?? []).map((statement) => statement.getText()))
    .join('\n');
}

function identifiersOf(node: ts.Node): string[] {
  const found: string[] = [];
  const visit = (one: ts.Node): void => {
    if (ts.isIdentifier(one)) found.push(one.text);
    ts.forEachChild(one, visit);
  };
  visit(node);
  return found;
}
