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
  /** Whether everything that existed when the reading began has arrived, and no other has been asked for. */
  readonly caughtUp: boolean;
  /** From now on these threads are wanted; all, when none are named. */
  read(threads: Threads): void;
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
export function createReader(from: Position | undefined, wanted: Threads, acks: Acks, ports: ReaderPorts): Reader {
  const bookmarks = createBookmarks();
  const order = createOrder(bookmarks.seen);
  /** The threads that the latest request, a query or a frame, was for. */
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
  /** Whether all threads are read now. */
  let all = true;
  let connected = false;
  /** A reading was asked for that is not open yet. */
  let pending = false;

  function parse(position: Position) {
    const parts = parsePosition(position);
    if (!parts) throw clientError('INVALID_FRAME', 'position');
    return parts;
  }
  function note() {
    if (received) bookmarks.put(received);
  }
  const isOutdated = () => JSON.stringify(asked) !== JSON.stringify(wanted);
  /** Asks for the wanted threads. One question at a time: a page may change its mind as often as it likes. */
  function ask() {
    if (!connected || pending || !isOutdated()) return;
    pending = true;
    asked = wanted;
    acks.stop();
    note();
    ports.ask({ type: 'threads', threads: wanted ?? null, from: bookmarks.from(wanted) });
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
    // Where the next reading was to open, something was held: it must be asked for again. No thread has such an id.
    if (pending) asked = [''];
    ports.reset({ cause, position });
  }
  /** Has come to a position, with an event or without. An opening, which has no size, is not acknowledged. */
  function move(position: Position, size = -1, event?: AgentEvent) {
    const reading = readings;
    received = position;
    bookmarks.reach(offset);
    ports.deliver(event, () => {
      processed = position;
      if (size >= 0 && reading === readings && !pending) {
        acks.processed(position, size, event?.type === 'agent_completed');
      }
    });
  }
  /** Ends the reading and begins another. */
  function open(threads: Threads, { position, head: newHead }: Pick<ReadingFrame, 'position' | 'head'>) {
    const opens = parse(position);
    note();
    received = undefined;
    readings++;
    head = newHead;
    offset = opens.offset;
    all = !threads;
    bookmarks.open(threads, offset);
    if (isOutdated()) return;
    // A position that was asked for is honoured, or a reset follows. Until then what is remembered is all that is true:
    // adopting the opening, and losing the connection before the reset, would keep a void fold.
    const resumed = bookmarks.from(threads) !== 'active';
    // `active` was asked with events in hand, because of a gap. What is missing may lie before it: the run has ended.
    const broken = order.mayMiss(offset, bookmarks.anew) || !(resumed || opens.epoch === epoch);
    if (broken && epoch !== undefined) {
      reset({ cause: 'gap', position });
    } else if (!resumed) {
      ({ epoch } = opens);
      move(position);
    }
  }
  /** The next reading was asked for when nothing was known of this one: what this one brings, it may pass over. */
  const isReplaced = () => pending && !received;

  bookmarks.open(wanted, 0);
  if (from) restart(from);

  return {
    reset,
    get position() {
      return processed;
    },
    get caughtUp() {
      return offset >= head && !pending;
    },
    read(threads) {
      wanted = threads;
      ask();
    },
    query(query) {
      asked = wanted;
      note();
      query.set('from', bookmarks.from(wanted));
      query.delete('threads');
      for (const thread of wanted?.length === 0 ? [''] : (wanted ?? [])) query.append('threads', thread);
    },
    welcome(frame) {
      connected = true;
      open(asked, frame);
      ask();
    },
    reading(frame) {
      pending = false;
      open(frame.threads ?? undefined, frame);
      ask();
    },
    event(event, size) {
      if (isReplaced()) return;
      const verdict = order.judge(event);
      if (verdict === 'gap') {
        acks.met('gaps');
        const place = order.place(event);
        gaps = place === gap ? gaps + 1 : 1;
        gap = place;
        const fault = clientError('GAP', `offset ${event.offset}`);
        // At first the run is read again into what is held; if that does not join, everything is (no epoch is empty: the
        // welcome will not match). If even that leaves the gap, the log itself has a hole, and the run goes on without:
        // better than to withhold its end for ever.
        if (gaps < 3) {
          note();
          bookmarks.tear(event.thread_id);
          received = undefined;
          if (gaps === 2) {
            epoch = '';
            bookmarks.restart(0);
          }
          throw fault;
        }
        ports.report(fault);
      }
      let next: AgentEvent | undefined;
      if (verdict === 'held') acks.met('duplicates');
      else {
        next = order.rest(event);
        order.note(event);
      }
      ({ offset } = event);
      move(formatPosition(epoch as string, offset, event.mark), size, next);
    },
    heartbeat({ position }) {
      const at = parse(position).offset;
      if (isReplaced() || at <= offset) return;
      // It comes after all that was sent. Unless some threads are not read, an event up to there that never came is
      // lost, and no other might show it.
      if (all) throw clientError('GAP', position);
      offset = at;
      move(position, 0);
    },
    down() {
      connected = pending = false;
      readings++;
      acks.stop();
    },
  };
}
