// Writes the events of one run into its user's log: numbered densely, in order, each exactly once.
import type { RunId, ThreadId } from '@throughline/events/protocol';
import { isThroughlineError, throughlineError } from './errors.js';
import { serialiseData, serialiseText } from './event-body.js';
import type { NewEntry, Position, UserLog, Verdict } from './log.js';
import type { User } from './user.js';

/** What all events of a run share. */
export interface RunIdentity {
  readonly run_id: RunId;
  readonly thread_id: ThreadId;
  readonly agent_name: string;
}

/** How an event is written. */
export interface WriteOptions {
  /** It belongs to the end of the run, which goes on whatever failed before. */
  readonly ending?: boolean;
  /** Called when the event is handed to the log: from then on it may be stored. */
  readonly onHanded?: () => void;
  /** The service's own words, without anything of the application's: redaction is not asked, so that it cannot fail. */
  readonly ownWords?: boolean;
}

const plain: WriteOptions = {};

export class RunWriter {
  readonly #user: User;
  readonly #log: UserLog;
  readonly #runId: RunId;
  readonly #threadId: ThreadId;
  readonly #agentName: string;
  /** What follows `seq` in all events of the run, as far as the time. */
  readonly #behindSeq: string;
  /** What events of the latest type begin with, as far as `seq`: the next is most likely of the same. */
  #type: string | undefined;
  #beforeSeq = '';
  #seq = 0;
  /** Settles when the log has answered every append so far; undefined when it has. */
  #inFlight: Promise<unknown> | undefined;
  #inFlightSize = 0;
  /** Entries of which the log did not say whether they are stored. */
  #doubtful: readonly NewEntry[] = [];
  #fault: Error | undefined;

  /** @param traceparent checked: it goes into each event as it is */
  constructor(user: User, log: UserLog, { run_id, thread_id, agent_name }: RunIdentity, traceparent?: string) {
    this.#user = user;
    this.#log = log;
    this.#runId = run_id;
    this.#threadId = thread_id;
    this.#agentName = agent_name;
    this.#behindSeq = [
      '',
      `"thread_id":${JSON.stringify(thread_id)}`,
      `"run_id":${JSON.stringify(run_id)}`,
      `"agent_name":${JSON.stringify(agent_name)}`,
      ...(traceparent === undefined ? [] : [`"traceparent":"${traceparent}"`]),
      '"timestamp":"',
    ].join(',');
  }

  /** How many events the log has taken. */
  get count(): number {
    return this.#seq;
  }

  /** The first failure: nothing but the end of the run is written after it. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  /** Settles when the log has answered everything written so far; undefined when it has. */
  get pending(): Promise<unknown> | undefined {
    return this.#inFlight;
  }

  /** Writes an event. Whatever becomes of it, ignoring the verdict is safe. */
  write(type: string, data: unknown, options: WriteOptions = plain): Verdict {
    if (this.#fault && !options.ending) return refused(this.#fault);
    try {
      if (!options.ending) this.#user.admit();
      const json = this.#serialise(type, data, options);
      const result = this.#inFlight
        ? this.#queue(this.#inFlight, type, json, options)
        : this.#append(type, json, options);
      if (result instanceof Promise) return handled(this.#track(result, json.length, options));
      const yielded = this.#user.yielded();
      return yielded ? yielded.then(() => result) : Promise.resolve(result);
    } catch (error) {
      return this.fail(error, options.ending);
    }
  }

  /** The first failure sticks to the run. That its end is not stored yet is none: it is tried again. */
  fail(error: unknown, ending = false): Promise<never> {
    const fault = isThroughlineError(error)
      ? error
      : throughlineError('STORE_FAILED', 'The event was not stored.', error);
    if (!ending || fault.code !== 'STORE_FAILED') this.#fault ??= fault;
    return refused(fault);
  }

  /** Takes its turn behind appends that a log has yet to answer. */
  #queue(ahead: Promise<unknown>, type: string, json: string, options: WriteOptions): Promise<Position> {
    const limit = this.#user.runtime.options.maxPendingBytes;
    if (this.#inFlightSize > limit && !options.ending) {
      throw throughlineError('PRODUCER_TOO_FAST', `More than ${limit} bytes of one run wait to be stored.`);
    }
    return ahead.then(() => {
      if (this.#fault && !options.ending) throw this.#fault;
      return this.#append(type, json, options);
    });
  }

  async #track(result: Promise<Position>, size: number, { ending }: WriteOptions): Promise<Position> {
    const settled = result.then(
      () => {},
      () => {},
    );
    this.#inFlight = settled;
    this.#inFlightSize += size;
    try {
      return await result;
    } catch (error) {
      return await this.fail(error, ending);
    } finally {
      this.#inFlightSize -= size;
      if (this.#inFlight === settled) this.#inFlight = undefined;
    }
  }

  /** One append. What a log refused may be stored all the same: it goes again, under its number, with what comes next. */
  #append(type: string, json: string, { onHanded }: WriteOptions): Position | Promise<Position> {
    const entry = this.#entry(type, json, this.#seq + 1 + this.#doubtful.length);
    const batch = this.#doubtful.length === 0 ? [entry] : [...this.#doubtful, entry];
    onHanded?.();
    let result: Position | Promise<Position>;
    try {
      result = this.#user.append(this.#log, batch);
    } catch (error) {
      return this.#doubt(entry, batch, error);
    }
    if (!(result instanceof Promise)) return this.#stored(entry, result);
    return result.then(
      (position) => this.#stored(entry, position),
      (error: unknown) => this.#doubt(entry, batch, error),
    );
  }

  #stored({ seq }: NewEntry, position: Position): Position {
    this.#seq = seq as number;
    if (this.#doubtful.length > 0) this.#doubtful = [];
    return position;
  }

  /** The log did not say whether a batch is stored. The end of a run is made anew by its next attempt. */
  #doubt({ ends }: NewEntry, batch: readonly NewEntry[], error: unknown): never {
    if (!ends) this.#doubtful = batch;
    throw error;
  }

  #serialise(type: string, data: unknown, { ownWords }: WriteOptions): string {
    const draft = { type, thread_id: this.#threadId, run_id: this.#runId, agent_name: this.#agentName, data };
    const { options } = this.#user.runtime;
    if (type === 'partial_result') return serialiseText(draft, options);
    return serialiseData(draft, ownWords ? { maxEventBytes: options.maxEventBytes } : options, type === this.#type);
  }

  #entry(type: string, json: string, seq: number): NewEntry {
    const { key, envelope, runtime } = this.#user;
    if (type !== this.#type) {
      this.#type = type;
      this.#beforeSeq = `${envelope},"type":"${type}","seq":`;
    }
    return {
      key,
      body: `${this.#beforeSeq}${seq}${this.#behindSeq}${runtime.timestamp()}","data":${json}}`,
      type,
      thread_id: this.#threadId,
      run_id: this.#runId,
      seq,
      ends: type === 'agent_completed',
    };
  }
}

/** A promise whose rejection may be ignored without ending the process. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** A rejection that may be ignored. */
export function refused(error: Error): Promise<never> {
  return handled(Promise.reject(error));
}
