// What the user says, kept until the service has it: section 6 of the protocol.
import {
  type AcceptedFrame,
  type ErrorFrame,
  isId,
  parsePosition,
  type WelcomeFrame,
} from '@throughline/events/protocol';
import { createAlarm } from './alarm.js';
import { createBackoff } from './backoff.js';
import { type ClientError, clientError } from './errors.js';
import { newId } from './id.js';
import type { Surroundings } from './surroundings.js';

/** How many messages and cancels may wait, and how long one may, in ms: 12 hours. */
const most = 100;
const oldest = 12 * 3_600_000;

/** What a user says. */
export interface OutgoingMessage {
  readonly thread_id: string;
  /** The unfinished run of that thread that it is for; without it, it is for the service's handler. */
  readonly run_id?: string | undefined;
  /** Any JSON value; what it means is the application's. */
  readonly data: unknown;
}

/** A message under way. */
export interface SentMessage {
  /** The idempotency key. A run that answers has it as `message_id`. */
  readonly id: string;
  /** Resolves when the service has stored the message; rejects with a `ClientError`. Ignoring it is safe. */
  readonly accepted: Promise<void>;
}

export interface Outbox {
  send(message: OutgoingMessage): SentMessage;
  cancel(run_id: string): Promise<void>;
  /** A connection was welcomed: sends what waits. Without a welcome: it is gone. */
  connect(welcome?: WelcomeFrame): void;
  answered(frame: AcceptedFrame | ErrorFrame): void;
  /** Sends again what was refused for now. */
  retry(): void;
  /** Rejects everything that waits. */
  fail(error: ClientError): void;
}

interface Entry {
  readonly text: string;
  readonly bytes: number;
  readonly since: number;
  /** Of those in one lane each waits until the one before it is taken. A cancel has no lane: it overtakes. */
  readonly lane: 'handler' | 'run' | undefined;
  /** Resolves or rejects. */
  readonly settle: (error?: ClientError) => void;
  /** Sent before, with no answer: the service may have it twice. */
  again?: boolean;
  /** The connection on which its answer is awaited. */
  link?: WelcomeFrame | undefined;
  /** The incarnation of the log that may have it; none while it is known not to. */
  epoch?: string | undefined;
}

/**
 * @param write sends the text of a frame on the connection of the latest link
 * @param expired the service said that the session's token has expired
 * @param report told what fails after it was accepted
 */
export function createOutbox(
  { after, now, random }: Surroundings,
  write: (text: string) => void,
  expired: () => void,
  report: (fault: ClientError) => void,
): Outbox {
  const entries = new Map<string, Entry>();
  const backoff = createBackoff(random);
  const alarm = createAlarm(after);
  /** The welcome of the connection that things are sent on. */
  let link: WelcomeFrame | undefined;
  let epoch: string | undefined;
  let maxBytes = Infinity;

  function add(
    frame: { readonly id: string } & Readonly<Record<string, unknown>>,
    lane?: Entry['lane'],
  ): Promise<void> {
    const text = JSON.stringify(frame);
    const accepted = new Promise<void>((resolve, reject) => {
      if (entries.size >= most) reject(clientError('TOO_MANY_UNSENT'));
      else {
        entries.set(frame.id, {
          text,
          bytes: new TextEncoder().encode(text).length,
          since: now(),
          lane,
          settle: (error) => (error ? reject(error) : resolve()),
        });
      }
    });
    // A rejection that nobody looks at must not end a process.
    accepted.catch(() => {});
    flush();
    return accepted;
  }

  /** Why an entry must not be sent (again). */
  function obstacle(entry: Entry): ClientError | undefined {
    const { bytes } = entry;
    if (bytes > maxBytes) return clientError('MESSAGE_TOO_LARGE', `${bytes} of ${maxBytes} bytes`);
    if (now() - entry.since > oldest) return clientError('MESSAGE_TOO_OLD');
    // Who may have stored it has lost its memory of ids: sent again, it might be handled twice.
    if (entry.epoch && entry.epoch !== epoch) return clientError('FATE_UNKNOWN');
    return undefined;
  }

  function flush() {
    const busy = new Set<Entry['lane']>();
    for (const [id, entry] of entries) {
      const error = obstacle(entry);
      if (error) {
        entries.delete(id);
        entry.settle(error);
      } else if (link && !busy.has(entry.lane)) {
        // One at a time: were the next one sent already, and this one refused for now, they would change places. A message
        // to a run has a lane of its own, since those before it may wait for that very run.
        if (entry.lane) busy.add(entry.lane);
        if (entry.link === link) continue;
        entry.again = entry.epoch !== undefined;
        entry.link = link;
        entry.epoch = epoch;
        write(entry.text);
      }
    }
  }

  function retry() {
    for (const entry of entries.values()) if (!entry.epoch) entry.link = undefined;
    flush();
  }

  return {
    retry,
    send({ thread_id, run_id, data }) {
      check(thread_id);
      if (run_id !== undefined) check(run_id);
      checkJson(data);
      const id = newId();
      const frame = { type: 'message', id, thread_id, run_id, data };
      return { id, accepted: add(frame, run_id ? 'run' : 'handler') };
    },
    cancel(run_id) {
      check(run_id);
      return add({ type: 'cancel', id: newId(), run_id });
    },
    connect(welcome) {
      link = welcome;
      if (welcome) {
        epoch = parsePosition(welcome.position)?.epoch;
        maxBytes = welcome.max_frame_bytes;
      }
      alarm.clear();
      flush();
    },
    answered(frame) {
      const { id } = frame;
      const entry = entries.get(id);
      const error =
        frame.type === 'error' ? clientError(frame.code, undefined, { id, message: frame.message }) : undefined;
      const code = error?.code;
      if (!entry) {
        if (error) report(error);
      } else if (code === 'TOKEN_EXPIRED' || code === 'MESSAGE_TOO_MANY' || code === 'STORE_UNAVAILABLE') {
        entry.epoch = undefined;
        if (code === 'TOKEN_EXPIRED') expired();
        else alarm.set(backoff.next(), retry);
      } else {
        entries.delete(id);
        // A cancel, asked twice because the first answer was lost: the run is not running, which is what was wanted.
        entry.settle(code === 'RUN_UNKNOWN' && entry.again && !entry.lane ? undefined : error);
        flush();
      }
    },
    fail(error) {
      for (const entry of entries.values()) entry.settle(error);
      entries.clear();
    },
  };
}

function checkJson(data: unknown) {
  try {
    if (JSON.stringify(data) !== undefined) return;
  } catch {}
  throw clientError('INVALID_MESSAGE', 'data is no JSON value');
}

function check(id: string) {
  if (!isId(id)) throw clientError('INVALID_MESSAGE', 'an id is 1 to 128 printable ASCII characters without spaces');
}
