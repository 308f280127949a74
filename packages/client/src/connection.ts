// Gets a welcomed socket and keeps getting one: tokens, attempts, close codes, liveness. Knows nothing of events.
import {
  type AgentEvent,
  type ClientFrame,
  parseServerFrame,
  type RetryRule,
  retryRule,
  type ServerFrame,
  subprotocol,
} from '@throughline/events/protocol';
import { createAlarm } from './alarm.js';
import { createBackoff } from './backoff.js';
import { bearerItem, createRefresh, type GetToken, type TokenReason, tokenFailed } from './credential.js';
import { type ClientError, clientError } from './errors.js';
import { newId } from './id.js';
import { createLiveness } from './liveness.js';
import type { SocketPort, WebSocketConstructor } from './socket.js';
import type { Status } from './status.js';
import type { Surroundings } from './surroundings.js';

/** How long, in ms, from opening a socket to its welcome. Longer than a slow handshake, shorter than a person's patience. */
const welcomeMs = 15_000;
/** How long, in ms, `getToken` may take: one that hangs must not hold the page off for ever. */
const tokenMs = 30_000;

/** Whom the connection serves. */
export interface ConnectionOwner {
  /** Writes into the query, at each attempt, what is to be read. */
  query(query: URLSearchParams): void;
  /**
   * A frame came; the first of each socket is its welcome. What this throws is reported as a fault of the service, and
   * the connection begins anew.
   *
   * @param size length in characters
   * @returns whether all that was there before the connection has come
   */
  receive(frame: AgentEvent | ServerFrame, size: number): boolean;
  /** The socket is gone. */
  down(): void;
  /** It stands otherwise. */
  status(status: Status): void;
  report(fault: ClientError): void;
}

export interface Connection {
  readonly status: Status;
  /** Connects, unless connected or connecting; cuts a wait short. */
  connect(): void;
  /** Stays closed until `connect()`. */
  close(): void;
  /** Sends a frame, or its text, on the welcomed socket; nothing without one. */
  send(frame: ClientFrame | string): void;
  /** Asks for a fresh token now. */
  refresh(): void;
  /** What was asked for has yet to come. */
  behind(): void;
}

export function createConnection(
  url: URL,
  webSocket: WebSocketConstructor,
  getToken: GetToken,
  surroundings: Surroundings,
  owner: ConnectionOwner,
): Connection {
  const { after, now } = surroundings;
  const backoff = createBackoff(surroundings.random);
  /** Awaits the welcome or, after a loss, the next attempt: never both. */
  const alarm = createAlarm(after);
  const liveness = createLiveness(
    surroundings,
    () => send({ type: 'ping', id: newId() }),
    () => leave('now'),
  );
  const refresh = createRefresh(after, getToken, (token) => send({ type: 'token', id: newId(), token }), owner.report);

  let status: Status = { state: 'idle' };
  let socket: SocketPort | undefined;
  /** When the socket was welcomed; 0 before. */
  let welcomed = 0;
  /** Tells an attempt whose `getToken` took long that it is no longer wanted. */
  let attempt = 0;
  let reason: TokenReason = 'connect';
  /** A token was refused, and none has been welcomed since. */
  let refused = false;
  let drainMs = 0;
  let unwatch = () => {};

  function stand(next: Status) {
    status = next;
    owner.status(next);
  }
  function send(frame: ClientFrame | string) {
    if (welcomed) socket?.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  async function open() {
    const mine = ++attempt;
    alarm.set(tokenMs, () => {
      leave('backoff');
      owner.report(clientError('TOKEN_FAILED', 'no answer'));
    });
    stand({ state: 'connecting' });
    let token: string | null | undefined;
    try {
      token = await getToken(reason);
      if (mine !== attempt) return;
      if (!token) return rest(reason === 'refused' ? 'signed_out' : 'waiting');
      reason = 'connect';
      owner.query(url.searchParams);
      url.searchParams.set('acks', '1');
      const opened = new webSocket(url.href, [subprotocol, bearerItem(token)]);
      socket = opened;
      drainMs = 0;
      alarm.set(welcomeMs, () => leave('backoff'));
      // Of a socket that was let go nothing is heard, however long its close handshake takes.
      opened.addEventListener('message', ({ data }) => {
        if (socket === opened) read(data);
      });
      opened.addEventListener('close', ({ code }) => {
        if (socket === opened) leave(retryRule(code), code);
      });
      // The close that follows says all there is to know; without a listener `ws` would throw its error.
      opened.addEventListener('error', () => {});
    } catch (cause) {
      if (mine !== attempt) return;
      leave('backoff');
      // What the constructor throws may quote the subprotocols, and with them the token.
      owner.report(token ? clientError('CONNECT_FAILED') : tokenFailed(cause));
    }
  }

  function read(data: unknown) {
    liveness.heard();
    try {
      const frame = parseServerFrame(typeof data === 'string' ? data : '');
      if (!frame) return;
      if ((frame.type === 'welcome') === welcomed > 0) throw clientError('INVALID_FRAME', 'welcome');
      if (frame.type === 'welcome') {
        welcomed = now();
        refused = false;
        alarm.clear();
        liveness.start(frame.heartbeat_ms);
      }
      if ('expires_in_ms' in frame) refresh.arm(frame.expires_in_ms);
      if (frame.type === 'error' && frame.code === 'AUTHENTICATOR_DOWN') refresh.again();
      if (frame.type === 'draining') drainMs = frame.reconnect_after_ms || 0;
      const state = owner.receive(frame, (data as string).length) ? 'live' : 'catching_up';
      if (welcomed && state !== status.state) stand({ state });
    } catch (cause) {
      // First this: whoever is told of the fault may close.
      leave('now');
      const { name } = cause as Error;
      owner.report(
        name === 'ClientError' ? (cause as ClientError) : clientError('INVALID_FRAME', undefined, { cause }),
      );
    }
  }

  /** Lets go of the socket, if there is one, and does what the rule says. */
  function leave(rule: RetryRule, code?: number) {
    const left = socket;
    socket = undefined;
    attempt++;
    liveness.stop();
    refresh.stop();
    if (welcomed) backoff.lived(now() - welcomed);
    welcomed = 0;
    owner.down();
    left?.close(1000);

    if (rule === 'never') return rest('closed', code);
    if (rule === 'refresh') {
      if (refused) return rest('signed_out', code);
      refused = true;
      reason = 'refused';
    }
    alarm.clear();
    let wait: number | undefined;
    if (rule !== 'on_user_act') {
      // A refused token is worth trying again at once too, but one refused after each welcome must not make a storm.
      wait = rule !== 'backoff' && backoff.atOnce() ? drainMs : backoff.next();
      alarm.set(wait, () => void open());
    }
    stand({ state: 'offline', code, retry_in_ms: wait });
  }

  function rest(state: Status['state'], code?: number) {
    alarm.clear();
    unwatch();
    stand({ state, code });
  }

  return {
    send,
    refresh: refresh.ask,
    close: () => leave('never'),
    behind() {
      if (status.state === 'live') stand({ state: 'catching_up' });
    },
    get status() {
      return status;
    },
    connect() {
      if (welcomed || status.state === 'connecting') return;
      if (status.state !== 'offline') {
        reason = 'connect';
        refused = false;
        unwatch = surroundings.watchPage((byPerson) => {
          if (welcomed) {
            if (!byPerson) liveness.ask();
            // Without a time to wait for it waits for a person.
          } else if (status.state === 'offline' && (status.retry_in_ms === undefined) === byPerson) void open();
        });
      }
      void open();
    },
  };
}
