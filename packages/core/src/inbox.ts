// The inbox: what a user's clients say, accepted once, handled in order per thread.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ThreadId } from '@throughline/events/protocol';
import { throughlineError } from './errors.js';
import type { UserLog } from './log.js';
import type { IncomingMessage } from './options.js';
import { TokenBucket } from './rate.js';
import type { Runtime } from './runtime.js';
import { elapsedSince } from './scheduler.js';
import { reportFault } from './telemetry.js';
import type { UserContext } from './user-context.js';

/** Why a message was not accepted: the codes of PROTOCOL.md, section 3. */
export interface Refusal {
  readonly code: 'MESSAGE_INVALID' | 'MESSAGE_TOO_MANY' | 'MESSAGE_UNSUPPORTED' | 'RUN_UNKNOWN' | 'STORE_UNAVAILABLE';
  readonly message: string;
}

/** How a sender hears what becomes of a message. */
export interface Replies {
  /** It is accepted, now or earlier. Told before its handler begins. */
  accepted(): void;
  /** It was accepted, and then could not be handled: a code of PROTOCOL.md, section 3, and words for the user. */
  failed(code: 'HANDLER_FAILED' | 'RUN_ENDED', message: string): void;
}

/** What the inbox asks of a run at work. */
export interface ListeningRun {
  readonly thread_id: ThreadId;
  /** Hands it a message; `settled` is told whether it was read before the run ended. */
  hear(message: IncomingMessage, settled: (read: boolean) => void): 'taken' | 'full' | 'over';
}

/** Whose inbox it is. */
export interface RunsOwner {
  /** The unfinished runs, by id. */
  readonly runs: ReadonlyMap<string, ListeningRun>;
}

/** One inbox per user: its sessions share the order and the limits. */
export class Inbox {
  readonly #runtime: Runtime;
  readonly #user: RunsOwner;
  /** The last message of each thread that waits or is at work; what comes next waits for it. */
  readonly #threads = new Map<string, Promise<void>>();
  readonly #rate: TokenBucket;
  /** Remembered by the log, and then refused all the same: should they come again, they are new. */
  readonly #refused = new Set<string>();
  #pending = 0;
  #working = 0;
  #waiting: (() => void)[] = [];

  constructor(runtime: Runtime, user: RunsOwner) {
    this.#runtime = runtime;
    this.#user = user;
    this.#rate = new TokenBucket(runtime.options.messagesPerUser, runtime.scheduler.now());
  }

  /** Messages accepted and not yet handled. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Takes a message: checks it, remembers its id, and hands it to its run or queues it for its thread.
   *
   * @returns why it was refused; `undefined` when it was accepted
   */
  async offer(
    message: IncomingMessage,
    userContext: UserContext,
    log: UserLog,
    replies: Replies,
  ): Promise<Refusal | undefined> {
    const outcome = await this.#admit(message, userContext, log, replies);
    const refusal = typeof outcome === 'object' ? outcome : undefined;
    const told = typeof outcome === 'object' ? outcome.code : outcome;
    const { user_id } = userContext;
    this.#runtime.report({ kind: 'message', user_id, message_id: message.id, outcome: told });
    return refusal;
  }

  async #admit(
    message: IncomingMessage,
    userContext: UserContext,
    log: UserLog,
    replies: Replies,
  ): Promise<Refusal | 'accepted' | 'known'> {
    const { draining, options, scheduler } = this.#runtime;
    const { onMessage, messages, maxPendingMessages } = options;
    const toRun = message.run_id !== undefined;
    // Said, so that the client knows that it may send it again to whoever comes next. What a run waits for it still gets.
    if (draining && !toRun) return unavailable('The service is going away. Send it again after the reconnect.');
    if (!onMessage && !toRun) return { code: 'MESSAGE_UNSUPPORTED', message: 'This service takes no messages.' };
    const wait = this.#rate.take(scheduler.now());
    if (wait > 0) return tooMany(`Too many messages. Send it again in ${wait} s.`);
    const checked = messages ? await check(messages, message.data) : { data: message.data };
    if ('code' in checked) return checked;
    // What a run waits for does not wait for what waits for that run.
    const place = toRun ? 0 : 1;
    if (!toRun && this.#pending >= maxPendingMessages) {
      return tooMany(`${maxPendingMessages} messages wait already. ${later}`);
    }
    this.#pending += place;
    let isNew = false;
    try {
      const claimed = await log.claim(message.id);
      isNew = this.#refused.delete(message.id) || claimed;
    } catch {
      // The log may remember it all the same.
      this.#refuse(message.id);
      return unavailable(`The message cannot be stored now. ${later}`);
    } finally {
      if (!isNew) this.#pending -= place;
    }
    const whole = { ...message, data: checked.data };
    if (isNew && toRun) {
      const outcome = this.#tell(whole, userContext, replies);
      if (outcome !== 'accepted') this.#refuse(message.id);
      return outcome;
    }
    replies.accepted();
    if (isNew) this.#queue(whole, userContext, replies);
    return isNew ? 'accepted' : 'known';
  }

  /** Hands a message to the run it is for: at once, since the run may be what everything else waits for. */
  #tell(message: IncomingMessage, { user_id }: UserContext, replies: Replies): Refusal | 'accepted' {
    const { scheduler, report } = this.#runtime;
    const run = this.#user.runs.get(message.run_id ?? '');
    if (!run || run.thread_id !== message.thread_id) return runUnknown;
    const acceptedAt = scheduler.now();
    const settled = (read: boolean) => {
      const duration_ms = elapsedSince(scheduler, acceptedAt);
      report({ kind: 'message_handled', user_id, message_id: message.id, ok: read, duration_ms });
      if (!read) replies.failed('RUN_ENDED', 'The run ended before it read the message.');
    };
    const verdict = run.hear(message, settled);
    if (verdict === 'over') return runUnknown;
    if (verdict === 'full') return tooMany('The run has too many messages to read.');
    // A run that ends later says so later: `accepted` comes first.
    replies.accepted();
    return 'accepted';
  }

  #refuse(message_id: string): void {
    this.#refused.add(message_id);
    for (const oldest of this.#refused) {
      if (this.#refused.size <= mostRefused) return;
      this.#refused.delete(oldest);
    }
  }

  #queue(message: IncomingMessage, userContext: UserContext, replies: Replies): void {
    const { thread_id } = message;
    const ahead = this.#threads.get(thread_id) ?? Promise.resolve();
    const acceptedAt = this.#runtime.scheduler.now();
    const handled = ahead.then(() => this.#handle(message, userContext, replies, acceptedAt));
    this.#threads.set(thread_id, handled);
    void handled.then(() => {
      this.#pending -= 1;
      if (this.#threads.get(thread_id) === handled) this.#threads.delete(thread_id);
    });
  }

  async #handle(
    message: IncomingMessage,
    userContext: UserContext,
    replies: Replies,
    acceptedAt: number,
  ): Promise<void> {
    const { options, told, report, scheduler } = this.#runtime;
    if (this.#working < options.maxConcurrentMessages) this.#working += 1;
    else await new Promise<void>((turn) => this.#waiting.push(turn));
    let ok = true;
    try {
      // Its handler could say nothing any more.
      if (this.#runtime.closed) throw throughlineError('SERVICE_CLOSED', 'It closed before a message had its turn.');
      await options.onMessage?.(message, userContext);
    } catch (error) {
      ok = false;
      // What ended a run has been told by its agent_completed.
      if (typeof error === 'object' && error !== null && told.has(error)) return;
      reportFault(report, 'handler', error);
      replies.failed('HANDLER_FAILED', 'The message could not be handled.');
    } finally {
      const { user_id } = userContext;
      const duration_ms = elapsedSince(scheduler, acceptedAt);
      report({ kind: 'message_handled', user_id, message_id: message.id, ok, duration_ms });
      const next = this.#waiting.shift();
      if (next) next();
      else this.#working -= 1;
    }
  }
}

/** How many refused ids are remembered: ten times what a client keeps to send again. */
const mostRefused = 1_000;

const later = 'Send it again later.';

const runUnknown: Refusal = { code: 'RUN_UNKNOWN', message: 'You have no unfinished run of this id in this thread.' };

function tooMany(message: string): Refusal {
  return { code: 'MESSAGE_TOO_MANY', message };
}

function unavailable(message: string): Refusal {
  return { code: 'STORE_UNAVAILABLE', message };
}

async function check(schema: StandardSchemaV1, data: unknown): Promise<{ readonly data: unknown } | Refusal> {
  try {
    const result = await schema['~standard'].validate(data);
    if (!result.issues) return { data: result.value };
    const [issue] = result.issues;
    const path = issue?.path?.map((key) => (typeof key === 'object' ? key.key : key)).join('.') ?? '';
    return {
      code: 'MESSAGE_INVALID',
      message: `data${path && `.${path}`}: ${issue?.message ?? 'does not fit'}`.slice(0, 512),
    };
  } catch {
    return { code: 'MESSAGE_INVALID', message: 'data could not be checked.' };
  }
}
