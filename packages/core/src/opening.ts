// Where a reading opens: resume, a fresh page and a change of threads are three answers to one question.
import {
  type From,
  formatPosition,
  type Position,
  parsePosition,
  type ResetCause,
  type ThreadId,
} from '@throughline/events/protocol';
import type { UserLog } from './log.js';

/** Where a reading opens, and why it is not where the client asked. */
export interface Opening {
  /** Offset of the last entry that is not read. */
  readonly after: number;
  /** The incarnation of the log that it is an offset of. */
  readonly epoch: string;
  /** The same as a position. */
  readonly position: Position;
  /** Where the log ended. */
  readonly head: number;
  readonly reset?: ResetCause;
}

/** Threads to read; `undefined` for all. */
export type Threads = ReadonlySet<ThreadId> | undefined;

/**
 * Finds where a reading opens.
 *
 * A position that cannot be honoured is answered by the cause and by where `active` opens: never by silence, never by a
 * guess.
 */
export async function findOpening(log: UserLog, from: From, threads: Threads): Promise<Opening> {
  const { position } = from;
  const { epoch } = log;
  const reset = position === undefined ? undefined : await findFault(log, position);
  for (;;) {
    const asked = position === undefined || reset ? Number.POSITIVE_INFINITY : offsetOf(position);
    const active = from.active || reset ? await log.active(threads) : Number.POSITIVE_INFINITY;
    const after = Math.min(asked, active);
    const mark = await log.markAt(after);
    // It was erased while we looked: what was found is of no log any more.
    if (log.epoch !== epoch) return findOpening(log, from, threads);
    // It moved on while we looked: look again. A position that was right a moment ago may be below the floor by now.
    if (mark === undefined && asked < active) return findOpening(log, from, threads);
    if (mark === undefined) continue;
    const opening = { after, epoch, position: formatPosition(epoch, after, mark), head: log.head };
    return reset ? { ...opening, reset } : opening;
  }
}

async function findFault(log: UserLog, from: Position): Promise<ResetCause | undefined> {
  const position = parsePosition(from);
  if (position?.epoch !== log.epoch) return 'unknown_epoch';
  if (position.offset > log.head) return 'beyond_head';
  const mark = await log.markAt(position.offset);
  // What has been joined with its neighbours is as gone as what has been dropped.
  if (mark === undefined) return 'below_floor';
  return mark === position.mark ? undefined : 'mark_mismatch';
}

function offsetOf(position: Position): number {
  return parsePosition(position)?.offset as number;
}
