// What this package throws: when it is set up, and never afterwards.

/** What went wrong, for programs. The README says what to do about each. */
export type TelemetryErrorCode = 'OPTION_INVALID' | 'METRIC_TAKEN' | 'SERVICE_TAKEN';

/** An error of this package. */
export interface TelemetryError extends Error {
  readonly name: 'TelemetryError';
  readonly code: TelemetryErrorCode;
}

/** Makes an error. `message` says what was wrong and what to do. */
export function telemetryError(code: TelemetryErrorCode, message: string): TelemetryError {
  return Object.assign(new Error(message), { name: 'TelemetryError' as const, code });
}

/**
 * Checks that options are an object of known names whose values are right where they are given.
 *
 * @throws OPTION_INVALID
 */
export function checkOptions<Options extends object>(
  options: Options,
  expected: { readonly [Name in keyof Options]-?: readonly [(value: unknown) => boolean, string] },
): void {
  if (typeof options !== 'object' || options === null) {
    throw telemetryError(
      'OPTION_INVALID',
      `Options are an object, or left out. Known: ${Object.keys(expected).join(', ')}.`,
    );
  }
  for (const name of Object.keys(options) as (keyof Options & string)[]) {
    if (!Object.hasOwn(expected, name)) {
      throw telemetryError('OPTION_INVALID', `Option ${name} is unknown. Known: ${Object.keys(expected).join(', ')}.`);
    }
    const [isRight, what] = expected[name];
    if (options[name] === undefined || isRight(options[name])) continue;
    throw telemetryError('OPTION_INVALID', `Option ${name} must be ${what}.`);
  }
}

/** Whether a value has a method of this name. */
export function hasMethod(name: string): (value: unknown) => boolean {
  return (value) => typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function';
}
