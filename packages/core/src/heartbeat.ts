// The heartbeat: one tick a second for all sessions. No session has a timer of its own.
//
// Each tick walks a share of the sessions, so that each has its turn twice per interval: 8,000 heartbeats on one tick
// blocked the loop for 159 ms, in 25 parts for 9.
import type { Cancel, Scheduler } from './scheduler.js';

/** What the heartbeat asks of a session. */
export interface Beating {
  beat(): void;
  /** The clock has reached a time the session asked to be told of. */
  expire(at: number): void;
}

const tickMs = 1_000;

export class Heartbeat<Member extends Beating> {
  readonly #scheduler: Scheduler;
  readonly #sessions = new Set<Member>();
  readonly #parts: number;
  readonly #stop: Cancel;
  /** Who wants to be told when. Looking at all of them costs less than a microsecond per ten. */
  readonly #reminders = new Map<Member, number>();
  #onEmpty: (() => void) | undefined;
  /** Turns that are due, in parts of one. */
  #earned = 0;
  #walk: Iterator<Member>;

  constructor(scheduler: Scheduler, intervalMs: number) {
    this.#scheduler = scheduler;
    this.#parts = Math.max(1, Math.round(intervalMs / 2 / tickMs));
    this.#walk = this.#sessions.values();
    this.#stop = scheduler.every(tickMs, () => this.#tick());
  }

  add(session: Member): void {
    this.#sessions.add(session);
  }

  delete(session: Member): void {
    this.#sessions.delete(session);
    this.#reminders.delete(session);
    if (this.#sessions.size > 0) return;
    // A walk that stands still keeps what the set held when it stood: those who came and went would stay in memory.
    this.#walk = this.#sessions.values();
    this.#onEmpty?.();
  }

  /** Calls back once no session is left. */
  onEmpty(task: () => void): void {
    this.#onEmpty = task;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Sessions in the order in which they came. */
  [Symbol.iterator](): Iterator<Member> {
    return this.#sessions.values();
  }

  /** Tells a session when the clock reaches `at`, at most a second late. The latest reminder counts. */
  remind(session: Member, at: number): void {
    this.#reminders.set(session, at);
  }

  stop(): void {
    this.#stop();
  }

  #tick(): void {
    const now = this.#scheduler.now();
    for (const [session, at] of this.#reminders) {
      if (at > now) continue;
      this.#reminders.delete(session);
      session.expire(at);
    }
    // Few sessions earn less than a turn per tick: what remains is kept, so that one session is not asked each second.
    this.#earned += this.#sessions.size;
    for (; this.#earned >= this.#parts; this.#earned -= this.#parts) {
      let next = this.#walk.next();
      if (next.done) {
        this.#walk = this.#sessions.values();
        next = this.#walk.next();
      }
      if (!next.done) next.value.beat();
    }
  }
}
