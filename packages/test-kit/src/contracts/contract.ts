// Contracts as data: each rule a case with a name, a reason and a function, for any test runner or none.
import { AssertionError } from 'node:assert';
import { clearTimeout, setTimeout } from 'node:timers';
import { testKitError } from '../errors.js';
import { checkNames } from '../option-names.js';

/** One rule. */
export interface ContractCase {
  readonly name: string;
  /** Whom it would hurt if it did not hold, or where it stands. */
  readonly reason: string;
  /** Present when this subject cannot be asked: why. */
  readonly skip?: string;
  /** Resolves when the rule holds; rejects with what was seen instead. Of a skipped case: does nothing. */
  run(): Promise<void>;
}

/** What became of a case. */
export interface ContractResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Of a skipped case, why it was; of others, why there is such a rule. */
  readonly reason: string;
  /** What a failed case saw. */
  readonly error?: unknown;
}

export interface RunContractOptions {
  /** Runs the cases alone whose names hold this text or fit this pattern. */
  readonly only?: string | RegExp;
  /** Takes the lines about what was skipped and what failed. Default: stdout. */
  readonly print?: (line: string) => void;
}

/**
 * Runs cases one after the other, each to its end, and prints what was skipped and what failed.
 *
 * @throws OPTION_INVALID for an option that is none, and when `only` fits no case: a run of nothing proves nothing
 */
export async function runContract(
  cases: readonly ContractCase[],
  options: RunContractOptions = {},
): Promise<readonly ContractResult[]> {
  checkNames('runContract', options, ['only', 'print']);
  const { only, print = (line) => void process.stdout.write(`${line}\n`) } = options;
  const wanted = cases.filter(({ name }) =>
    only instanceof RegExp ? name.search(only) >= 0 : name.includes(only ?? ''),
  );
  if (wanted.length === 0) throw testKitError('OPTION_INVALID', `No case fits ${String(only)}.`);
  const results: ContractResult[] = [];
  for (const { name, reason, skip, run } of wanted) {
    if (skip !== undefined) {
      print(`skipped: ${name} (${skip})`);
      results.push({ name, outcome: 'skipped', reason: skip });
      continue;
    }
    try {
      await run();
      results.push({ name, outcome: 'passed', reason });
    } catch (error) {
      print(`failed: ${name} (${reason}): ${error instanceof Error ? error.message : String(error)}`);
      results.push({ name, outcome: 'failed', reason, error });
    }
  }
  return results;
}

/** Below what test runners allow a test, so that the error that says what was awaited comes first. */
const patienceMs = 4_000;

/** Waits, but not for ever. */
export function inTime<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new AssertionError({ message: `Waited ${patienceMs} ms for ${what}.` }));
    const timer = setTimeout(late, patienceMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A promise and what settles it. */
export function signal(): { readonly promise: Promise<void>; readonly raise: () => void } {
  let raise = () => {};
  const promise = new Promise<void>((resolve) => {
    raise = resolve;
  });
  return { promise, raise };
}
