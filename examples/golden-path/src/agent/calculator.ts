import { all, create, type MathNode } from 'mathjs/number';
import { toolError } from './tool-error.js';

export interface Calculation {
  readonly expression: string;
  readonly result: number;
  /** The result as a person would write it. */
  readonly formatted: string;
}

export interface Calculator {
  /** @throws ToolError with code EXPRESSION_TOO_LONG, NOT_ARITHMETIC, UNKNOWN_NAME or NO_RESULT. */
  calculate(expression: string): Calculation;
}

const longestExpression = 200;
const mostNodes = 100;

/** Each takes numbers and gives one in constant time: none loops over its input, none makes a list. */
const functions: ReadonlySet<string> = new Set(
  `abs cbrt ceil cos exp floor hypot log log10 log2 max min mod pow round sign sin sqrt tan`.split(' '),
);
const constants: ReadonlySet<string> = new Set(['pi', 'e', 'tau', 'phi']);
const operators: ReadonlySet<string> = new Set(
  'add subtract multiply divide pow mod unaryMinus unaryPlus factorial'.split(' '),
);

/**
 * Refuses whatever is not plain arithmetic on numbers. The library's language also knows lists, ranges, texts, assignments and functions of
 * one's own; `ones(1e5, 1e5)` alone ends the process. What is listed above cannot grow: work is bounded by the length of the text.
 */
function assertArithmetic(root: MathNode): void {
  let nodes = 0;
  root.traverse((node, path, parent) => {
    nodes += 1;
    if (nodes > mostNodes)
      throw toolError('EXPRESSION_TOO_LONG', 'The expression has too many parts; ask for it in pieces.');
    const named = node as MathNode & { name?: string; fn?: string | { name: string }; value?: unknown };
    if (node.type === 'ParenthesisNode' || (node.type === 'ConstantNode' && typeof named.value === 'number')) return;
    if (node.type === 'OperatorNode' && typeof named.fn === 'string' && operators.has(named.fn)) return;
    if (node.type === 'FunctionNode' && functions.has(String(named.name))) return;
    if (node.type === 'SymbolNode') {
      const name = String(named.name);
      if (constants.has(name) || (parent?.type === 'FunctionNode' && path === 'fn' && functions.has(name))) return;
      throw toolError('UNKNOWN_NAME', `"${name}" is neither a number nor a name this calculator knows.`);
    }
    if (node.type === 'FunctionNode')
      throw toolError('UNKNOWN_NAME', `"${String(named.name)}" is not a function this calculator knows.`);
    throw toolError(
      'NOT_ARITHMETIC',
      'Only arithmetic on plain numbers is worked out here: no lists, texts, comparisons or definitions.',
    );
  });
}

export function createCalculator(): Calculator {
  const math = create(all ?? {}, {});

  function parse(expression: string): MathNode {
    if (expression.length > longestExpression) {
      throw toolError(
        'EXPRESSION_TOO_LONG',
        `An expression has at most ${longestExpression} characters; this one has ${expression.length}.`,
      );
    }
    let node: MathNode;
    try {
      node = math.parse(expression);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw toolError('NOT_ARITHMETIC', `"${expression}" cannot be read as arithmetic: ${reason}.`);
    }
    assertArithmetic(node);
    return node;
  }

  return {
    calculate(expression) {
      const result: unknown = parse(expression).evaluate();
      if (typeof result !== 'number' || !Number.isFinite(result)) {
        throw toolError(
          'NO_RESULT',
          `"${expression}" has no finite result${/\/\s*0(?![.\d])/.test(expression) ? ': it divides by zero' : ''}.`,
        );
      }
      return { expression, result, formatted: math.format(result, { precision: 12, lowerExp: -6, upperExp: 15 }) };
    },
  };
}
