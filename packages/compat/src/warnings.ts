// Warnings of the process, one for each calling line and code.
import type { Callable, CallSite } from './call-site.js';
import type { Deprecation } from './deprecation.js';
import { nameOf, remedyOf } from './wording.js';

/** Beyond it nobody reads warnings one by one: the burn-down file lists all lines. */
const maxWarnings = 100;

/** What a warning needs of the process. */
export type WarningProcess = Pick<NodeJS.Process, 'emitWarning' | 'env' | 'execArgv'>;

class LineWarnings {
  readonly #process: WarningProcess;
  readonly #told = new Set<string>();

  constructor(process: WarningProcess) {
    this.#process = process;
  }

  /** Warns of a call, unless that line was told before. `--no-deprecation` and `--throw-deprecation` are up to Node. */
  warn(row: Deprecation, { file, line }: CallSite, below: Callable): void {
    const key = `${row.code} ${line} ${file}`;
    if (this.#told.size >= maxWarnings || this.#told.has(key)) return;
    if (row.pending && !this.#pendingAsked()) return;
    this.#told.add(key);
    const last = this.#told.size === maxWarnings ? '\nThis is the last of these warnings; more lines may follow.' : '';
    this.#process.emitWarning(`${nameOf(row)} is deprecated.`, {
      type: 'DeprecationWarning',
      code: row.code,
      detail: `${remedyOf(row)}\nCalled at ${file}:${line}.${last}`,
      ctor: below as (...given: never) => unknown,
    });
  }

  #pendingAsked(): boolean {
    const { env, execArgv } = this.#process;
    if (env['NODE_PENDING_DEPRECATION'] === '1') return true;
    return [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(' ')].includes('--pending-deprecation');
  }
}

export type Warnings = Pick<LineWarnings, 'warn'>;

export function createWarnings(process: WarningProcess): Warnings {
  return new LineWarnings(process);
}
