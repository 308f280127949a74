// A position: the only thing stored or sent to resume from.

declare const brand: unique symbol;

/**
 * Where a reader stands in a log, as text: `epoch.offset.mark`, such as `q3kJ0x9Zb1Qm.42.0f9a3c11`.
 *
 * An offset alone is not enough. After a failover that rolled a log back, offset 42 may name another entry than the
 * one a page has processed; a reader that resumed by it would skip events and never know. So a position carries the
 * incarnation of the log (epoch) and a checksum of the entry it stands at (mark), and is honoured only if both match.
 */
export type Position = string & { readonly [brand]: 'Position' };

/** The parts of a position. */
export interface PositionParts {
  /** Identity of one incarnation of a log: 1 to 32 characters of base64url. */
  readonly epoch: string;
  /** Offset of the last entry read: a dense integer, 0 before the first. */
  readonly offset: number;
  /** Identifies the entry at `offset`: eight lower-case hexadecimal digits, `00000000` at offset 0. */
  readonly mark: string;
}

/** The mark at offset 0, where there is no entry. */
export const noMark = '00000000';

const form = /^([A-Za-z0-9_-]{1,32})\.(0|[1-9][0-9]{0,14})\.([0-9a-f]{8})$/;

/** Joins the parts of a position. */
export function formatPosition(epoch: string, offset: number, mark: string): Position {
  return `${epoch}.${offset}.${mark}` as Position;
}

/** Splits a position; `undefined` when the text is none. */
export function parsePosition(text: string): PositionParts | undefined {
  const parts = form.exec(text);
  if (!parts) return undefined;
  return { epoch: parts[1] as string, offset: Number(parts[2]), mark: parts[3] as string };
}

/** Where a reading is to open: at `active`, after a position, or at whichever of the two is earlier. */
export interface From {
  readonly active: boolean;
  readonly position?: Position;
}

/** Reads `active`, a position, or `active,` and a position; `undefined` when the text is none of them. */
export function parseFrom(text: string): From | undefined {
  if (text === 'active') return { active: true };
  const active = text.startsWith('active,');
  const position = active ? text.slice('active,'.length) : text;
  return form.test(position) ? { active, position: position as Position } : undefined;
}
