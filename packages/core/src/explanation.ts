// What became of one event: whether it was stored, and to whom it was offered. For whoever is asked "why did I not see it?"
import { formatPosition, type RunId, type SessionId, type ThreadId, type UserId } from '@throughline/events/protocol';
import type { ReadingSession, Standing } from './delivery.js';
import type { Found, Position, UserLog } from './log.js';
import { type ClosedSession, type EntryPlace, standingOf } from './receipts.js';
import type { User } from './user.js';

/** Which event to explain. */
export interface EventReference {
  readonly run_id: RunId;
  /** Its number within the run: from 1 on. */
  readonly seq: number;
}

/** How one session stands to the event. */
export interface SessionExplanation {
  readonly session_id: SessionId;
  /** ISO 8601, UTC, milliseconds. */
  readonly opened_at: string;
  readonly standing: Standing;
  /** Whether its client promised acknowledgements: of one that did not, `offered` is all that can be known. */
  readonly acks: boolean;
  /** When and with which code it closed; absent while it is open. */
  readonly closed?: { readonly at: string; readonly code: number };
}

/** What is known of one event. */
export interface EventExplanation {
  /** `unknown`: no log that this process can see knows of it. `dropped`: it was stored, and the log has made room since. */
  readonly state: Found['state'];
  /** One sentence for people. */
  readonly summary: string;
  readonly user_id?: UserId;
  readonly thread_id?: ThreadId;
  readonly type?: string;
  /** Where it is stored; that of the entry that joins it with its neighbours, where it was joined. */
  readonly position?: Position;
  /** When it was appended: ISO 8601, UTC, milliseconds. */
  readonly appended_at?: string;
  /** Open sessions of its user, then the latest that closed (50 at most, of those this process served). */
  readonly sessions: readonly SessionExplanation[];
}

/**
 * Explains an event.
 *
 * @param users whose logs to look into, as far as they are open
 * @throws what a log throws that cannot be asked
 */
export async function explain({ run_id, seq }: EventReference, users: Iterable<User>): Promise<EventExplanation> {
  for (const user of users) {
    const { log, key } = user;
    if (!log) continue;
    const found = await log.find(run_id, seq);
    if (found.state === 'stored') return explained(found, user, log);
    if (found.state === 'unknown') continue;
    const summary = 'It was stored, and has been dropped since.';
    return { state: 'dropped', summary, user_id: key.user_id, sessions: [] };
  }
  return { state: 'unknown', summary: 'No log that was looked into holds it: was it ever sent?', sessions: [] };
}

function explained(
  found: Found & { readonly state: 'stored' },
  { key, receipts }: User,
  log: UserLog,
): EventExplanation {
  const { offset, thread_id, type, timestamp } = found;
  const sessions = receipts.sessions.map((session) => standingAt(session, { epoch: log.epoch, offset, thread_id }));
  return {
    state: 'stored',
    summary: summaryOf(sessions),
    user_id: key.user_id,
    thread_id,
    type,
    position: formatPosition(log.epoch, offset, found.mark),
    appended_at: timestamp,
    sessions,
  };
}

function standingAt(session: ReadingSession | ClosedSession, entry: EntryPlace): SessionExplanation {
  const { id, openedAt, acks } = session;
  const explanation = {
    session_id: id,
    opened_at: new Date(openedAt).toISOString(),
    standing: standingOf(session, entry),
    acks,
  };
  if (!('closedAt' in session)) return explanation;
  return { ...explanation, closed: { at: new Date(session.closedAt).toISOString(), code: session.code } };
}

function summaryOf(sessions: readonly SessionExplanation[]): string {
  if (sessions.length === 0) return 'It is stored; its user has had no session here.';
  const count = (standing: Standing): number => sessions.filter((session) => session.standing === standing).length;
  if (count('acked') > 0)
    return `It is stored, and ${count('acked')} of ${sessions.length} sessions have processed it.`;
  if (count('offered') > 0)
    return `It is stored and was sent to ${count('offered')} sessions; none has acknowledged it.`;
  const waiting = sessions.filter(({ standing }) => standing === 'waiting');
  if (waiting.some(({ closed }) => !closed))
    return 'It is stored; sessions that read its thread have yet to get to it.';
  if (waiting.length > 0) return 'It is stored; the sessions that read its thread closed before they got to it.';
  return 'It is stored; no session reads its thread from before it.';
}
