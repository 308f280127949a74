// A session: the authenticated state machine on exactly one socket. It dies with it.
//
// It is handed one user's log and one socket, and has no parameter through which another user could be named.
import {
  type ClientFrame,
  closeCodes,
  FrameError,
  formatPosition,
  parseClientFrame,
  parsePosition,
  type ServerFrame,
  type SessionId,
} from '@throughline/events/protocol';
import type { Authenticator, Identity } from './authenticator.js';
import { Cursor, type Opening, type Sink } from './cursor.js';
import { sameUser } from './envelope.js';
import type { Position, UserLog } from './log.js';
import { TokenBucket } from './rate.js';
import type { AcceptedSocket, SocketEvents } from './socket.js';
import { reportFault } from './telemetry.js';
import type { LiveSession, User } from './user.js';
import type { Grant, UserContext } from './user-context.js';

/** What a handshake hands to a session. */
export interface SessionParts {
  readonly user: User;
  readonly userContext: UserContext;
  readonly identity: Identity;
  /** The sign-in it came from. */
  readonly grant: Grant;
  readonly log: UserLog;
  readonly opening: Opening;
  /** Where the opening stands, and where the log ended. */
  readonly position: Position;
  /** Whether the client promised acknowledgements. */
  readonly acks: boolean;
  readonly socket: AcceptedSocket;
  readonly authenticate: Authenticator;
  /** The session's credential expires then: it wants to be told. */
  readonly onExpiry: (session: Session, at: number) => void;
  readonly onClosed: (session: Session) => void;
}

/** A peer from which nothing comes for so many intervals, pings unanswered, is gone. */
const silentIntervals = 3;

/** RFC 6455 leaves 123 bytes for the reason of a close. */
const reasonLength = 120;

export class Session implements LiveSession, SocketEvents, Sink {
  readonly id: SessionId;
  readonly #parts: SessionParts;
  #cursor: Cursor;
  /** When the credential expires, and when the grace after it ends. */
  #expiresAt = Number.POSITIVE_INFINITY;
  #graceEndsAt = Number.POSITIVE_INFINITY;
  #heard = true;
  #answered = true;
  readonly #frames: TokenBucket;
  #sent = true;
  #silence = 0;
  #closing: { readonly code: number; readonly reason: string } | undefined;
  /** Client frames are handled in order: each waits for the one before it. */
  #intake: Promise<void> = Promise.resolve();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.id = parts.user.runtime.scheduler.id();
    const { scheduler, options } = parts.user.runtime;
    this.#frames = new TokenBucket(options.framesPerSession, scheduler.now());
    this.#cursor = this.#openCursor(parts.opening.after);
    this.#setExpiry(parts.identity.expires_at);
  }

  get grant(): Grant {
    return this.#parts.grant;
  }

  /** Says welcome, joins the user's live sessions and reads: from here on the socket is the session's. */
  start(): void {
    const { user, position, log, opening, socket } = this.#parts;
    this.#send({
      type: 'welcome',
      session_id: this.id,
      user_id: user.key.user_id,
      position,
      head: log.head,
      heartbeat_ms: user.runtime.options.heartbeatMs,
      expires_in_ms: this.#expiresIn(),
      max_frame_bytes: user.runtime.options.maxFrameBytes,
    });
    if (opening.reset) this.#sendReset(opening.reset, position);
    user.join(this, log);
    socket.attach(this);
    if (sameUser(log.key, user.key)) this.pump();
    else this.#stopLeak('session');
  }

  pump(): void {
    this.#cursor.pump();
  }

  /** Whether events may be written now. Asked by the cursor each time, since a credential may end between two. */
  get writable(): boolean {
    return !this.#closing && !this.#expired && this.#parts.socket.writable;
  }

  write(bytes: Buffer): void {
    this.#sent = true;
    this.#parts.socket.write(bytes);
  }

  /** Closes with a code of PROTOCOL.md. The reason is for people; it never repeats what the client sent. */
  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = { code, reason };
    this.#cursor.stop();
    this.#parts.socket.close(code, reason.slice(0, reasonLength));
  }

  /** Cuts, without a word. */
  terminate(code: number, reason: string): void {
    this.#closing ??= { code, reason };
    this.#cursor.stop();
    this.#parts.socket.terminate();
  }

  probe(): void {
    this.#answered = false;
    this.#parts.socket.ping();
  }

  get answered(): boolean {
    return this.#answered;
  }

  /** The service works better or worse than it did. */
  announceHealth(level: 'healthy' | 'degraded' | 'unhealthy'): void {
    this.#send({ type: 'degraded', level });
  }

  /** The service lets go of its sessions, soon. */
  announceDrain(reconnect_after_ms: number): void {
    this.#send({ type: 'draining', reconnect_after_ms });
  }

  /** Nothing more is to come: its user's work has ended and everything was sent. */
  get released(): boolean {
    const { runs, inbox } = this.#parts.user;
    return runs.size === 0 && inbox.pending === 0 && this.#cursor.atHead;
  }

  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /** Once per heartbeat interval: ask a silent peer, tell a waiting one, let go of a dead one. */
  beat(): void {
    if (this.#closing) return;
    const { socket } = this.#parts;
    this.#silence = this.#heard ? 0 : this.#silence + 1;
    if (this.#silence >= silentIntervals) {
      this.terminate(closeCodes.tooSlow, 'silent');
      return;
    }
    if (!this.#heard) socket.ping();
    if (!this.#sent && this.#cursor.atHead) void this.#sendHeartbeat();
    this.#heard = false;
    this.#sent = false;
  }

  /** The clock reached a time that the session asked to be told of: its expiry, or the end of its grace. */
  expire(at: number): void {
    if (at === this.#graceEndsAt && this.#expired) this.close(closeCodes.unauthenticated, 'credential expired');
    else if (at === this.#expiresAt) this.#parts.onExpiry(this, this.#graceEndsAt);
  }

  onText(text: string): void {
    this.onPong();
    if (this.#closing) return;
    let frame: ClientFrame;
    try {
      frame = parseClientFrame(text);
    } catch (error) {
      this.close(closeCodes.illegalFrame, error instanceof FrameError ? error.message : 'illegal frame');
      return;
    }
    if (frame.type !== 'ack') this.#count();
    if (!this.#closing) this.#take(frame);
  }

  /** Each costs an answer, so pings count as frames do. */
  onPing(): void {
    this.onPong();
    this.#count();
  }

  onPong(): void {
    this.#heard = true;
    this.#answered = true;
  }

  onWritable(): void {
    this.pump();
  }

  onClosed(code: number, reason: string): void {
    this.#cursor.stop();
    const { user } = this.#parts;
    user.leave(this);
    this.#parts.onClosed(this);
    user.runtime.report({
      kind: 'session_closed',
      session_id: this.id,
      user_id: user.key.user_id,
      code: this.#closing?.code ?? code,
      reason: this.#closing?.reason ?? reason,
    });
    this.#closing ??= { code, reason };
  }

  /** Counts what the client may send only so often. Acks of what was sent are as many as that needs, and free. */
  #count(): void {
    const wait = this.#frames.take(this.#parts.user.runtime.scheduler.now());
    if (wait > 0) this.close(closeCodes.tooManyMessages, 'too many frames');
  }

  #take(frame: ClientFrame): void {
    switch (frame.type) {
      case 'ack':
        this.#acknowledge(frame.position);
        return;
      case 'ping':
        this.#send({ type: 'pong', id: frame.id });
        return;
      case 'token':
        this.#enqueue(() => this.#refresh(frame.id, frame.token));
        return;
      case 'cancel':
        this.#enqueue(() => this.#cancel(frame.id, frame.run_id));
        return;
      case 'message':
        this.#enqueue(() => this.#receive(frame));
        return;
    }
  }

  #enqueue(work: () => Promise<void> | void): void {
    this.#intake = this.#intake.then(work).catch((error: unknown) => this.#reportFault('session', error));
  }

  #acknowledge(text: string): void {
    const position = parsePosition(text);
    if (!position) this.close(closeCodes.illegalFrame, 'ack.position is not a position');
    else if (position.epoch !== this.#parts.log.epoch) return;
    else this.#advance(this.#cursor.acknowledge(position.offset));
  }

  #advance(verdict: ReturnType<Cursor['acknowledge']>): void {
    if (verdict === 'news') this.pump();
    else if (verdict === 'nothing_new') this.#count();
    else this.close(closeCodes.illegalFrame, 'ack.position was never sent');
  }

  #cancel(id: string, run_id: string): void {
    if (this.#refuseExpired(id)) return;
    const run = this.#parts.user.runs.get(run_id);
    if (!run) {
      this.#sendError(id, 'RUN_UNKNOWN', 'You have no unfinished run of this id.');
      return;
    }
    run.cancel();
    this.#send({ type: 'accepted', id });
  }

  async #receive({ id, thread_id, data }: ClientFrame & { type: 'message' }): Promise<void> {
    if (this.#closing || this.#refuseExpired(id)) return;
    if (this.#parts.user.runtime.draining) {
      // Said, so that the client knows that it may send it again to whoever comes next.
      this.#sendError(id, 'STORE_UNAVAILABLE', 'The service is going away. Send it again after the reconnect.');
      return;
    }
    const { user, log, userContext } = this.#parts;
    const refusal = await user.inbox.offer({ id, thread_id, data }, userContext, log, {
      accepted: () => this.#send({ type: 'accepted', id }),
      failed: (message) => this.#sendError(id, 'HANDLER_FAILED', message),
    });
    if (refusal) this.#sendError(id, refusal.code, refusal.message);
  }

  async #refresh(id: string, token: string): Promise<void> {
    const { identity: known, authenticate } = this.#parts;
    let identity: Identity | null;
    try {
      identity = await authenticate({ token, carrier: 'in_band' });
    } catch {
      // The authenticator is down: the session keeps the verdict it has until its grace ends.
      this.#sendError(id, 'AUTHENTICATOR_DOWN', 'The token cannot be checked now. Send it again.');
      return;
    }
    if (this.#closing) return;
    if (!identity) {
      this.close(closeCodes.unauthenticated, 'credential refused');
    } else if (identity.user_id !== known.user_id || identity.tenant_id !== known.tenant_id) {
      this.close(closeCodes.forbidden, 'the token is of another user');
    } else {
      this.#setExpiry(identity.expires_at);
      this.#send({ type: 'refreshed', id, expires_in_ms: this.#expiresIn() });
      this.pump();
    }
  }

  #refuseExpired(id: string): boolean {
    if (!this.#expired) return false;
    this.#sendError(id, 'TOKEN_EXPIRED', 'The credential has expired: send a token.');
    return true;
  }

  get #expired(): boolean {
    return this.#parts.user.runtime.scheduler.now() >= this.#expiresAt;
  }

  #setExpiry(at = Number.POSITIVE_INFINITY): void {
    this.#expiresAt = at;
    this.#graceEndsAt = at + this.#parts.user.runtime.options.expiryGraceMs;
    if (at !== Number.POSITIVE_INFINITY) this.#parts.onExpiry(this, at);
  }

  #expiresIn(): number | null {
    if (this.#expiresAt === Number.POSITIVE_INFINITY) return null;
    return Math.max(0, this.#expiresAt - this.#parts.user.runtime.scheduler.now());
  }

  #openCursor(after: number): Cursor {
    const { log, acks, user } = this.#parts;
    const window = acks ? user.runtime.options.ackWindowBytes : Number.POSITIVE_INFINITY;
    return new Cursor(log, this, after, window, user.canary, {
      lost: (cause) => {
        this.#restart(cause).catch((error: unknown) => {
          this.#reportFault('storage', error);
          this.close(closeCodes.overloaded, 'the log cannot be read');
        });
      },
      leaked: () => this.#stopLeak('window'),
    });
  }

  #stopLeak(where: 'window' | 'session'): void {
    this.#parts.user.runtime.leaked(this.#parts.user.key, where);
    this.close(closeCodes.internalError, 'stopped');
  }

  /** What this reader had yet to read is gone: say so, and read on where a page without state would. */
  async #restart(cause: 'lagged' | 'unknown_epoch'): Promise<void> {
    const { log } = this.#parts;
    const after = await log.active();
    const mark = await log.markAt(after);
    if (this.#closing) return;
    if (mark === undefined) {
      // It moved on while we looked.
      await this.#restart(cause);
      return;
    }
    this.#sendReset(cause, formatPosition(log.epoch, after, mark));
    this.#cursor = this.#openCursor(after);
    this.pump();
  }

  async #sendHeartbeat(): Promise<void> {
    const offset = this.#cursor.offset;
    // A store that cannot answer now is no reason to end anything: the next heartbeat asks again.
    const position = await this.#cursor.position().catch(() => undefined);
    if (position === undefined || this.#cursor.offset !== offset) return;
    this.#send({ type: 'heartbeat', position });
    // One heartbeat does not put off the next.
    this.#sent = false;
  }

  #sendReset(cause: (ServerFrame & { type: 'reset' })['cause'], position: Position): void {
    this.#parts.user.runtime.report({ kind: 'reset', session_id: this.id, cause });
    this.#send({ type: 'reset', cause, position });
  }

  #reportFault(where: string, error: unknown): void {
    reportFault(this.#parts.user.runtime.report, where, error);
  }

  #sendError(id: string, code: string, message: string): void {
    this.#send({ type: 'error', id, code, message });
  }

  #send(frame: ServerFrame): void {
    if (this.#closing) return;
    this.#sent = true;
    this.#parts.socket.sendText(JSON.stringify(frame));
  }
}
