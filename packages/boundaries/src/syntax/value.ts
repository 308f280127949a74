import type { Node } from 'oxc-parser';

/** What cannot be known before the program runs. */
export const UNKNOWN: unique symbol = Symbol('unknown');

/** Stands in a string for a part that cannot be known. No source holds it: Unicode keeps it free for internal use. */
export const GAP = '\uFDD0';

/** A value that an expression may have. Items of lists and records may have several values each. */
export type Value =
  | string
  | number
  | boolean
  | null
  | typeof UNKNOWN
  | { readonly items: readonly (readonly Value[])[] }
  | { readonly record: ReadonlyMap<string, Node>; readonly open: boolean };

/** A value as the platform would join it to a string. */
export function textOf(value: Value): string {
  if (value === UNKNOWN) return GAP;
  if (value === null || typeof value !== 'object') return String(value);
  if ('items' in value)
    return value.items.map((item) => (item.length === 1 && item[0] !== undefined ? textOf(item[0]) : GAP)).join(',');
  return GAP;
}
