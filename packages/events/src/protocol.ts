// The wire, for those who implement either end of it. Zero dependencies; PROTOCOL.md is its text.
export { type CloseCode, closeCodes, type RetryRule, retryRule } from './close-codes.js';
export { FrameError, parseClientFrame, parseServerFrame } from './codec.js';
export type { AgentEvent } from './event.js';
export {
  type AcceptedFrame,
  type AckFrame,
  type CancelFrame,
  type ClientFrame,
  type DegradedFrame,
  type DrainingFrame,
  type ErrorFrame,
  type HeartbeatFrame,
  type MessageFrame,
  mostThreads,
  type PingFrame,
  type PongFrame,
  type ReadingFrame,
  type RefreshedFrame,
  type ResetCause,
  type ResetFrame,
  type ServerFrame,
  type ThreadsFrame,
  type TokenFrame,
  type WelcomeFrame,
} from './frames.js';
export {
  type Id,
  isId,
  type MessageId,
  type RunId,
  type SessionId,
  type TenantId,
  type ThreadId,
  type UserId,
} from './id.js';
export {
  type From,
  formatPosition,
  noMark,
  type Position,
  type PositionParts,
  parseFrom,
  parsePosition,
} from './position.js';

/** The WebSocket subprotocol that a client offers and a service selects. */
export const subprotocol = 'throughline.v1';
