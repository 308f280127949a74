// Receipts: who was offered what, and who has said that it is processed.
//
// Nothing is noted per event. A session reads ranges of the log in some threads, and acknowledges up to an offset: from
// these few numbers follows, for any entry, whether it was offered and whether it was processed.
import { type Position, parsePosition, type SessionId, type ThreadId } from '@throughline/events/protocol';
import type { Delivery, Reading, ReadingSession, SessionReceipt, Standing, Undelivered } from './delivery.js';
import type { Runtime } from './runtime.js';
import { type Cancel, elapsedSince } from './scheduler.js';
import { reportFault } from './telemetry.js';
import type { UserContext } from './user-context.js';

/** From the least to the most: what a session read once it has read. */
const standings: readonly Standing[] = ['before', 'other_thread', 'waiting', 'offered', 'acked'];

/** An entry, as far as receipts look at it. */
export interface EntryPlace {
  readonly epoch: string;
  readonly offset: number;
  readonly thread_id: ThreadId;
}

/** What is remembered of a session that has closed. */
export interface ClosedSession extends ReadingSession {
  readonly closedAt: number;
  readonly code: number;
}

interface AwaitedEnd extends EntryPlace {
  readonly undelivered: Undelivered;
  readonly userContext: UserContext;
  readonly storedAt: number;
  readonly cancel: Cancel;
}

interface Waiter extends EntryPlace {
  readonly settle: () => void;
}

/** How many closed sessions of a user are remembered, for whoever asks what happened. */
const mostClosed = 50;

/** How a session stands to an entry. */
export function standingOf({ readings }: ReadingSession, { epoch, offset, thread_id }: EntryPlace): Standing {
  let best = 0;
  for (const [index, reading] of readings.entries()) {
    const { threads, after, sent, acked } = reading;
    // Of a log that was erased.
    if (reading.epoch !== epoch) continue;
    // A reading that has ended reads nothing more: it counts for what it offered, the present one for what is to come.
    if (offset > sent && index < readings.length - 1) continue;
    let standing: Standing = 'before';
    if (offset > after && threads && !threads.has(thread_id)) standing = 'other_thread';
    else if (offset > after) standing = offset > sent ? 'waiting' : offset > acked ? 'offered' : 'acked';
    best = Math.max(best, standings.indexOf(standing));
  }
  return standings[best] as Standing;
}

/** The place of an entry, from its position. */
export function placeOf(position: Position, thread_id: ThreadId): EntryPlace {
  const { epoch, offset } = parsePosition(position) as { readonly epoch: string; readonly offset: number };
  return { epoch, offset, thread_id };
}

/** The receipts of one user. */
export class Receipts {
  readonly #runtime: Runtime;
  readonly #live: () => readonly ReadingSession[];
  readonly #closed: ClosedSession[] = [];
  readonly #ends = new Set<AwaitedEnd>();
  readonly #waiters = new Set<Waiter>();

  /** @param live the user's open sessions */
  constructor(runtime: Runtime, live: () => readonly ReadingSession[]) {
    this.#runtime = runtime;
    this.#live = live;
  }

  /** Open sessions, then those that closed, the latest first. */
  get sessions(): readonly (ReadingSession | ClosedSession)[] {
    return [...this.#live(), ...[...this.#closed].reverse()];
  }

  /** What the open sessions were offered and have processed. */
  list(): SessionReceipt[] {
    return this.#live().map(({ id, openedAt, acks, readings }) => {
      const { threads, sent, acked } = readings.at(-1) as Reading;
      return {
        session_id: id,
        opened_at: new Date(openedAt).toISOString(),
        threads: threads ? [...threads] : null,
        offered: sent,
        acked: acks ? acked : null,
      };
    });
  }

  /** A session has acknowledged something new. */
  acknowledged(session: ReadingSession): void {
    for (const end of this.#ends) {
      if (standingOf(session, end) === 'acked') this.#arrived(end, session);
    }
    this.#settle();
  }

  /** A session has closed. */
  left({ id, openedAt, acks, readings }: ReadingSession, code: number): void {
    this.#closed.push({
      id,
      openedAt,
      acks,
      readings,
      closing: true,
      closedAt: this.#runtime.scheduler.now(),
      code,
    });
    if (this.#closed.length > mostClosed) this.#closed.shift();
    this.#settle();
  }

  /** A run has ended, and its end is stored: from now on somebody should acknowledge it. */
  await(undelivered: Undelivered, userContext: UserContext): void {
    const { scheduler, options } = this.#runtime;
    const end: AwaitedEnd = {
      ...placeOf(undelivered.position, undelivered.thread_id),
      undelivered,
      userContext,
      storedAt: scheduler.now(),
      cancel: scheduler.after(options.undeliveredAfterMs, () => this.#giveUp(end)),
    };
    this.#ends.add(end);
    // A log may show an entry to its readers before it answers the append: they may have been quicker.
    const quickest = this.sessions.find((session) => standingOf(session, end) === 'acked');
    if (quickest) this.#arrived(end, quickest);
    // Nobody is left who could.
    else if (this.#runtime.closed) this.#giveUp(end);
  }

  /** Resolves when a session has acknowledged the entry and no other that reads it is left to, or when the time is over. */
  delivered(entry: EntryPlace, timeoutMs: number): Promise<Delivery> {
    // Of a closed service nobody acknowledges anything any more.
    if (this.#runtime.closed || this.#isDelivered(entry)) return Promise.resolve(this.#deliveryOf(entry));
    return new Promise((resolve) => {
      const settle = () => {
        cancel();
        this.#waiters.delete(waiter);
        resolve(this.#deliveryOf(entry));
      };
      const waiter: Waiter = { ...entry, settle };
      const cancel = this.#runtime.scheduler.after(timeoutMs, settle);
      this.#waiters.add(waiter);
    });
  }

  /** The log was erased: nobody is told of what it held. */
  forget(): void {
    for (const { cancel } of this.#ends) cancel();
    this.#ends.clear();
    this.#closed.length = 0;
  }

  /** The service goes away: what nobody has acknowledged by now is told at once. */
  close(): void {
    for (const end of this.#ends) this.#giveUp(end);
    for (const { settle } of this.#waiters) settle();
  }

  #settle(): void {
    for (const waiter of this.#waiters) if (this.#isDelivered(waiter)) waiter.settle();
  }

  #isDelivered(entry: EntryPlace): boolean {
    const { acked, pending } = this.#deliveryOf(entry);
    return acked.length > 0 && pending.length === 0;
  }

  #deliveryOf(entry: EntryPlace): Delivery {
    const acked: SessionId[] = [];
    const pending: SessionId[] = [];
    for (const session of this.sessions) {
      const standing = standingOf(session, entry);
      if (standing === 'acked') acked.push(session.id);
      else if (!session.closing && (standing === 'offered' || standing === 'waiting')) pending.push(session.id);
    }
    return { acked, pending };
  }

  #arrived(end: AwaitedEnd, { id: session_id }: ReadingSession): void {
    this.#ends.delete(end);
    end.cancel();
    const { run_id } = end.undelivered;
    const { user_id } = end.userContext;
    const duration_ms = elapsedSince(this.#runtime.scheduler, end.storedAt);
    this.#runtime.report({ kind: 'run_delivered', run_id, user_id, session_id, duration_ms });
  }

  #giveUp(end: AwaitedEnd): void {
    this.#ends.delete(end);
    end.cancel();
    const { undelivered, userContext } = end;
    const { report, options } = this.#runtime;
    const offered = this.sessions.filter((session) => standingOf(session, end) === 'offered').length;
    report({ kind: 'run_undelivered', run_id: undelivered.run_id, user_id: userContext.user_id, offered });
    void (async () => options.onUndelivered?.(undelivered, userContext))().catch((error: unknown) =>
      reportFault(report, 'onUndelivered', error),
    );
  }
}
