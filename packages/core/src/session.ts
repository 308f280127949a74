// A session: the authenticated state machine on exactly one socket. It dies with it.
//
// It is handed one user's log and one socket, and has no parameter through which another user could be named.
import {
  type AckFrame,
  type ClientFrame,
  closeCodes,
  FrameError,
  type From,
  type ServerFrame,
  type SessionId,
  type ThreadId,
  type UserId,
} from '@throughline/events/protocol';
import type { Authenticator, Identity } from './authenticator.js';
import type { Lag, Sink } from './cursor.js';
import type { Reading } from './delivery.js';
import { sameUser, userKeyOf } from './envelope.js';
import { Expiry } from './expiry.js';
import { Intake, type IntakeOwner } from './intake.js';
import type { UserLog } from './log.js';
import type { Opening } from './opening.js';
import { Reader, type ReaderOwner } from './reader.js';
import { elapsedSince } from './scheduler.js';
import type { SessionParts } from './session-parts.js';
import type { AcceptedSocket, SocketEvents } from './socket.js';
import type { Translation } from './tongue.js';
import type { LiveSession, User } from './user.js';
import type { Grant, UserContext } from './user-context.js';

/** What a session asks of its service. */
export interface SessionHost {
  readonly authenticate: Authenticator;
  /** The session's credential expires then: it wants to be told. */
  onExpiry(session: Session, at: number): void;
  onClosed(session: Session): void;
}

/** A peer from which nothing comes for so many intervals, pings unanswered, is gone. */
const silentIntervals = 3;

/** RFC 6455 leaves 123 bytes for the reason of a close. */
const reasonLength = 120;

export class Session implements LiveSession, ReaderOwner, IntakeOwner, SocketEvents, Sink {
  readonly id: SessionId;
  readonly openedAt: number;
  readonly grant: Grant;
  /** Whether its client promised acknowledgements. */
  readonly acks: boolean;
  readonly #host: SessionHost;
  readonly #user: User;
  readonly #userContext: UserContext;
  readonly #log: UserLog;
  readonly #socket: AcceptedSocket;
  readonly #reader: Reader;
  readonly #translation: Translation;
  /** None while the credential does not end by itself. */
  #expiry: Expiry | undefined;
  /** How many turns of the heartbeat nothing was heard, and nothing was sent. */
  #unheard = 0;
  #unsent = 0;
  #answered = true;
  #asked: Intake | undefined;
  #closing: { readonly code: number; readonly reason: string } | undefined;
  #gone = false;

  constructor(parts: SessionParts, host: SessionHost) {
    const { user, log, opening, threads } = parts;
    const { scheduler } = user.runtime;
    this.#host = host;
    this.#user = user;
    this.#userContext = parts.userContext;
    this.#log = log;
    this.#socket = parts.socket;
    this.grant = parts.grant;
    this.acks = parts.acks;
    this.id = scheduler.id();
    this.openedAt = scheduler.now();
    this.#translation = parts.tongue.open({ user, session_id: this.id, sink: this });
    const { sink = this } = this.#translation;
    this.#reader = new Reader({ owner: this, user, log, sink }, opening, threads);
    this.#setExpiry(parts.expiresAt);
  }

  /** Says welcome, joins the user's live sessions and reads: from here on the socket is the session's. */
  start(opening: Opening): void {
    const { options } = this.#user.runtime;
    // First of all: whatever fails from here on, the session hears that its socket is gone.
    this.#socket.attach(this);
    // Whoever was told that it opens may have revoked its user.
    if (this.grant.revoked) this.close(closeCodes.unauthenticated, 'signed out');
    this.say({
      type: 'welcome',
      session_id: this.id,
      user_id: this.user_id,
      position: opening.position,
      head: opening.head,
      heartbeat_ms: options.heartbeatMs,
      expires_in_ms: this.#expiresIn,
      max_frame_bytes: options.maxFrameBytes,
    });
    this.#user.join(this, this.#log);
    this.#reader.start(opening);
  }

  pump(): void {
    this.#reader.pump();
  }

  /** What it has read, and what of that was acknowledged. */
  get readings(): readonly Reading[] {
    return this.#reader.readings;
  }

  get user_id(): UserId {
    return this.#user.key.user_id;
  }

  /** How far it is behind; `undefined` while it takes all there is. */
  get lag(): Lag | undefined {
    return this.#reader.lag;
  }

  /** Whether events may be written now. Asked by the cursor each time, since a credential may end between two. */
  get writable(): boolean {
    return !this.#closing && !this.isExpired && this.#socket.writable;
  }

  write(bytes: Buffer): void {
    this.#unsent = 0;
    this.#socket.write(bytes);
  }

  /** Closes with a code of PROTOCOL.md. The reason is for people; it never repeats what the client sent. */
  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = { code, reason };
    this.#reader.stop();
    this.#socket.close(code, reason.slice(0, reasonLength));
  }

  /** Cuts, without a word, and is gone: of a socket that was destroyed in the wrong moment Node never says that it closed. */
  terminate(code: number, reason: string): void {
    this.#closing ??= { code, reason };
    this.#socket.terminate();
    this.onClosed(code, reason);
  }

  probe(): void {
    this.#answered = false;
    this.#socket.ping();
  }

  get answered(): boolean {
    return this.#answered;
  }

  /** The service works better or worse than it did. */
  announceHealth(level: 'healthy' | 'degraded' | 'unhealthy'): void {
    this.say({ type: 'degraded', level });
  }

  /** The service lets go of its sessions, soon. */
  announceDrain(reconnect_after_ms: number): void {
    this.say({ type: 'draining', reconnect_after_ms });
  }

  /** Nothing more is to come: its user's work has ended, everything was sent and, as far as promised, acknowledged. */
  get released(): boolean {
    return !this.#user.busy && this.#reader.settled;
  }

  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Twice per heartbeat interval: asks a silent peer, tells a waiting one, lets go of a dead one, looks after a slow one.
   *
   * Turns are counted, not time: a clock that is set back must not silence anybody. What was sent just after a turn is an
   * interval old at the second from then: no client waits longer.
   */
  beat(): void {
    this.#unheard += 1;
    this.#unsent += 1;
    // Also while it closes: nobody else looks after a peer that has ended its own side first and takes nothing more.
    if (this.#unheard > silentIntervals * 2) {
      this.terminate(closeCodes.tooSlow, 'silent');
      return;
    }
    if (this.#closing) return;
    if (this.#unheard % 2 === 0) this.#socket.ping();
    if (this.#unsent >= 2 && this.#reader.atHead) this.#reader.sayStanding();
    this.#reader.judge();
  }

  /** The clock reached a time that the session asked to be told of: its expiry, or the end of its grace. */
  expire(at: number): void {
    if (!this.#expiry) return;
    const { expiresAt, graceEndsAt } = this.#expiry;
    if (at === graceEndsAt && this.isExpired) this.close(closeCodes.unauthenticated, 'credential expired');
    else if (at === expiresAt) this.#host.onExpiry(this, graceEndsAt);
  }

  onText(text: string): void {
    this.onPong();
    if (this.#closing) return;
    let frames: readonly ClientFrame[];
    try {
      frames = this.#translation.hear(text);
    } catch (error) {
      this.close(closeCodes.illegalFrame, error instanceof FrameError ? error.message : 'illegal frame');
      return;
    }
    // Counted is what was sent, not what it means.
    // Acks of what was sent are as many as that needs, and free.
    if (frames.length === 0 || frames.some(({ type }) => type !== 'ack')) this.#intake.count();
    for (const frame of frames) {
      if (this.#closing) return;
      if (frame.type === 'ack') this.#acknowledge(frame);
      else this.#intake.take(frame);
    }
  }

  /** Each costs an answer, so pings count as frames do. */
  onPing(): void {
    this.onPong();
    this.#intake.count();
  }

  onPong(): void {
    this.#unheard = 0;
    this.#answered = true;
  }

  onWritable(): void {
    this.pump();
  }

  onClosed(code: number, reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#reader.stop();
    this.#translation.end();
    this.#user.leave(this, this.#closing?.code ?? code);
    this.#host.onClosed(this);
    const { report, scheduler } = this.#user.runtime;
    report({
      kind: 'session_closed',
      session_id: this.id,
      user_id: this.user_id,
      code: this.#closing?.code ?? code,
      reason: this.#closing?.reason ?? reason,
      duration_ms: elapsedSince(scheduler, this.openedAt),
    });
    this.#closing ??= { code, reason };
  }

  /** Made when the client asks for the first time: most send acknowledgements alone. */
  get #intake(): Intake {
    this.#asked ??= new Intake(this, this.#user, this.#userContext, this.#log);
    return this.#asked;
  }

  #acknowledge({ position, gaps = 0, duplicates = 0 }: AckFrame): void {
    if (gaps > 0 || duplicates > 0) {
      const { id: session_id, user_id } = this;
      this.#user.runtime.report({ kind: 'client_observed', session_id, user_id, gaps, duplicates });
    }
    const verdict = this.#reader.acknowledge(position);
    if (verdict === 'malformed') this.close(closeCodes.illegalFrame, 'ack.position is not a position');
    else if (verdict === 'never_sent') this.close(closeCodes.illegalFrame, 'ack.position was never sent');
    else if (verdict === 'nothing_new') this.#intake.count();
    else {
      this.#user.acknowledged(this);
      this.pump();
    }
  }

  read(threads: readonly ThreadId[] | null, from: From): Promise<void> {
    return this.#reader.read(threads, from);
  }

  async refresh(id: string, token: string): Promise<void> {
    let identity: Identity | null;
    try {
      identity = await this.#host.authenticate({ token, carrier: 'in_band' });
    } catch {
      // The authenticator is down: the session keeps the verdict it has until its grace ends.
      const message = 'The token cannot be checked now. Send it again.';
      this.say({ type: 'error', id, code: 'AUTHENTICATOR_DOWN', message });
      return;
    }
    if (this.#closing) return;
    if (!identity) {
      this.close(closeCodes.unauthenticated, 'credential refused');
    } else if (!sameUser(userKeyOf(identity), this.#user.key)) {
      this.close(closeCodes.forbidden, 'the token is of another user');
    } else {
      this.#setExpiry(identity.expires_at);
      this.say({ type: 'refreshed', id, expires_in_ms: this.#expiresIn });
      this.pump();
    }
  }

  #setExpiry(at = Number.POSITIVE_INFINITY): void {
    this.#expiry = undefined;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#expiry = new Expiry(at, this.#user.runtime.options.expiryGraceMs);
    this.#host.onExpiry(this, at);
  }

  get isExpired(): boolean {
    return this.#expiry?.isOver(this.#now()) === true;
  }

  /** In ms; `null` for never. */
  get #expiresIn(): number | null {
    return this.#expiry?.left(this.#now()) ?? null;
  }

  #now(): number {
    return this.#user.runtime.scheduler.now();
  }

  say(frame: ServerFrame): void {
    if (this.#closing) return;
    this.#unsent = 0;
    const text = this.#translation.say(frame);
    if (text !== undefined) this.#socket.sendText(text);
  }
}
