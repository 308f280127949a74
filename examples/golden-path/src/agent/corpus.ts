import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownPassages, type Passage } from './passages.js';
import { sourcePassages } from './source-passages.js';

/** A file the researcher may read, whole in memory: what is not in here cannot be read by any path. */
export interface CorpusFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly lines: readonly string[];
}

export interface Corpus {
  readonly files: ReadonlyMap<string, CorpusFile>;
  readonly passages: readonly Passage[];
}

/**
 * Documentation and the packages' sources: no tests, nothing generated, no configuration, nothing hidden. Not the examples either: they say what one
 * may ask, and a question is no answer.
 */
const included: readonly RegExp[] = [
  /^(?:README|CONTRIBUTING|CHANGELOG|SECURITY)\.md$/,
  /^docs\/.+\.md$/,
  /^(?:packages|tools)\/[^/]+\/[^/]+\.md$/,
  /^packages\/[^/]+\/src\/(?!generated\/).+\.ts$/,
];

const skipped: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage', 'data', 'test', 'generated']);

async function walk(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) || entry.name.startsWith('.') ? [] : walk(root, path);
      return entry.isFile() ? [path.split(sep).join('/')] : [];
    }),
  );
  return found.flat();
}

/** The folder above this file that holds the workspaces. */
export function repositoryDirectory(from: string = fileURLToPath(import.meta.url)): string {
  const folder = dirname(from);
  if (existsSync(join(folder, 'package-lock.json')) || existsSync(join(folder, 'nx.json'))) return folder;
  if (folder === from)
    throw new Error('The example reads the repository it is part of, and no folder above it is one.');
  return repositoryDirectory(folder);
}

/**
 * Reads every file the researcher may speak of, once. Links are not followed.
 * @throws when the folder holds none: an example with nothing to say is a mistake in its options.
 */
export async function readCorpus(directory: string): Promise<Corpus> {
  const paths = (await walk(directory, '')).filter((path) => included.some((pattern) => pattern.test(path))).sort();
  if (paths.length === 0) throw new Error(`corpusDirectory: no documentation and no sources in ${directory}.`);
  const texts = await Promise.all(paths.map((path) => readFile(join(directory, path), 'utf8')));
  const files = new Map<string, CorpusFile>();
  const passages: Passage[] = [];
  paths.forEach((path, index) => {
    const text = (texts[index] ?? '').replaceAll('\r\n', '\n');
    files.set(path, { path, lines: text.split('\n') });
    passages.push(...(path.endsWith('.md') ? markdownPassages(path, text) : sourcePassages(path, text)));
  });
  return { files, passages };
}
