import type { Corpus, CorpusFile } from './corpus.js';
import type { Passage } from './passages.js';

/** A part of a file, by the line it begins on. */
export interface OutlineEntry {
  readonly line: number;
  readonly title: string;
}

export interface Outline {
  /** A page's headings, or a module's exports. */
  readonly entries: readonly OutlineEntry[];
  /** The first thing the file says in sentences. */
  readonly opening: Passage | undefined;
}

function headingsOf(lines: readonly string[]): OutlineEntry[] {
  let fenced = false;
  return lines.flatMap((text, index): OutlineEntry[] => {
    if (/^\s*(?:```|~~~)/.test(text)) fenced = !fenced;
    const title = fenced ? undefined : /^#{1,3}\s+(.+?)\s*#*$/.exec(text)?.[1];
    return title === undefined ? [] : [{ line: index + 1, title }];
  });
}

function exportsOf(lines: readonly string[]): OutlineEntry[] {
  return lines.flatMap((text, index): OutlineEntry[] => {
    const name = /^export\s+(?:async\s+)?(?:function\*?|const|interface|type|class)\s+([\w$]+)/.exec(text)?.[1];
    return name === undefined ? [] : [{ line: index + 1, title: `\`${name}\`` }];
  });
}

export function outlineOf(file: CorpusFile, corpus: Pick<Corpus, 'passages'>): Outline {
  return {
    entries: file.path.endsWith('.md') ? headingsOf(file.lines) : exportsOf(file.lines),
    opening: corpus.passages.find(({ path, kind }) => path === file.path && kind === 'paragraph'),
  };
}
