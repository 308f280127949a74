// The heartbeat: one tick for all sessions. No session has a timer of its own.
//
// Each session has a place in a round of ticks, and each tick asks those of one place: everybody has their turn twice per
// interval, whoever comes and goes meanwhile. 8,000 heartbeats on one tick blocked the loop for 159 ms, in parts for 9.
import type { Cancel, Scheduler } from './scheduler.js';

/** What the heartbeat asks of a session. */
export interface Beating {
  beat(): void;
  /** The clock has reached a time the session asked to be told of. */
  expire(at: number): void;
}

const longestTickMs = 1_000;

export class Heartbeat<Member extends Beating> {
  readonly #scheduler: Scheduler;
  /** In the order in which they came, each with the place it has. */
  readonly #sessions = new Map<Member, Set<Member>>();
  readonly #places: readonly Set<Member>[];
  readonly #stop: Cancel;
  /** Who wants to be told when. Looking at all of them costs less than a microsecond per ten. */
  readonly #reminders = new Map<Member, number>();
  #onEmpty: (() => void) | undefined;
  #ticks = 0;
  #added = 0;

  /** @param intervalMs two rounds of ticks take so long, or some milliseconds less */
  constructor(scheduler: Scheduler, intervalMs: number) {
    this.#scheduler = scheduler;
    const places = Math.ceil(intervalMs / 2 / longestTickMs);
    this.#places = Array.from({ length: places }, () => new Set<Member>());
    this.#stop = scheduler.every(Math.floor(intervalMs / 2 / places), () => this.#tick());
  }

  add(session: Member): void {
    const place = this.#places[this.#added++ % this.#places.length] as Set<Member>;
    place.add(session);
    this.#sessions.set(session, place);
  }

  delete(session: Member): void {
    this.#sessions.get(session)?.delete(session);
    this.#sessions.delete(session);
    this.#reminders.delete(session);
    if (this.#sessions.size === 0) this.#onEmpty?.();
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
    return this.#sessions.keys();
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
    for (const session of this.#places[this.#ticks++ % this.#places.length] as Set<Member>) session.beat();
  }
}
