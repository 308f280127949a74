import type { Node } from 'oxc-parser';
import type { ParsedFile } from '../parsed-file.js';
import { GAP, textOf, type Value } from './value.js';

/** Says of an expression what it may be. */
export interface Reader {
  readonly file: ParsedFile;
  /** Every value that the expression may have, `UNKNOWN` among them where one cannot be told. */
  readonly values: (node: Node) => readonly Value[];
  /**
   * Where what the expression names comes from, whatever it is called here: `require`, `import.meta.resolve`,
   * `ws#WebSocketServer`, `child_process#fork`; `ws#` for the whole module, `new ws#WebSocketServer` for an instance.
   */
  readonly origin: (node: Node) => string | undefined;
  /** A reader of the module that an import of this file leads to. */
  readonly elsewhere: (specifier: string) => Reader | undefined;
  readonly text: (node: Node) => string;
}

/** The expression inside parentheses, assertions of type and optional chains. */
export function bare(node: Node): Node {
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'TSInstantiationExpression':
    case 'ChainExpression':
      return bare(node.expression);
    default:
      return node;
  }
}

/** The strings that an expression may be, with {@link GAP} for what is unknown: an unknown value is a gap alone. */
export function stringsOf(node: Node, reader: Reader): string[] {
  return [...new Set(reader.values(node).map(textOf))];
}

/** The one string that an expression is, or undefined. */
export function stringOf(node: Node, reader: Reader): string | undefined {
  const [only, ...others] = stringsOf(node, reader);
  return others.length > 0 || only === undefined || only.includes(GAP) ? undefined : only;
}

/** The name of a member, also where it is computed: `a.b`, `a['b']`, `a[name]`. */
export function memberName(node: Node, reader: Reader): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  if (node.computed) return stringOf(node.property, reader);
  return node.property.type === 'PrivateIdentifier' ? `#${node.property.name}` : node.property.name;
}
