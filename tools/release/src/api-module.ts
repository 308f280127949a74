import ts from 'typescript';
import type { Declarations } from './api-declarations.js';

/** Names that a module takes over from another instead of declaring them. */
export interface TakenOver {
  readonly from: string;
  readonly names: readonly string[];
  /** Taken over as well, while what they are here keeps a name: the same with {@link REAL} behind it. */
  readonly open: readonly string[];
}

/** Behind the name of an open union: what it is now, while everybody who mentions it sees what it was. */
export const REAL = 'AsItIsNow';

/** A module of declarations that opens every name of a report, and in which methods are judged as strictly as functions. */
export function moduleOf({ statements }: Declarations, { from, names, open }: TakenOver): string {
  const taken = new Set([...names, ...open]);
  const shared =
    taken.size === 0
      ? []
      : [`import { ${[...taken].join(', ')} } from '${from}';\nexport { ${[...taken].join(', ')} };`];
  const own = new Set([...statements].flatMap(([name, all]) => (taken.has(name) ? [] : all)));
  const real = open.flatMap((name) =>
    (statements.get(name) ?? []).map((statement) =>
      printed(statement).replace(new RegExp(`\\btype ${name}\\b`), `type ${name}${REAL}`),
    ),
  );
  return [...shared, ...[...own].map(printed), ...real].join('\n');
}

function printed(statement: ts.Statement): string {
  const source = statement.getSourceFile();
  const { transformed } = ts.transform(statement, [strictly]);
  const text = ts
    .createPrinter({ removeComments: true })
    .printNode(ts.EmitHint.Unspecified, transformed[0] ?? statement, source);
  if (ts.isImportDeclaration(statement)) return text + reopened(statement);
  return /^export\b/.test(text) ? text : `export ${text}`;
}

/** What it imports can be a public name. */
function reopened({ importClause }: ts.ImportDeclaration): string {
  const bindings = importClause?.namedBindings;
  const names = [
    ...(importClause?.name ? [importClause.name.text] : []),
    ...(bindings === undefined
      ? []
      : ts.isNamespaceImport(bindings)
        ? [bindings.name.text]
        : bindings.elements.map(({ name }) => name.text)),
  ];
  return names.length === 0 ? '' : `\nexport { ${names.join(', ')} };`;
}

/**
 * Methods as properties with call signatures: TypeScript lets a method take less than the one before and sees nothing wrong.
 * Private members of classes go: nobody can use them, and they make each class a stranger to all others.
 */
const strictly: ts.TransformerFactory<ts.Node> = (context) => {
  const visit = (node: ts.Node): ts.Node => {
    const seen = ts.visitEachChild(node, visit, context);
    const { factory } = context;
    if (ts.isInterfaceDeclaration(seen)) {
      const { modifiers, name, typeParameters, heritageClauses, members } = seen;
      return factory.updateInterfaceDeclaration(
        seen,
        modifiers,
        name,
        typeParameters,
        heritageClauses,
        withoutMethods(members, factory),
      );
    }
    if (ts.isTypeLiteralNode(seen)) {
      return factory.updateTypeLiteralNode(seen, factory.createNodeArray(withoutMethods(seen.members, factory)));
    }
    if (ts.isClassDeclaration(seen)) {
      const { modifiers, name, typeParameters, heritageClauses, members } = seen;
      return factory.updateClassDeclaration(
        seen,
        modifiers,
        name,
        typeParameters,
        heritageClauses,
        members.filter(isOpenMember),
      );
    }
    return seen;
  };
  return (root) => visit(root);
};

function withoutMethods(members: readonly ts.TypeElement[], factory: ts.NodeFactory): ts.TypeElement[] {
  const methods = members.filter(ts.isMethodSignature);
  const names = [...new Set(methods.map(({ name }) => keyOf(name)))];
  const properties = names.map((key) => {
    const overloads = methods.filter(({ name }) => keyOf(name) === key);
    const [first] = overloads as [ts.MethodSignature];
    const calls = overloads.map(({ typeParameters, parameters, type }) =>
      factory.createCallSignature(typeParameters, parameters, type),
    );
    return factory.createPropertySignature(
      undefined,
      first.name,
      first.questionToken,
      factory.createTypeLiteralNode(calls),
    );
  });
  return [...members.filter((member) => !ts.isMethodSignature(member)), ...properties];
}

/** What a member is called: `[Symbol.iterator]` too. */
function keyOf(name: ts.PropertyName): string {
  if (!ts.isComputedPropertyName(name)) return name.text;
  const { expression } = name;
  return ts.isPropertyAccessExpression(expression) ? `[${expression.name.text}]` : '[computed]';
}

function isOpenMember(member: ts.ClassElement): boolean {
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return false;
  const modifiers = ts.canHaveModifiers(member) ? ts.getModifiers(member) : undefined;
  return !modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
}
