// What a history is read from, brought to one form.
import type { AgentEvent, UserId } from '@throughline/events/protocol';
import { testKitError } from './errors.js';
import type { Frame } from './frame.js';

/** Whose history it is. */
export interface Owner {
  readonly user_id: UserId;
  readonly tenant_id?: string;
}

/** One connection and what came over it: a raw client, or anything of its shape. */
export interface Connection {
  readonly frames: readonly Frame[];
  readonly options?: {
    /** What was asked for: a position that is asked for is honoured or answered by `reset`. */
    readonly from?: string;
    /** Absent: all threads are read, and no offset may be missing. */
    readonly threads?: readonly string[];
    readonly user?: Owner;
  };
  transcript?(): string;
}

/** A page, whose client has dropped what came twice: what its handlers were given. */
export interface PageRecord {
  readonly frames: readonly (AgentEvent | { readonly type: string })[];
  readonly user: Owner;
  readonly statuses: readonly unknown[];
}

/**
 * What a history is read from.
 *
 * - a client of `user.client()`: what its handlers were given; nothing may come twice, whatever happened on the wire
 * - a raw client, or the raw clients of one page in the order in which they connected: what came over the wire
 * - a list of frames: as one raw client, of which nothing is known but what came
 */
export type HistorySource = PageRecord | Connection | readonly Connection[] | readonly Frame[];

/** What came, in order, with where each connection began. */
export interface Passage {
  /** `page`: what came twice was dropped already. `wire`: as it came. */
  readonly kind: 'page' | 'wire';
  readonly owner: Owner | undefined;
  readonly connections: readonly Connection[];
}

function isConnection(item: Frame | Connection): item is Connection {
  return 'frames' in item;
}

/** @throws OPTION_INVALID for what no history can be read from: `undefined`, or a promise that nobody awaited */
export function checkSource(source: HistorySource): HistorySource {
  const isRecord = (value: unknown) => typeof value === 'object' && value !== null;
  const isSource = Array.isArray(source)
    ? source.every((item: unknown) => isRecord(item) && ('frames' in (item as object) || 'type' in (item as object)))
    : isRecord(source) && Array.isArray((source as Partial<Connection>).frames);
  if (isSource) return source;
  const what = 'A history is read from a client, a raw client, a list of raw clients, or a list of frames';
  const kind = isRecord(source) ? 'another object' : `a ${typeof source}`;
  const given = Array.isArray(source) ? 'a list of something else' : kind;
  const told = source === undefined || source === null ? String(source) : given;
  throw testKitError('OPTION_INVALID', `${what}, not from ${told}.`);
}

/** Reads a source as it is now. */
export function readSource(source: HistorySource): Passage {
  if (Array.isArray(source)) {
    const items = source as readonly (Frame | Connection)[];
    const connections = items.every(isConnection) ? items : [{ frames: items as readonly Frame[] }];
    const owner = connections.find(({ options }) => options?.user)?.options?.user;
    return { kind: 'wire', owner, connections };
  }
  const one = source as PageRecord | Connection;
  if ('statuses' in one) {
    return { kind: 'page', owner: one.user, connections: [{ frames: one.frames as readonly Frame[] }] };
  }
  return { kind: 'wire', owner: one.options?.user, connections: [one] };
}
