import { posix } from 'node:path';
import type { Corpus, CorpusFile } from './corpus.js';
import { toolError } from './tool-error.js';

/** Part of a file, with the lines it stands on (1-based, inclusive). */
export interface FileExcerpt {
  readonly path: string;
  readonly first_line: number;
  readonly last_line: number;
  readonly total_lines: number;
  readonly text: string;
}

export interface FileReader {
  /**
   * @throws ToolError with code PATH_OUTSIDE (leads out of the repository or is absolute) or FILE_NOT_FOUND (not one of the researcher's files;
   * its message then names the nearest one there is).
   */
  read(path: string, lines?: { readonly first: number; readonly last: number }): FileExcerpt;
}

/** An event carries at most 256 KiB; a result that a person reads is far smaller. */
const longestText = 16_000;

/** The file whose name is most like the one asked for: the same name elsewhere, else a name that contains it. */
function nearest(files: Corpus['files'], path: string): string | undefined {
  const wanted = posix.basename(path).toLowerCase();
  const stem = wanted.replace(/\.\w+$/, '');
  const paths = [...files.keys()];
  return (
    paths.find((candidate) => posix.basename(candidate).toLowerCase() === wanted) ??
    (stem.length < 3 ? undefined : paths.find((candidate) => posix.basename(candidate).toLowerCase().includes(stem)))
  );
}

/** Whole lines up to the limit, so that what is cited is what was read. */
function excerpt(file: CorpusFile, first: number, last: number): FileExcerpt {
  const kept: string[] = [];
  let length = 0;
  for (const line of file.lines.slice(first - 1, last)) {
    length += line.length + 1;
    if (length > longestText) break;
    kept.push(line);
  }
  const text = kept.join('\n');
  return {
    path: file.path,
    first_line: first,
    last_line: first + kept.length - 1,
    total_lines: file.lines.length,
    text,
  };
}

/** Reads from the corpus in memory. No path is ever handed to the file system, so none can lead out of it. */
export function createFileReader(corpus: Pick<Corpus, 'files'>): FileReader {
  return {
    read(path, lines) {
      const normal = posix.normalize(path.replaceAll('\\', '/').replace(/^\.\//, ''));
      if (
        path.includes('\0') ||
        posix.isAbsolute(normal) ||
        /^[a-z]:/i.test(normal) ||
        normal.split('/').includes('..')
      ) {
        throw toolError(
          'PATH_OUTSIDE',
          `"${path}" leads out of this repository; only its own documentation and sources can be read.`,
        );
      }
      const file = corpus.files.get(normal);
      if (file !== undefined)
        return excerpt(file, Math.max(1, lines?.first ?? 1), Math.min(file.lines.length, lines?.last ?? Infinity));
      const near = nearest(corpus.files, normal);
      const hint = near === undefined ? '' : ` Did you mean ${near}?`;
      throw toolError('FILE_NOT_FOUND', `There is no file "${path}" among the ${corpus.files.size} I can read.${hint}`);
    },
  };
}
