import { existsSync, realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { boundariesError } from './errors.js';
import { listModules } from './files.js';
import { type ParsedFile, parseFile } from './parsed-file.js';
import { type ReadText, readModule } from './read-file.js';

/** The files of a check: read once, parsed as often as somebody asks. */
export interface Sources {
  /** Absolute, without links. */
  readonly root: string;
  /** Modules that are to be judged, relative to the root, sorted. */
  readonly chosen: readonly string[];
  /** Whether all of the root was chosen. */
  readonly isWhole: boolean;
  /** All files of the root, chosen or not, but for those that are installed, built or hidden. */
  readonly listed: ReadonlySet<string>;
  readonly manifests: readonly string[];
  readonly problems: readonly string[];
  readonly readText: (path: string) => ReadText;
  /** Undefined for what cannot be read. Those parsed last are kept. */
  readonly parse: (path: string) => ParsedFile | undefined;
}

/** Parsed files that are kept: rules ask for neighbours, and a tree takes a hundred times the room of its text. */
const KEPT = 16;

/**
 * Lists what is to be checked.
 *
 * @throws PATH_UNKNOWN for a root or path that is not there or lies outside
 */
export function openSources(rootPath: string, paths: readonly string[]): Sources {
  if (!existsSync(rootPath)) throw boundariesError('PATH_UNKNOWN', `There is no folder ${rootPath}.`);
  const root = realpathSync(rootPath);
  const starts = [...new Set(paths.map((path) => within(root, path)))];
  const isWhole = starts.length === 0 || starts.includes('.');
  const all = listModules(root);
  const listings = isWhole ? [all] : starts.map((start) => listModules(root, start));
  const chosen = [...new Set(listings.flatMap(({ modules }) => modules))].sort();
  const texts = new Map<string, ReadText>();
  const parsed = new Map<string, ParsedFile>();
  const readText = (path: string): ReadText => {
    const known = texts.get(path);
    if (known) return known;
    const read = readModule(root, path);
    texts.set(path, read);
    return read;
  };
  return {
    root,
    chosen,
    isWhole,
    listed: new Set([...all.modules, ...all.others]),
    manifests: all.manifests,
    problems: [...new Set(listings.flatMap(({ problems }) => problems))],
    readText,
    parse(path) {
      const known = parsed.get(path);
      if (known) return known;
      const { text } = readText(path);
      if (text === undefined) return undefined;
      const file = parseFile(path, text);
      const oldest = parsed.size < KEPT ? undefined : parsed.keys().next().value;
      if (oldest !== undefined) parsed.delete(oldest);
      parsed.set(path, file);
      return file;
    },
  };
}

function within(root: string, path: string): string {
  const absolute = resolve(root, path);
  if (!existsSync(absolute)) throw boundariesError('PATH_UNKNOWN', `There is no ${path} in ${root}.`);
  const inside = relative(root, realpathSync(absolute)).split(sep).join('/');
  if (inside.startsWith('../') || inside === '..') {
    throw boundariesError(
      'PATH_UNKNOWN',
      `${path} lies outside of ${root}: call the check from the folder that holds both.`,
    );
  }
  return inside === '' ? '.' : inside;
}
