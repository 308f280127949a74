// Where this client stands in its user's log, and what it does with each event: sections 4 and 5 of the protocol.
import type { AgentEvent } from '@throughline/events';
import {
  formatPosition,
  type HeartbeatFrame,
  type Position,
  parsePosition,
  type ResetCause,
  type ResetFrame,
  type WelcomeFrame,
} from '@throughline/events/protocol';
import type { Acks } from './acks.js';
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
}

/** What it cannot accept of a service it throws; the connection then reports that and begins anew. */
export interface Reader {
  /** Up to here everything is processed. */
  readonly position: Position | undefined;
  /** Whether everything that existed when the connection began has arrived. */
  readonly caughtUp: boolean;
  /** What the next connection asks for. */
  from(): string;
  welcome(frame: WelcomeFrame): void;
  reset(frame: ResetFrame): void;
  event(event: AgentEvent, size: number): void;
  heartbeat(frame: HeartbeatFrame): void;
  /** The connection is gone. */
  down(): void;
}

/** @param from a position that the application's own state belongs to */
export function createReader(from: Position | undefined, acks: Acks, ports: ReaderPorts): Reader {
  const order = createOrder();
  /** The position of the last event that came; none when the next connection must ask for `active`. */
  let received: Position | undefined;
  /** The same once all are done with it. */
  let processed: Position | undefined;
  /** The parts of `received`. No epoch: nothing was ever read. */
  let epoch: string | undefined;
  let offset = 0;
  let head = 0;
  /** The offset behind the last gap, and how often in a row it was met. */
  let gap = 0;
  let gaps = 0;
  /** Counts connections: what one of them brought is acknowledged on it or not at all. */
  let connections = 0;

  function parse(position: Position) {
    const parts = parsePosition(position);
    if (!parts) throw clientError('INVALID_FRAME', 'position');
    return parts;
  }
  /** Reads on after a position. Unless what is `held` stays true, everything is forgotten. */
  function readFrom(position: Position, held?: boolean) {
    ({ epoch, offset } = parse(position));
    received = processed = position;
    if (!held) order.restart(offset);
  }
  function reset({ cause, position }: Reset) {
    readFrom(position);
    acks.stop();
    ports.reset({ cause, position });
  }
  if (from) readFrom(from);

  return {
    reset,
    get position() {
      return processed;
    },
    get caughtUp() {
      return offset >= head;
    },
    from: () => received ?? 'active',
    welcome(frame) {
      const { position } = frame;
      const opens = parse(position);
      head = frame.head;
      // A position that was asked for is honoured, or a reset follows. Until then it is the only true one: adopting the
      // welcome's, and losing the connection before the reset, would keep a void fold.
      if (received) return;
      // `active` was asked with events in hand, because of a gap. What is missing may lie before it: the run has ended.
      if (epoch !== undefined && (opens.epoch !== epoch || order.mayMiss(opens.offset))) {
        reset({ cause: 'gap', position });
      } else readFrom(position, true);
    },
    event(event, size) {
      const verdict = order.judge(event);
      if (verdict === 'gap') {
        gaps = event.offset === gap ? gaps + 1 : 1;
        gap = event.offset;
        const fault = clientError('GAP', `offset ${gap}`);
        // At first the run is read again into what is held; if that does not join, everything is (no epoch is empty: the
        // welcome will not match). If even that leaves the gap, the log itself has a hole, and the run goes on without:
        // better than to withhold its end for ever.
        if (gaps < 3) {
          received = undefined;
          if (gaps === 2) epoch = '';
          throw fault;
        }
        ports.report(fault);
      }
      if (verdict !== 'held') order.note(event);
      offset = event.offset;
      const position = formatPosition(epoch as string, offset, event.mark);
      const connection = connections;
      received = position;
      ports.deliver(verdict === 'held' ? undefined : event, () => {
        processed = position;
        if (connection === connections) acks.processed(position, size);
      });
    },
    heartbeat(frame) {
      // It comes after all that was sent. An event up to there that never came is lost, and no other might show it.
      if (parse(frame.position).offset > offset) throw clientError('GAP', frame.position);
    },
    down() {
      connections++;
      acks.stop();
    },
  };
}
