// Every frame that is not an event: its shape and who sends it. PROTOCOL.md says when and why.
import type { MessageId, RunId, SessionId, ThreadId, UserId } from './id.js';
import type { Position } from './position.js';

/** The first frame of every connection. */
export interface WelcomeFrame {
  readonly type: 'welcome';
  /** Names this connection in telemetry. It dies with the socket. */
  readonly session_id: SessionId;
  /** Whom the service took the credential to speak for. */
  readonly user_id: UserId;
  /** Where reading opens. */
  readonly position: Position;
  /** Offset of the newest entry when reading opened: up to it, what arrives is replay. */
  readonly head: number;
  /** Milliseconds between heartbeats: silence for longer than this deserves a `ping`. */
  readonly heartbeat_ms: number;
  /** Milliseconds until the credential expires; `null` when it does not. */
  readonly expires_in_ms: number | null;
  /** The longest client frame, in bytes of UTF-8, that the service reads. */
  readonly max_frame_bytes: number;
}

/** Why a position could not be honoured. */
export type ResetCause = 'unknown_epoch' | 'below_floor' | 'beyond_head' | 'mark_mismatch' | 'lagged';

/** Everything folded so far is void; reading goes on after `position`. */
export interface ResetFrame {
  readonly type: 'reset';
  readonly cause: ResetCause;
  readonly position: Position;
}

/** The answer to `threads`: the reading before has ended, this one begins. */
export interface ReadingFrame {
  readonly type: 'reading';
  /** The threads it reads; `null` for all. */
  readonly threads: readonly ThreadId[] | null;
  /** Where it opens. */
  readonly position: Position;
  /** Offset of the newest entry when it opened: up to it, what arrives is replay. */
  readonly head: number;
}

/** Nothing was sent for a while and nothing is pending. */
export interface HeartbeatFrame {
  readonly type: 'heartbeat';
  /** Where the reader of this connection stands: everything up to here was sent, or is of threads that are not read. */
  readonly position: Position;
}

/** The answer to a `ping`. */
export interface PongFrame {
  readonly type: 'pong';
  readonly id: string;
}

/** The client's frame `id` was taken: a message is stored, a cancel was passed on. */
export interface AcceptedFrame {
  readonly type: 'accepted';
  readonly id: string;
}

/** The client's frame `id` was refused, or could not be handled. The connection goes on. */
export interface ErrorFrame {
  readonly type: 'error';
  readonly id: string;
  /** For programs, such as `RUN_UNKNOWN`. */
  readonly code: string;
  /** For people: what was wrong and what to do. */
  readonly message: string;
}

/** A `token` frame was honoured. */
export interface RefreshedFrame {
  readonly type: 'refreshed';
  readonly id: string;
  readonly expires_in_ms: number | null;
}

/** How well the service works, when that changed. */
export interface DegradedFrame {
  readonly type: 'degraded';
  /** `healthy` again, or not. */
  readonly level: 'healthy' | 'degraded' | 'unhealthy';
}

/** The service will close this connection soon. */
export interface DrainingFrame {
  readonly type: 'draining';
  /** How long to wait, after the close, before connecting again: spread, so that not everybody comes at once. */
  readonly reconnect_after_ms: number;
}

/** Any frame from a service that is not an event. */
export type ServerFrame =
  | WelcomeFrame
  | ResetFrame
  | ReadingFrame
  | HeartbeatFrame
  | PongFrame
  | AcceptedFrame
  | ErrorFrame
  | RefreshedFrame
  | DegradedFrame
  | DrainingFrame;

/** What the user says. Its `id` is an idempotency key: sent again until `accepted`, handled once. */
export interface MessageFrame {
  readonly type: 'message';
  readonly id: MessageId;
  readonly thread_id: ThreadId;
  /** The unfinished run of that thread that it is for; without it, it is for the service's handler. */
  readonly run_id?: RunId;
  readonly data: unknown;
}

/** Stop a run. */
export interface CancelFrame {
  readonly type: 'cancel';
  readonly id: string;
  readonly run_id: RunId;
}

/** Everything up to `position` is processed. */
export interface AckFrame {
  readonly type: 'ack';
  readonly position: string;
  /** How many jumps in the `seq` of a run the client has met since its last `ack`. */
  readonly gaps?: number;
  /** How many events it dropped since its last `ack` because it held them already. */
  readonly duplicates?: number;
}

/** Read these threads from now on. */
export interface ThreadsFrame {
  readonly type: 'threads';
  /** At most {@link mostThreads}; `null` for all. */
  readonly threads: readonly ThreadId[] | null;
  /** Where to read on: see `parseFrom`. */
  readonly from: string;
}

/** The most threads a reading may name. */
export const mostThreads = 100;

/** A fresh credential for the same user. */
export interface TokenFrame {
  readonly type: 'token';
  readonly id: string;
  readonly token: string;
}

/** Are you there? */
export interface PingFrame {
  readonly type: 'ping';
  readonly id: string;
}

/** Any frame from a client. */
export type ClientFrame = MessageFrame | CancelFrame | AckFrame | ThreadsFrame | TokenFrame | PingFrame;
