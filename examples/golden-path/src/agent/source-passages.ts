import type { Passage } from './passages.js';

/** A declaration longer than this is quoted by its beginning. */
const longestDeclaration = 24;

const declared =
  /^(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:async\s+)?(?:function\*?|const|interface|type|class|let)\s+([\w$]+)/m;

/** The words of a doc or line comment, without its stars and slashes, as far as they are sentences: not its list of parameters. */
function commentText(lines: readonly string[]): string {
  return lines
    .map((line) =>
      line
        .replace(/^\s*(?:\/\*\*?|\*\/|\*|\/\/)\s?/, '')
        .replace(/\*\/\s*$/, '')
        .trim(),
    )
    .join(' ')
    .replace(/(?<=\S)\s+@\w+\s.*$/, '')
    .replace(/^@\w+\s+/, '')
    .replace(/\{@link\s+([^}]+)\}/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

const isComment = (line: string): boolean => /^\s*(?:\/\*\*?|\*|\/\/)/.test(line);

interface Block {
  readonly first: number;
  readonly lines: readonly string[];
}

/** Splits at each doc comment or blank line, so that a comment stays with what it speaks of. */
function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let current: string[] = [];
  let first = 1;
  const close = (next: number): void => {
    if (current.some((line) => line.trim() !== '')) blocks.push({ first, lines: current });
    current = [];
    first = next;
  };
  lines.forEach((line, index) => {
    const before = lines[index - 1] ?? '';
    if (line.trim() === '') close(index + 2);
    else {
      if (/^\s*\/\*\*/.test(line) && !isComment(before)) close(index + 1);
      current.push(line);
    }
  });
  close(lines.length + 1);
  return blocks;
}

/** The quotable pieces of a TypeScript file: what its comments say, and the declarations they stand above. */
export function sourcePassages(path: string, source: string): Passage[] {
  return blocksOf(source.split('\n')).flatMap(({ first, lines }): Passage[] => {
    if (lines.every((line) => /^\s*(?:import\b|[})\];,]+\s*$)/.test(line))) return [];
    const end = lines.findIndex((line) => !isComment(line));
    const comment = commentText(end === -1 ? lines : lines.slice(0, end));
    const code = end === -1 ? [] : lines.slice(end, end + longestDeclaration);
    const name = declared.exec(code[0] ?? '')?.[1] ?? /^\s*(?:readonly\s+)?([\w$]+)\??\s*[(:]/.exec(code[0] ?? '')?.[1];
    const lead = name === undefined ? {} : { lead: name };
    const place = { path, headings: [], first_line: first };
    if (comment !== '')
      return [
        {
          ...place,
          ...lead,
          last_line: first + (end === -1 ? lines.length - 1 : end),
          kind: 'paragraph',
          text: comment,
        },
      ];
    return [{ ...place, ...lead, last_line: first + code.length - 1, kind: 'code', text: code.join('\n') }];
  });
}
