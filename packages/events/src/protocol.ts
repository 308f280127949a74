// The wire, for those who implement either end of it. Zero dependencies; PROTOCOL.md is its text.
export { type CloseCode, closeCodes, type RetryRule, retryRule } from './close-codes.js';
export { FrameError, parseClientFrame, parseServerFrame } from './codec.js';
export type { AgentEvent } from './event.js';
export type {
  AcceptedFrame,
  AckFrame,
  CancelFrame,
  ClientFrame,
  DegradedFrame,
  DrainingFrame,
  ErrorFrame,
  HeartbeatFrame,
  MessageFrame,
  PingFrame,
  PongFrame,
  RefreshedFrame,
  ResetCause,
  ResetFrame,
  ServerFrame,
  TokenFrame,
  WelcomeFrame,
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
export { formatPosition, noMark, type Position, type PositionParts, parsePosition } from './position.js';

/** The WebSocket subprotocol that a client offers and a service selects. */
export const subprotocol = 'throughline.v1';
