// The inbox: what a user's clients say, accepted once, handled in order per thread.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { UserLog } from './log.js';
import type { IncomingMessage } from './options.js';
import { TokenBucket } from './rate.js';
import type { Runtime } from './runtime.js';
import { reportFault } from './telemetry.js';
import type { UserContext } from './user-context.js';

/** Why a message was not accepted: the codes of PROTOCOL.md, section 3. */
export interface Refusal {
  readonly code: 'MESSAGE_INVALID' | 'MESSAGE_TOO_MANY' | 'MESSAGE_UNSUPPORTED' | 'STORE_UNAVAILABLE';
  readonly message: string;
}

/** How a sender hears what becomes of a message. */
export interface Replies {
  /** It is accepted, now or earlier. Told before its handler begins. */
  accepted(): void;
  /** Its handler failed: words for the user. */
  failed(message: string): void;
}

/** One inbox per user: its sessions share the order and the limits. */
export class Inbox {
  readonly #runtime: Runtime;
  /** The last message of each thread that waits or is at work; what comes next waits for it. */
  readonly #threads = new Map<string, Promise<void>>();
  readonly #rate: TokenBucket;
  #pending = 0;
  #working = 0;
  #waiting: (() => void)[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#rate = new TokenBucket(runtime.options.messagesPerUser, runtime.scheduler.now());
  }

  /** Messages accepted and not yet handled. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Takes a message: checks it, remembers its id, queues it for its thread.
   *
   * @returns why it was refused; `undefined` when it was accepted
   */
  async offer(
    message: IncomingMessage,
    userContext: UserContext,
    log: UserLog,
    replies: Replies,
  ): Promise<Refusal | undefined> {
    const { onMessage, messages, maxPendingMessages } = this.#runtime.options;
    if (!onMessage) return { code: 'MESSAGE_UNSUPPORTED', message: 'This service takes no messages.' };
    const wait = this.#rate.take(this.#runtime.scheduler.now());
    if (wait > 0) return { code: 'MESSAGE_TOO_MANY', message: `Too many messages. Send it again in ${wait} s.` };
    const checked = messages ? await check(messages, message.data) : { data: message.data };
    if ('code' in checked) return checked;
    if (this.#pending >= maxPendingMessages) {
      return { code: 'MESSAGE_TOO_MANY', message: `${maxPendingMessages} messages wait already. Send it again later.` };
    }
    this.#pending += 1;
    let isNew = false;
    try {
      isNew = await log.claim(message.id);
    } catch {
      return { code: 'STORE_UNAVAILABLE', message: 'The message cannot be stored now. Send it again later.' };
    } finally {
      if (!isNew) this.#pending -= 1;
    }
    replies.accepted();
    if (isNew) this.#queue({ ...message, data: checked.data }, userContext, replies);
    return undefined;
  }

  #queue(message: IncomingMessage, userContext: UserContext, replies: Replies): void {
    const { thread_id } = message;
    const ahead = this.#threads.get(thread_id) ?? Promise.resolve();
    const handled = ahead.then(() => this.#handle(message, userContext, replies));
    this.#threads.set(thread_id, handled);
    void handled.then(() => {
      this.#pending -= 1;
      if (this.#threads.get(thread_id) === handled) this.#threads.delete(thread_id);
    });
  }

  async #handle(message: IncomingMessage, userContext: UserContext, replies: Replies): Promise<void> {
    const { options, told, report } = this.#runtime;
    if (this.#working < options.maxConcurrentMessages) this.#working += 1;
    else await new Promise<void>((turn) => this.#waiting.push(turn));
    try {
      await options.onMessage?.(message, userContext);
    } catch (error) {
      // What ended a run has been told by its agent_completed.
      if (typeof error === 'object' && error !== null && told.has(error)) return;
      reportFault(report, 'handler', error);
      replies.failed('The message could not be handled.');
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#working -= 1;
    }
  }
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
