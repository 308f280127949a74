import { describe, expect, test } from 'vitest';
import type {
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
  Position,
  RefreshedFrame,
  ResetCause,
  ResetFrame,
  ServerFrame,
  TokenFrame,
  WelcomeFrame,
} from '../src/protocol.js';
import { parseServerFrame, subprotocol } from '../src/protocol.js';
import { codesIn, tableBelow } from './markdown.js';

// The compiler holds these against the types, the tests below hold them against the text.
const position = 'e.0.00000000' as Position;
const fromService = {
  welcome: {
    type: 'welcome',
    session_id: 's',
    user_id: 'ada',
    position,
    head: 0,
    heartbeat_ms: 25_000,
    expires_in_ms: null,
    max_frame_bytes: 65_536,
  } satisfies WelcomeFrame,
  reset: { type: 'reset', cause: 'lagged', position } satisfies ResetFrame,
  heartbeat: { type: 'heartbeat', position } satisfies HeartbeatFrame,
  pong: { type: 'pong', id: 'p' } satisfies PongFrame,
  accepted: { type: 'accepted', id: 'm' } satisfies AcceptedFrame,
  error: { type: 'error', id: 'm', code: 'MESSAGE_INVALID', message: '' } satisfies ErrorFrame,
  refreshed: { type: 'refreshed', id: 'k', expires_in_ms: 1 } satisfies RefreshedFrame,
  degraded: { type: 'degraded', level: 'healthy' } satisfies DegradedFrame,
  draining: { type: 'draining', reconnect_after_ms: 1 } satisfies DrainingFrame,
} satisfies Record<ServerFrame['type'], ServerFrame>;

const fromClient = {
  message: { type: 'message', id: 'm', thread_id: 't', data: null } satisfies MessageFrame,
  cancel: { type: 'cancel', id: 'c', run_id: 'r' } satisfies CancelFrame,
  ack: { type: 'ack', position } satisfies AckFrame,
  token: { type: 'token', id: 'k', token: 'x' } satisfies TokenFrame,
  ping: { type: 'ping', id: 'p' } satisfies PingFrame,
} satisfies Record<ClientFrame['type'], ClientFrame>;

const causes = {
  unknown_epoch: true,
  below_floor: true,
  beyond_head: true,
  mark_mismatch: true,
  lagged: true,
} satisfies Record<ResetCause, true>;

function framesIn(heading: string): Record<string, string[]> {
  const rows = tableBelow(heading, 'type').map(([type = '', fields = '']) => [
    codesIn(type)[0],
    codesIn(fields).filter((field) => field !== 'null'),
  ]);
  return Object.fromEntries(rows) as Record<string, string[]>;
}

function fieldsOf(frames: Readonly<Record<string, object>>): Record<string, string[]> {
  const rows = Object.entries(frames).map(([type, frame]) => [
    type,
    Object.keys(frame).filter((field) => field !== 'type'),
  ]);
  return Object.fromEntries(rows) as Record<string, string[]>;
}

describe('PROTOCOL.md, section 3', () => {
  test('lists the frames of a service with the fields of their types', () => {
    expect(framesIn('### From the service')).toEqual(fieldsOf(fromService));
  });

  test('lists the frames of a client with the fields of their types', () => {
    expect(framesIn('### From the client')).toEqual(fieldsOf(fromClient));
  });

  test('lists the causes of a reset', () => {
    const rows = tableBelow('### From the service', 'cause');
    expect(rows.map(([cause = '']) => codesIn(cause)[0])).toEqual(Object.keys(causes));
  });

  test.each(Object.values(fromService))('$type is a frame that a client knows', (frame) => {
    expect(parseServerFrame(JSON.stringify(frame))).toEqual(frame);
  });
});

test('the subprotocol is the one PROTOCOL.md names', () => {
  expect(subprotocol).toBe('throughline.v1');
});
