/**
 * Patterns of paths, as the plan has them: `*` is any part of one name, `**` any number of folders, `{a,b}` either.
 * Hidden files are files like any other. Written here because the expressions that glob libraries make are refused by
 * the cruiser, which takes their nesting for a danger.
 */
export function expressionOf(pattern: string): string {
  const body = pattern.replace(/\*\*\/|\*\*|\*|\?|[{},]|[.+^$()|[\]\\]/g, (token, at: number) => {
    if (token === '**/') return '(|.*/)';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token === '{') return '(';
    if (token === '}') return ')';
    if (token === ',') return inBraces(pattern, at) ? '|' : ',';
    return `\\${token}`;
  });
  return `^${body}$`;
}

/** Whether a path matches one of the patterns. */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  const expressions = patterns.map((pattern) => new RegExp(expressionOf(pattern)));
  return (path) => expressions.some((expression) => expression.test(path));
}

function inBraces(pattern: string, at: number): boolean {
  return pattern.lastIndexOf('{', at) > pattern.lastIndexOf('}', at);
}
