// Writes down which lines still use a shim, and how often: what is counted down to zero.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { countedLines } from './deprecate.js';
import { compatError } from './errors.js';
import type { LineCount } from './ledger.js';

/** A line of the burn-down. */
export interface BurnDownLine {
  /** Relative to the root, with slashes. */
  readonly file: string;
  readonly line: number;
  /** The code of the deprecated thing. */
  readonly code: string;
  readonly symbol: string;
  readonly calls: number;
}

/** What the file holds, as JSON. The same calls give the same text. */
export interface BurnDown {
  readonly version: 1;
  /** How many lines still use a shim, and in how many files. */
  readonly lines: number;
  readonly files: number;
  readonly used: readonly BurnDownLine[];
  /** Calls that were refused because they named another user. */
  readonly refused: readonly BurnDownLine[];
}

export interface UsageReportOptions {
  /** Where to write. Give each process a file of its own. */
  readonly file: string;
  /** What the paths of lines are relative to. Default: the working directory. */
  readonly root?: string;
}

export interface UsageReport extends Disposable {
  /** Writes what was counted in this process so far, whole or not at all. */
  write(): void;
  /** Writes, and writes no more. */
  [Symbol.dispose](): void;
}

/**
 * Writes the uses of shims in this process into a file when the process exits, and whenever it is asked to. At the exit, a file that
 * cannot be written is one line on stderr.
 *
 * @throws OPTION_INVALID; `write` throws what the file system says
 */
export function reportUsage({ file, root = process.cwd() }: UsageReportOptions): UsageReport {
  for (const [name, value] of Object.entries({ file, root })) {
    if (typeof value === 'string' && value !== '') continue;
    throw compatError(
      'OPTION_INVALID',
      `Option ${name} must be a path, but is ${value === '' ? 'empty' : typeof value}.`,
    );
  }
  const target = resolve(file);
  const write = (): void => {
    mkdirSync(dirname(target), { recursive: true });
    // A process that ends while it writes must not leave half a file.
    const whole = `${target}.${process.pid}.tmp`;
    writeFileSync(whole, `${JSON.stringify(burnDownOf(countedLines(), root), undefined, 2)}\n`);
    renameSync(whole, target);
  };
  const writeAtExit = (): void => {
    try {
      write();
    } catch (error) {
      // What counts must not change how a process ends.
      process.stderr.write(`throughline: the burn-down was not written: ${(error as Error).message}\n`);
    }
  };
  process.once('exit', writeAtExit);
  return {
    write,
    [Symbol.dispose]() {
      process.removeListener('exit', writeAtExit);
      write();
    },
  };
}

function burnDownOf(counts: readonly LineCount[], root: string): BurnDown {
  const used = linesOf('shim_used', counts, root);
  return {
    version: 1,
    lines: new Set(used.map(({ file, line }) => `${line} ${file}`)).size,
    files: new Set(used.map(({ file }) => file)).size,
    used,
    refused: linesOf('user_refused', counts, root),
  };
}

function linesOf(kind: LineCount['kind'], counts: readonly LineCount[], root: string): BurnDownLine[] {
  return counts
    .filter((count) => count.kind === kind)
    .map(({ file, line, code, symbol, calls }) => {
      const path = file.startsWith('(') ? file : relative(root, file).split(sep).join('/');
      return { file: path, line, code, symbol, calls };
    });
}
