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
  ReadingFrame,
  RefreshedFrame,
  ResetCause,
  ResetFrame,
  ServerFrame,
  ThreadsFrame,
  TokenFrame,
  WelcomeFrame,
} from '../src/protocol.js';
import { mostThreads, parseClientFrame, parseServerFrame, subprotocol } from '../src/protocol.js';
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
  reading: { type: 'reading', threads: ['t'], position, head: 0 } satisfies ReadingFrame,
  heartbeat: { type: 'heartbeat', position } satisfies HeartbeatFrame,
  pong: { type: 'pong', id: 'p' } satisfies PongFrame,
  accepted: { type: 'accepted', id: 'm' } satisfies AcceptedFrame,
  error: { type: 'error', id: 'm', code: 'MESSAGE_INVALID', message: '' } satisfies ErrorFrame,
  refreshed: { type: 'refreshed', id: 'k', expires_in_ms: 1 } satisfies RefreshedFrame,
  degraded: { type: 'degraded', level: 'healthy' } satisfies DegradedFrame,
  draining: { type: 'draining', reconnect_after_ms: 1 } satisfies DrainingFrame,
} satisfies Record<ServerFrame['type'], ServerFrame>;

const fromClient = {
  message: { type: 'message', id: 'm', thread_id: 't', data: null, run_id: 'r' } satisfies Required<MessageFrame>,
  cancel: { type: 'cancel', id: 'c', run_id: 'r' } satisfies CancelFrame,
  ack: { type: 'ack', position, gaps: 1, duplicates: 1 } satisfies Required<AckFrame>,
  threads: { type: 'threads', threads: null, from: 'active' } satisfies ThreadsFrame,
  token: { type: 'token', id: 'k', token: 'x' } satisfies TokenFrame,
  ping: { type: 'ping', id: 'p' } satisfies PingFrame,
} satisfies Record<ClientFrame['type'], ClientFrame>;

/** The compiler knows which fields may be absent: these lists cannot be wrong without an error here. */
const optional = {
  'message.run_id': true,
  'ack.gaps': true,
  'ack.duplicates': true,
} satisfies Record<`message.${Optional<MessageFrame>}` | `ack.${Optional<AckFrame>}`, true>;

type Optional<frame> = Extract<
  { [field in keyof frame]-?: Partial<Pick<frame, field>> extends Pick<frame, field> ? field : never }[keyof frame],
  string
>;

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

/** The fields as the tables write them: optional ones with a question mark. */
function fieldsOf(frames: Readonly<Record<string, object>>): Record<string, string[]> {
  const rows = Object.entries(frames).map(([type, frame]) => [
    type,
    Object.keys(frame)
      .filter((field) => field !== 'type')
      .map((field) => (`${type}.${field}` in optional ? `${field}?` : field)),
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

  test.each(Object.values(fromClient))('$type is a frame that a service reads', (frame) => {
    expect(parseClientFrame(JSON.stringify(frame))).toEqual(frame);
  });

  test.each(Object.values(fromService))('$type is a frame that a client knows', (frame) => {
    expect(parseServerFrame(JSON.stringify(frame))).toEqual(frame);
  });
});

test('the subprotocol is the one PROTOCOL.md names', () => {
  expect(subprotocol).toBe('throughline.v1');
});

test('a reading names at most as many threads as PROTOCOL.md says', () => {
  const rows = Object.fromEntries(
    tableBelow('## 2. Connecting', 'query').map(([query = '', value = '']) => [query, value]),
  );
  expect(rows['`threads`']).toContain(`at most ${mostThreads}.`);
});
