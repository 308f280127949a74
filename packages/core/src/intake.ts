// What a client asks of its session, but for acknowledgements: counted, and answered in order.
import {
  type AckFrame,
  type ClientFrame,
  closeCodes,
  type From,
  parseFrom,
  type ServerFrame,
  type ThreadId,
  type UserId,
} from '@throughline/events/protocol';
import type { UserLog } from './log.js';
import { TokenBucket } from './rate.js';
import { reportFault } from './telemetry.js';
import type { User } from './user.js';
import type { UserContext } from './user-context.js';

/** The session whose client asks. */
export interface IntakeOwner {
  readonly user_id: UserId;
  readonly closing: boolean;
  /** Its credential has ended: nothing but a better one is taken. */
  readonly isExpired: boolean;
  say(frame: ServerFrame): void;
  close(code: number, reason: string): void;
  /** Ends a reading and opens another. */
  read(threads: readonly ThreadId[] | null, from: From): Promise<void>;
  /** Judges a fresh credential, and answers. */
  refresh(id: string, token: string): Promise<void>;
}

/** What a client may ask. */
type Asking = Exclude<ClientFrame, AckFrame>;

export class Intake {
  readonly #owner: IntakeOwner;
  readonly #user: User;
  readonly #userContext: UserContext;
  readonly #log: UserLog;
  readonly #frames: TokenBucket;
  /** Each waits for the one before it. */
  #work: Promise<void> = Promise.resolve();

  constructor(owner: IntakeOwner, user: User, userContext: UserContext, log: UserLog) {
    const { options, scheduler } = user.runtime;
    this.#owner = owner;
    this.#user = user;
    this.#userContext = userContext;
    this.#log = log;
    this.#frames = new TokenBucket(options.framesPerSession, scheduler.now());
  }

  /** Counts what a client may send only so often. */
  count(): void {
    const wait = this.#frames.take(this.#user.runtime.scheduler.now());
    if (wait > 0) this.#owner.close(closeCodes.tooManyMessages, 'too many frames');
  }

  take(frame: Asking): void {
    const owner = this.#owner;
    switch (frame.type) {
      case 'threads':
        if (this.#user.changes.take(this.#user.runtime.scheduler.now()) > 0) {
          owner.close(closeCodes.tooManyMessages, 'too many changes');
        } else {
          // Judged already: a frame whose `from` says nothing is illegal.
          this.#enqueue(() => owner.read(frame.threads, parseFrom(frame.from) as From));
        }
        return;
      case 'ping':
        owner.say({ type: 'pong', id: frame.id });
        return;
      case 'token':
        this.#enqueue(() => owner.refresh(frame.id, frame.token));
        return;
      case 'cancel':
        this.#enqueue(() => this.#cancel(frame.id, frame.run_id));
        return;
      case 'message':
        this.#enqueue(() => this.#receive(frame));
        return;
    }
  }

  #enqueue(work: () => Promise<void> | void): void {
    const { report } = this.#user.runtime;
    this.#work = this.#work.then(work).catch((error: unknown) => reportFault(report, 'session', error));
  }

  #cancel(id: string, run_id: string): void {
    if (this.#refuseExpired(id)) return;
    const run = this.#user.runs.get(run_id);
    if (!run) {
      this.#sayError(id, 'RUN_UNKNOWN', 'You have no unfinished run of this id.');
      return;
    }
    run.cancel();
    this.#owner.say({ type: 'accepted', id });
  }

  async #receive({ id, thread_id, run_id, data }: Asking & { type: 'message' }): Promise<void> {
    const { user_id, closing } = this.#owner;
    if (closing) return;
    if (this.#refuseExpired(id)) {
      this.#user.runtime.report({ kind: 'message', user_id, message_id: id, outcome: 'TOKEN_EXPIRED' });
      return;
    }
    const message = run_id === undefined ? { id, thread_id, data } : { id, thread_id, run_id, data };
    const refusal = await this.#user.inbox.offer(message, this.#userContext, this.#log, {
      accepted: () => this.#owner.say({ type: 'accepted', id }),
      failed: (code, words) => this.#sayError(id, code, words),
    });
    if (refusal) this.#sayError(id, refusal.code, refusal.message);
  }

  #refuseExpired(id: string): boolean {
    if (!this.#owner.isExpired) return false;
    this.#sayError(id, 'TOKEN_EXPIRED', 'The credential has expired: send a token.');
    return true;
  }

  #sayError(id: string, code: string, message: string): void {
    this.#owner.say({ type: 'error', id, code, message });
  }
}
