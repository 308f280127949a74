import type { Node } from 'oxc-parser';
import { type ParsedFile, parseFile } from '../parsed-file.js';

/** A string in a file of JSON. */
export interface JsonString {
  /** The keys that lead to it; items of lists have none. */
  readonly path: readonly string[];
  readonly value: string;
  readonly line: number;
  readonly column: number;
}

/** All strings of a JSON text, which may hold comments and commas too many: it is read as the JavaScript that it is. */
export function stringsOfJson(path: string, text: string): JsonString[] {
  const file = parseFile(`${path}.js`, `(${text.replace(/^\uFEFF/, '')}\n)`);
  const [statement] = file.program.body;
  return statement?.type === 'ExpressionStatement' ? [...stringsIn(statement.expression, [], file)] : [];
}

function* stringsIn(node: Node, path: readonly string[], file: ParsedFile): Generator<JsonString> {
  switch (node.type) {
    case 'ParenthesizedExpression':
      yield* stringsIn(node.expression, path, file);
      break;
    case 'ObjectExpression':
      for (const property of node.properties) {
        if (property.type !== 'Property' || property.key.type !== 'Literal') continue;
        yield* stringsIn(property.value, [...path, String(property.key.value)], file);
      }
      break;
    case 'ArrayExpression':
      for (const element of node.elements) if (element) yield* stringsIn(element, path, file);
      break;
    case 'Literal': {
      if (typeof node.value !== 'string') break;
      const { line, column } = file.lineOf(node.start);
      yield { path, value: node.value, line, column: line === 1 ? column - 1 : column };
      break;
    }
    default:
      break;
  }
}
