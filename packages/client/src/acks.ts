// Tells the service how far events are processed: section 5 of the protocol.
import type { AckFrame, Position } from '@throughline/events/protocol';
import { createAlarm } from './alarm.js';
import type { After } from './surroundings.js';

/** An ack is due after so many bytes of event frames, or so many ms after the first event it covers. */
const dueBytes = 16_384;
const dueMs = 1_000;
/** No service takes a greater count. */
const mostCounted = 1_000_000;

export interface Acks {
  /**
   * Notes that every event up to `position` is processed.
   *
   * @param size length of its frame. UTF-16 units stand in for bytes: an ack may come after three times as many bytes,
   *   far below the window of 128 KiB, and nothing is encoded just to be counted.
   * @param urgent the service waits for it: the event was the end of a run
   */
  processed(position: Position, size: number, urgent?: boolean): void;
  /** Counts what the service wants to know of; the counts go with the next ack, on whatever connection. */
  met(what: keyof Met): void;
  /** Forgets what is not yet sent: it would mean nothing to another reading. The counts stay. */
  stop(): void;
}

/** What the client has met since its last ack. */
interface Met {
  gaps?: number;
  duplicates?: number;
}

export function createAcks(after: After, send: (ack: AckFrame) => void): Acks {
  const alarm = createAlarm(after);
  let met: Met = {};
  let due: Position | undefined;
  let bytes = 0;
  function stop() {
    alarm.clear();
    due = undefined;
    bytes = 0;
  }
  function flush() {
    const position = due;
    stop();
    if (!position) return;
    send({ type: 'ack', position, ...met });
    met = {};
  }
  return {
    stop,
    met(what) {
      met[what] = Math.min((met[what] ?? 0) + 1, mostCounted);
    },
    processed(position, size, urgent) {
      if (!due) alarm.set(dueMs, flush);
      due = position;
      bytes += size;
      if (bytes >= dueBytes || urgent) flush();
    },
  };
}
