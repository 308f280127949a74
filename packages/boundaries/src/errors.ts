/** What went wrong before anything could be judged, for programs. The README says what to do about each. */
export type BoundariesErrorCode =
  | 'PLAN_INVALID'
  | 'CONFIG_UNREADABLE'
  | 'PATH_UNKNOWN'
  | 'BASELINE_INVALID'
  | 'USAGE_INVALID'
  | 'BURN_DOWN_INVALID'
  | 'VERSION_UNKNOWN';

/** An error of this package. */
export interface BoundariesError extends Error {
  readonly name: 'BoundariesError';
  readonly code: BoundariesErrorCode;
}

/** Makes an error. `message` says what was wrong and what to do. */
export function boundariesError(code: BoundariesErrorCode, message: string): BoundariesError {
  return Object.assign(new Error(message), { name: 'BoundariesError' as const, code });
}
