import ts from 'typescript';
import type { Declarations } from './api-declarations.js';

/** Which way values of a type go: to those who use the entry, from them, or both. */
export interface Direction {
  readonly given: boolean;
  readonly taken: boolean;
}

/** The directions of all types that values of an entry mention: results are given, parameters are taken. */
export function directionsOf({ statements, opened }: Declarations): ReadonlyMap<string, Direction> {
  const directions = new Map<string, Direction>();
  const enter = (name: string, given: boolean): void => {
    const known = directions.get(name) ?? { given: false, taken: false };
    if ((given ? known.given : known.taken) || !statements.has(name)) return;
    directions.set(name, { given: known.given || given, taken: known.taken || !given });
    for (const statement of statements.get(name) ?? []) visit(statement, given);
  };
  const visit = (node: ts.Node, given: boolean): void => {
    if (ts.isParameter(node)) {
      if (node.type !== undefined) visit(node.type, !given);
      return;
    }
    if (ts.isTypeParameterDeclaration(node)) return;
    if (ts.isTypeReferenceNode(node) || ts.isTypeQueryNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const named = ts.isTypeReferenceNode(node)
        ? node.typeName
        : ts.isTypeQueryNode(node)
          ? node.exprName
          : node.expression;
      if (ts.isIdentifier(named)) enter(named.text, given);
    }
    ts.forEachChild(node, (child) => visit(child, given));
  };
  for (const inside of opened.values()) {
    if (statements.get(inside)?.some(isValue)) enter(inside, true);
  }
  return directions;
}

/** Whether it is there at run time. */
export function isValue(statement: ts.Statement): boolean {
  return ts.isVariableStatement(statement) || ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
}

/** Whether it can be written where a type is wanted. A class counts as a value: what it makes is judged with it. */
export function isType(statement: ts.Statement): statement is ts.InterfaceDeclaration | ts.TypeAliasDeclaration {
  return ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
}
