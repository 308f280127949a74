import ts from 'typescript';

/** What waits for time alone: the timers of the platform, and those of core's scheduler. */
const TIMERS = new Set(['setTimeout', 'setInterval', 'after', 'every']);

/**
 * Finds the sleeps in a module, as `file:line: what`. A sleep is a promise that only the passing of time resolves. It
 * stands for a state that was not made explicit, and is either too short or too long. A deadline is not a sleep: there
 * something else resolves the promise as well, or time rejects it or resolves it with a verdict (`resolve(false)`).
 */
export function findSleeps(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const what = sleepIn(node);
    if (what !== undefined)
      found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${what}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function sleepIn(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) && /^(node:)?timers\/promises$/.test(node.text)) return 'timers/promises';
  if (ts.isNewExpression(node) && resolvesByTimeAlone(node)) return 'a promise that only a timer resolves';
  if (!ts.isCallExpression(node)) return undefined;
  const [first] = node.arguments;
  if (nameOf(node.expression) === 'promisify' && first && TIMERS.has(nameOf(first))) return 'a promisified timer';
  if (node.expression.getText() === 'Atomics.wait') return 'Atomics.wait';
  return undefined;
}

function resolvesByTimeAlone({
  expression,
  arguments: [executor] = ts.factory.createNodeArray(),
}: ts.NewExpression): boolean {
  if (nameOf(expression) !== 'Promise' || !executor || !isFunction(executor)) return false;
  const resolve = executor.parameters[0]?.name;
  if (resolve === undefined || !ts.isIdentifier(resolve)) return false;
  const uses = usesOf(resolve.text, executor.body);
  return uses.length > 0 && uses.every((use) => isInsideTimer(use, executor) && !givesVerdict(use));
}

function isFunction(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

function usesOf(name: string, node: ts.Node): ts.Node[] {
  const own = ts.isIdentifier(node) && node.text === name ? [node] : [];
  return [...own, ...node.getChildren().flatMap((child) => usesOf(name, child))];
}

function isInsideTimer(node: ts.Node, limit: ts.Node): boolean {
  if (node === limit) return false;
  const isTimer = ts.isCallExpression(node.parent) && TIMERS.has(nameOf(node.parent.expression));
  return isTimer || isInsideTimer(node.parent, limit);
}

function givesVerdict(resolve: ts.Node): boolean {
  const { parent } = resolve;
  if (!ts.isCallExpression(parent) || parent.expression !== resolve) return false;
  return parent.arguments.some((argument) => nameOf(argument) !== 'undefined');
}

/** The last name in `a`, `b.a` and `c.b.a`. */
function nameOf(node: ts.Node): string {
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  return ts.isIdentifier(node) ? node.text : '';
}
