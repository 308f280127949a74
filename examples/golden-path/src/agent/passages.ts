import { marked, type Token, type Tokens } from 'marked';

/** A piece of a file small enough to quote: a paragraph, a list item, a table row, a doc comment with what it documents. */
export interface Passage {
  readonly path: string;
  /** 1-based, inclusive. */
  readonly first_line: number;
  readonly last_line: number;
  /** The headings above it, outermost first; of a source file: empty. */
  readonly headings: readonly string[];
  readonly kind: 'paragraph' | 'item' | 'row' | 'code';
  /** What a row's columns are called: "close code" says what 4401 is. */
  readonly columns?: string;
  /** What it names first, when it defines something: a row's first cell, an item's bold words, a declaration's name. */
  readonly lead?: string;
  /** Readable text; inline code keeps its backticks. */
  readonly text: string;
}

interface Place {
  readonly path: string;
  readonly headings: readonly string[];
  readonly line: number;
}

const countLines = (text: string): number => text.split('\n').length - 1;

/** Inline Markdown without what would only disturb a quotation: links, emphasis, line breaks. */
function plain(inline: string): string {
  return inline
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\*\*|__/g, '')
    .replace(/(^|[\s(])[*_](\S(?:[^*_\n]*\S)?)[*_](?=[\s).,;:!?]|$)/g, '$1$2')
    .replace(/\\([|*_`<>])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

/** `**Upgrade**: …` and `Upgrade: …` name what they are about before they say it. */
function leadOf(inline: string): string | undefined {
  const bold = /^\*\*(.{1,60}?)\*\*/.exec(inline)?.[1] ?? /^(`[^`]{1,60}`)\s*[:–—-]/.exec(inline)?.[1];
  return bold === undefined ? undefined : plain(bold).replace(/[.:]$/, '');
}

function passage(place: Place, raw: string, kind: Passage['kind'], inline: string, lead?: string): Passage {
  const body = raw.replace(/\n+$/, '');
  const found = lead ?? leadOf(inline);
  return {
    path: place.path,
    first_line: place.line,
    last_line: place.line + countLines(body),
    headings: place.headings,
    kind,
    text: plain(inline),
    ...(found === undefined ? {} : { lead: found }),
  };
}

/** `| 4401 | signed out | after refresh |` reads "4401: signed out (client's rule: after refresh)". */
function rowText(headers: readonly string[], cells: readonly string[]): string {
  const [first = '', second = '', ...others] = cells;
  const rest = others.flatMap((cell, index) => (cell === '' ? [] : [`${headers[index + 2] ?? ''}: ${cell}`]));
  return `${first}: ${second}${rest.length === 0 ? '' : ` (${rest.join('; ')})`}`;
}

function rowPassages(table: Tokens.Table, place: Place): Passage[] {
  const headers = table.header.map((cell) => plain(cell.text));
  const columns = headers.slice(0, 2).filter(Boolean).join(', ');
  return table.rows.map((row, index) => {
    const cells = row.map((cell) => plain(cell.text));
    return {
      ...passage({ ...place, line: place.line + 2 + index }, '', 'row', rowText(headers, cells), cells[0]),
      columns,
    };
  });
}

/** Where a list inside an item begins, counted in the item's own characters. */
function nestedAt(item: Tokens.ListItem): { list: Tokens.List; at: number } | undefined {
  const list = item.tokens.find((token): token is Tokens.List => token.type === 'list');
  if (list === undefined) return undefined;
  return { list, at: Math.max(0, item.raw.indexOf(list.raw.split('\n')[0] ?? '')) };
}

function itemPassages(list: Tokens.List, place: Place): Passage[] {
  const found: Passage[] = [];
  let line = place.line;
  for (const item of list.items) {
    const own = item.tokens.filter((token) => token.type === 'text' || token.type === 'paragraph');
    const inline = own.map((token) => ('text' in token ? String(token.text) : '')).join(' ');
    const nested = nestedAt(item);
    found.push(passage({ ...place, line }, item.raw.slice(0, nested?.at), 'item', inline));
    if (nested !== undefined) {
      found.push(...itemPassages(nested.list, { ...place, line: line + countLines(item.raw.slice(0, nested.at)) }));
    }
    line += countLines(item.raw.endsWith('\n') ? item.raw : `${item.raw}\n`);
  }
  return found;
}

function blockPassages(token: Token, place: Place): Passage[] {
  if (token.type === 'table') return rowPassages(token as Tokens.Table, place);
  if (token.type === 'list') return itemPassages(token as Tokens.List, place);
  if (token.type === 'paragraph') return [passage(place, token.raw, 'paragraph', (token as Tokens.Paragraph).text)];
  if (token.type === 'blockquote') return [passage(place, token.raw, 'paragraph', token.raw.replace(/^> ?/gm, ''))];
  if (token.type === 'code') return [{ ...passage(place, token.raw, 'code', ''), text: (token as Tokens.Code).text }];
  return [];
}

/** The quotable pieces of a Markdown file. `marked` gives each block's own characters, and their sum is the file: so lines can be counted. */
export function markdownPassages(path: string, markdown: string): Passage[] {
  const found: Passage[] = [];
  let line = 1;
  let headings: string[] = [];
  for (const token of marked.lexer(markdown)) {
    if (token.type === 'heading') {
      const heading = token as Tokens.Heading;
      headings = [...headings.slice(0, heading.depth - 1), plain(heading.text)];
    } else {
      found.push(...blockPassages(token, { path, headings, line }));
    }
    line += countLines(token.raw);
  }
  return found.filter(({ text }) => text !== '');
}
