// Deprecation warnings counted: a test run fails when it uses more of what is deprecated than it may.
import { setImmediate } from 'node:timers';
import { testKitError } from './errors.js';
import { checkNames } from './option-names.js';

export interface DeprecationBudgetOptions {
  /** How many uses (calling lines by code) are allowed. Default 0. */
  readonly max?: number;
}

/** A use of something deprecated. */
export interface DeprecatedUse {
  /** Such as `TL_DEP0001`: its row is in docs/deprecations.md. */
  readonly code: string;
  /** What is deprecated, in words. */
  readonly what: string;
  /** The calling line, `file:line`. */
  readonly site: string;
  /** What to write instead, and who does that. */
  readonly replacement: string;
}

/** More uses than allowed. */
export interface DeprecationError extends Error {
  readonly name: 'DeprecationError';
  readonly uses: readonly DeprecatedUse[];
}

export interface DeprecationBudget extends AsyncDisposable {
  /** What was used so far. Node tells of a use one turn after it. */
  readonly uses: readonly DeprecatedUse[];
  /**
   * Stops collecting, with what the present turn has used, and judges. Once: a second call judges nothing.
   *
   * @throws a {@link DeprecationError} listing code, calling line and replacement of each use, when there are more than `max`
   */
  verify(): Promise<void>;
  /** The same as `verify`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The codes of this project's deprecations. */
const codeForm = /^TL_DEP\d{4}$/;

/**
 * Collects what of this project's deprecated names is used from now on, by the warnings of the process, until `verify`.
 *
 * Node keeps warnings to itself under `--no-deprecation`; then there is nothing to count, and this throws instead.
 *
 * @throws OPTION_INVALID for an option that is none, when `max` is no whole number from 0, or warnings are switched off
 */
export function failOnDeprecation(options: DeprecationBudgetOptions = {}): DeprecationBudget {
  checkNames('failOnDeprecation', options, ['max']);
  const { max = 0 } = options;
  if (!Number.isInteger(max) || max < 0) {
    throw testKitError('OPTION_INVALID', 'The option max of failOnDeprecation is a whole number from 0.');
  }
  if (process.noDeprecation) {
    throw testKitError('OPTION_INVALID', 'With --no-deprecation a budget of deprecations sees none.');
  }
  const uses: DeprecatedUse[] = [];
  const seen = new Set<string>();
  let collecting = true;

  function onWarning(warning: Error): void {
    const use = useOf(warning);
    if (!use || seen.has(`${use.code} ${use.site}`)) return;
    seen.add(`${use.code} ${use.site}`);
    uses.push(use);
  }
  async function verify(): Promise<void> {
    if (!collecting) return;
    collecting = false;
    // Node emits warnings in the next tick of those who cause them.
    await new Promise<void>((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    if (uses.length > max) throw deprecationError(uses, max);
  }
  process.on('warning', onWarning);
  return { uses, verify, [Symbol.asyncDispose]: verify };
}

function useOf(warning: Error): DeprecatedUse | undefined {
  const {
    name,
    code = '',
    detail = '',
    message,
  } = warning as Error & { readonly code?: string; readonly detail?: string };
  if (name !== 'DeprecationWarning' || !codeForm.test(code)) return undefined;
  const [replacement = '', called = ''] = detail.split('\nCalled at ');
  const site = called.split('\n')[0]?.replace(/\.$/, '') ?? '';
  return { code, what: message, site: site === '' ? 'an unknown line' : site, replacement };
}

function deprecationError(uses: readonly DeprecatedUse[], max: number): DeprecationError {
  const listed = uses.map(
    ({ code, what, site, replacement }) => `\n\n${code} at ${site}\n  ${what}\n${replacement.replace(/^/gm, '  ')}`,
  );
  const counted = `${uses.length} uses of what is deprecated; ${max} are allowed.`;
  return Object.assign(new Error(`${counted}${listed.join('')}`), {
    name: 'DeprecationError' as const,
    uses: [...uses],
  });
}
