// Where this client stands in its user's log, and what it does with each event: sections 4 and 5 of the protocol.
import type { AgentEvent } from '@throughline/events';
import {
  formatPosition,
  type HeartbeatFrame,
  type Position,
  parsePosition,
  type ReadingFrame,
  type ResetCause,
  type ResetFrame,
  type ThreadsFrame,
  type WelcomeFrame,
} from '@throughline/events/protocol';
import type { Acks } from './acks.js';
import { createBookmarks, type Threads } from './bookmarks.js';
import { type ClientError, clientError } from './errors.js';
import { createOrder } from './order.js';

/** Everything folded so far is void; events go on after `position`. */
export interface Reset {
  /** The service's cause, or `gap`: events went missing and cannot be fetched into what is held. */
  readonly cause: ResetCause | 'gap';
  readonly position: Position;
}

export interface ReaderPorts {
  /** Hands on an event, or, for one that is dropped, nothing; calls `settle` when it is processed. */
  deliver(event: AgentEvent | undefined, settle: () => void): void;
  /** Everything handed on is void. */
  reset(reset: Reset): void;
  report(fault: ClientError): void;
  /** Asks for another reading on the connection there is. */
  ask(frame: ThreadsFrame): void;
}

/** What it cannot accept of a service it throws; the connection then reports that and begins anew. */
export interface Reader {
  /** Up to here everything is processed. */
  readonly position: Position | undefined;
  /** Whether everything that existed when the reading began has arrived. */
  readonly caughtUp: boolean;
  /** From now on these threads are wanted; all, when none are named. */
  read(threads: readonly string[] | undefined): void;
  /** Writes what the next connection asks for into its query. */
  query(query: URLSearchParams): void;
  welcome(frame: WelcomeFrame): void;
  reading(frame: ReadingFrame): void;
  reset(frame: ResetFrame): void;
  event(event: AgentEvent, size: number): void;
  heartbeat(frame: HeartbeatFrame): void;
  /** The connection is gone. */
  down(): void;
}

/**
 * @param from a position that the application's own state belongs to
 * @param wanted the threads to read; all, when none are named
 */
export function createReader(
  from: Position | undefined,
  wanted: readonly string[] | undefined,
  acks: Acks,
  ports: ReaderPorts,
): Reader {
  const bookmarks = createBookmarks();
  const order = createOrder(bookmarks.seen);
  /** The threads that the latest query asked for. */
  let asked = wanted;
  /** Where the reading stands, once that is certain: the position of the last event that came. */
  let received: Position | undefined;
  /** The same once all are done with it. */
  let processed: Position | undefined;
  /** Of what was received. None: nothing was ever read. */
  let epoch: string | undefined;
  /** Where the reading stands, certain or not. */
  let offset = 0;
  let head = 0;
  /** Where the last gap was met, and how often in a row. */
  let gap = '';
  let gaps = 0;
  /** Counts readings: what one of them brought is acknowledged on it or not at all. */
  let readings = 0;
  let connected = false;
  /** How many readings were asked for that are not open yet. */
  let pending = 0;
  /** A reset came when readings were pending: they open where nothing is held any more, and are not the last ones. */
  let stale = false;

  function parse(position: Position) {
    const parts = parsePosition(position);
    if (!parts) throw clientError('INVALID_FRAME', 'position');
    return parts;
  }
  /** The wanted threads and where to read them, now that it is known how far the present ones were read. */
  function opening(): string {
    if (received) bookmarks.put(received);
    return bookmarks.from(wanted);
  }
  function ask() {
    acks.stop();
    pending++;
    ports.ask({ type: 'threads', threads: wanted ?? null, from: opening() });
  }
  /** Everything is void, and read on behind a position. */
  function restart(position: Position) {
    ({ epoch, offset } = parse(position));
    received = processed = position;
    order.restart();
    bookmarks.restart(offset);
  }
  function reset({ cause, position }: Reset) {
    restart(position);
    acks.stop();
    if (pending) {
      stale = true;
      ask();
    }
    ports.reset({ cause, position });
  }
  /** Has come to a position, with an event or without. */
  function move(position: Position, size: number, event?: AgentEvent) {
    const reading = readings;
    received = position;
    bookmarks.reach(offset);
    ports.deliver(event, () => {
      processed = position;
      if (size >= 0 && reading === readings && !pending) acks.processed(position, size);
    });
  }
  function open(threads: Threads, position: Position, newHead: number) {
    const opens = parse(position);
    const certain = !stale && !bookmarks... 
  }
