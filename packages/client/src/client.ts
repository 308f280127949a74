// Puts the parts together. Everything the application touches is here.
import type { AgentEvent } from '@throughline/events';
import {
  type ClientFrame,
  isId,
  mostThreads,
  type Position,
  parsePosition,
  type ServerFrame,
} from '@throughline/events/protocol';
import { createAcks } from './acks.js';
import { type Connection, createConnection } from './connection.js';
import type { GetToken } from './credential.js';
import { type ClientError, clientError } from './errors.js';
import { createHandlers, type Listenable, type Occasion } from './handlers.js';
import { createIteration } from './iteration.js';
import { createOutbox, type OutgoingMessage, type SentMessage } from './outbox.js';
import { createReader } from './reader.js';
import { type WebSocketConstructor, webSocketUrl } from './socket.js';
import type { Status } from './status.js';
import type { Surroundings } from './surroundings.js';

export interface ClientOptions {
  /** Where the service is, such as `/ws` (on a page) or `https://example.com/ws`. */
  readonly url: string | URL;
  /** Asked for a token before each connection, before the one in use ends, and when one was refused. */
  readonly getToken: GetToken;
  /**
   * The position that came with a snapshot that the application has loaded, of the threads to be read from the start.
   * Without it: the oldest unfinished run.
   */
  readonly from?: string | undefined;
  /** The threads to read from the start, as {@link ThroughlineClient.read} takes them. Without it: all. */
  readonly threads?: readonly string[] | undefined;
  /** Where there is no global one (Node 20): a constructor such as that of `ws`. */
  readonly webSocket?: WebSocketConstructor | undefined;
  /** Told of faults from the start: the same as `on('fault')`. */
  readonly onFault?: ((fault: ClientError) => void) | undefined;
}

/** One user's connection to their log. Iterating gives every event; see the README for what that means for acks. */
export interface ThroughlineClient extends AsyncIterable<AgentEvent> {
  /** Connects, and stays connected as far as the network and the close codes allow. Nothing when it is connected. */
  connect(): void;
  /** Disconnects. What waits to be sent is rejected with `CLOSED`; `connect()` resumes where it stopped. */
  close(): void;
  readonly status: Status;
  /**
   * Everything up to here, in the threads that are read, is processed. Keep it beside the state folded from the events, or
   * not at all. Inside a handler it is still the position before the event in hand.
   */
  readonly position: string | undefined;
  /**
   * Reads these threads from now on: at most 100 (none: an empty list; all: nothing). What was left is read on where it was
   * left; of a thread that was never read, unfinished runs come from their beginning. A run comes whole in either case.
   *
   * @throws `INVALID_OPTION` when it is no list of at most 100 ids
   */
  read(threads?: readonly string[]): void;
  /**
   * Calls `handler` for each event of a type, each event (`event`), or what happens to the connection (`status`,
   * `reset`, `fault`).
   *
   * An event counts as processed when its handlers have returned. One that throws does too, and so does one that
   * returns a promise: giving the event again would give the same error again. What was thrown becomes a fault.
   *
   * @returns a function that ends it
   */
  on<type extends Listenable>(type: type, handler: (value: Occasion<type>) => unknown): () => void;
  /**
   * Says something. It is sent when there is a connection, again after each reconnect until the service has it, in
   * order, at most 100 at a time and for at most 12 hours. What is for a run waits only for what is for runs.
   *
   * @throws `INVALID_MESSAGE` when an id is none or `data` is no JSON value
   */
  send(message: OutgoingMessage): SentMessage;
  /**
   * Stops a run. Resolves when the service has passed it on; the run then ends as `cancelled`. Rejects with
   * `RUN_UNKNOWN` when this user has no such unfinished run. Ignoring the rejection is safe.
   */
  cancel(run_id: string): Promise<void>;
}

/** Makes a client that lives in `surroundings`. */
export function buildClient(options: ClientOptions, surroundings: Surroundings): ThroughlineClient {
  const { from, getToken, onFault, webSocket = globalThis.WebSocket } = options;
  const url = webSocketUrl(options.url);
  if (!webSocket) throw clientError('NO_WEBSOCKET', 'pass the option webSocket');
  if (typeof getToken !== 'function') throw clientError('INVALID_OPTION', 'getToken must be a function');
  if (from !== undefined && !parsePosition(from)) throw clientError('INVALID_OPTION', 'from must be a position');

  const { on, emit, deliver } = createHandlers();
  const report = (fault: ClientError) => emit('fault', fault);
  if (onFault) on('fault', onFault);
  const iteration = createIteration(report);
  const send = (frame: ClientFrame) => connection.send(frame);
  const acks = createAcks(surroundings.after, send);
  const reader = createReader(from as Position | undefined, checkThreads(options.threads), acks, {
    report,
    ask(frame) {
      send(frame);
      connection.behind();
    },
    deliver(event, settle) {
      if (event) deliver(event);
      iteration.deliver(event, settle);
    },
    reset(reset) {
      iteration.clear();
      emit('reset', reset);
    },
  });
  const connection: Connection = createConnection(url, webSocket, getToken, surroundings, {
    query: reader.query,
    receive,
    report,
    down() {
      reader.down();
      outbox.connect();
    },
    status(status) {
      const { state, code } = status;
      if (state === 'signed_out') iteration.end(clientError('SIGNED_OUT'));
      if (state === 'closed') {
        const error = clientError('CLOSED', code);
        outbox.fail(error);
        iteration.end(code ? error : undefined);
      }
      emit('status', status);
    },
  });
  const outbox = createOutbox(surroundings, connection.send, connection.refresh, report);
  let user: string | undefined;

  function receive(frame: AgentEvent | ServerFrame, size: number) {
    if ('offset' in frame || frame.type === 'welcome') {
      user ??= frame.user_id;
      if (user !== frame.user_id) {
        // A client is one user's: neither what it holds nor what it has yet to send may meet another.
        const fault = clientError('FOREIGN_USER');
        iteration.end(fault);
        report(fault);
        connection.close();
        return false;
      }
    }
    if ('offset' in frame) reader.event(frame, size);
    else if (frame.type === 'welcome') {
      reader.welcome(frame);
      outbox.connect(frame);
    } else if (frame.type === 'reading') reader.reading(frame);
    else if (frame.type === 'reset') reader.reset(frame);
    else if (frame.type === 'degraded') emit('degraded', frame.level);
    else if (frame.type === 'heartbeat') reader.heartbeat(frame);
    else if (frame.type === 'refreshed') outbox.retry();
    else if (frame.type === 'accepted' || frame.type === 'error') outbox.answered(frame);
    return reader.caughtUp;
  }

  /** What is said to a closed client is refused at once. */
  function unlessClosed<result>(said: result): result {
    if (connection.status.state === 'closed') outbox.fail(clientError('CLOSED'));
    return said;
  }

  return {
    on,
    connect: connection.connect,
    close: connection.close,
    read: (threads) => reader.read(checkThreads(threads)),
    send: (message) => unlessClosed(outbox.send(message)),
    cancel: (run_id) => unlessClosed(outbox.cancel(run_id)),
    get status() {
      return connection.status;
    },
    get position() {
      return reader.position;
    },
    [Symbol.asyncIterator]: iteration.iterate,
  };
}

/** The service closes for good on a frame that is illegal: better here. A copy, since the caller may change theirs. */
function checkThreads(threads: readonly string[] | undefined): readonly string[] | undefined {
  if (!threads) return undefined;
  if (Array.isArray(threads) && threads.length <= mostThreads && threads.every(isId)) return [...threads];
  throw clientError('INVALID_OPTION', `threads must be at most ${mostThreads} ids`);
}
