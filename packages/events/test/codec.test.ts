import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClientFrame, FrameError, parseClientFrame, parseServerFrame } from '../src/protocol.js';

const frames = {
  message: { type: 'message', id: 'm-1', thread_id: 't-1', data: { text: 'hello' } },
  cancel: { type: 'cancel', id: 'c-1', run_id: 'r-1' },
  ack: { type: 'ack', position: 'e.1.0f9a3c11' },
  token: { type: 'token', id: 'k-1', token: 'eyJ' },
  ping: { type: 'ping', id: 'p-1' },
} satisfies { [type in ClientFrame['type']]: ClientFrame & { type: type } };

const idFields = { message: ['id', 'thread_id'], cancel: ['id', 'run_id'], ack: [], token: ['id'], ping: ['id'] };

function faultOf(text: string): string {
  try {
    parseClientFrame(text);
  } catch (error) {
    if (error instanceof FrameError) return error.message;
    throw error;
  }
  return '';
}

describe.each(Object.values(frames))('the client frame $type', (frame) => {
  test('is read as it was written', () => {
    expect(parseClientFrame(JSON.stringify(frame))).toEqual(frame);
  });

  test('R4: loses the fields it does not have, those of a prototype too', () => {
    const text = JSON.stringify(frame).replace('{', '{"user_id":"eve","__proto__":{"admin":true},"constructor":1,');
    const parsed = parseClientFrame(text);
    expect(parsed).toEqual(frame);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });

  test('is refused without any of its fields, by name', () => {
    for (const field of Object.keys(frame).filter((field) => field !== 'type')) {
      const { [field]: _, ...rest } = frame as Record<string, unknown>;
      expect(faultOf(JSON.stringify(rest))).toContain(`${frame.type}.${field} must be`);
    }
  });

  test('is refused with a field of another type, by name', () => {
    for (const field of Object.keys(frame).filter((field) => field !== 'type' && field !== 'data')) {
      for (const value of [1, null, true, {}, ['x']]) {
        expect(faultOf(JSON.stringify({ ...frame, [field]: value }))).toBe(`${frame.type}.${field} must be a string`);
      }
    }
  });

  test('R9: is refused with an id that is none, by name', () => {
    for (const field of idFields[frame.type]) {
      for (const value of ['', 'a b', 'ä', 'a\n', 'x'.repeat(129)]) {
        expect(faultOf(JSON.stringify({ ...frame, [field]: value }))).toContain(
          `${frame.type}.${field} must be 1 to 128`,
        );
      }
    }
  });
});

test('a message may carry any JSON value, null and false among them', () => {
  for (const data of [null, false, 0, '', [], {}]) {
    expect(parseClientFrame(JSON.stringify({ ...frames.message, data }))).toEqual({ ...frames.message, data });
  }
});

test.each([
  ['', 'not JSON'],
  ['{', 'not JSON'],
  ['{"type":"ping","id":"p-1"}{}', 'not JSON'],
  ['null', 'not a JSON object'],
  ['7', 'not a JSON object'],
  ['"ping"', 'not a JSON object'],
  ['[{"type":"ping"}]', 'not a JSON object'],
  ['{}', 'type must be a string'],
  ['{"type":7}', 'type must be a string'],
  ['{"__proto__":{"type":"ping","id":"p"}}', 'type must be a string'],
  ['{"type":"pong","id":"p"}', 'unknown frame type pong'],
  ['{"type":"toString"}', 'unknown frame type toString'],
  ['{"type":"__proto__"}', 'unknown frame type __proto__'],
  ['{"type":"bad\\u0007type"}', 'unknown frame type'],
  [`{"type":"${'x'.repeat(33)}"}`, 'unknown frame type'],
])('%s is refused: %s', (text, fault) => {
  expect(faultOf(text)).toBe(fault);
});

test('R7: whatever a client sends, the fault fits a close reason and repeats none of it', () => {
  const values = fc.oneof(fc.jsonValue(), fc.constant('s3cret s3cret'));
  const types = fc.constantFrom('message', 'cancel', 'ack', 'token', 'ping');
  const fields = fc.dictionary(fc.constantFrom('id', 'thread_id', 'run_id', 'token', 'position', 'data'), values);
  fc.assert(
    fc.property(types, fields, (type, content) => {
      const fault = faultOf(JSON.stringify({ ...content, type }));
      expect(Buffer.byteLength(fault)).toBeLessThanOrEqual(120);
      expect(fault).toMatch(/^[ -~]*$/);
      expect(fault).not.toContain('s3cret');
    }),
  );
});

test('any text at all is a frame or a FrameError, never another error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(faultOf(text)).toBeTypeOf('string');
    }),
  );
});

describe('a frame from a service', () => {
  const event = {
    offset: 42,
    mark: '0f9a3c11',
    type: 'partial_result',
    seq: 7,
    user_id: 'ada',
    thread_id: 't-1',
    run_id: 'r-1',
    agent_name: 'a',
    timestamp: '2026-11-20T09:30:00.000Z',
    data: { text: 'x' },
  };
  const { run_id: _, seq: __, agent_name: ___, ...outside } = event;

  test.each([event, { ...outside, type: 'acme.invoice_ready' }])('with an offset is an event', (frame) => {
    expect(parseServerFrame(JSON.stringify(frame))).toEqual(frame);
  });

  test.each(['welcome', 'reset', 'heartbeat', 'pong', 'accepted', 'error', 'refreshed', 'draining'])(
    'without one is a %s',
    (type) => {
      expect(parseServerFrame(JSON.stringify({ type, id: 'x' }))).toEqual({ type, id: 'x' });
    },
  );

  test.each([
    ['a type of a later version', { type: 'reading' }],
    ['an event without an offset', { ...event, offset: undefined }],
    ['an event with an offset that is none', { ...event, offset: '42' }],
    ['an event without a mark', { ...event, mark: undefined }],
    ['an event without a thread', { ...event, thread_id: undefined }],
    ['an event of a run without its number', { ...event, seq: undefined }],
    ['an event of a run with half a number', { ...event, seq: 1.5 }],
    ['an event whose run has no name', { ...event, run_id: 7 }],
  ])('is ignored when it is %s', (_, frame) => {
    expect(parseServerFrame(JSON.stringify(frame))).toBeUndefined();
  });

  test.each(['', '[]', 'null', '{"type":7}', '{}'])('is a fault when it is %j', (text) => {
    expect(() => parseServerFrame(text)).toThrow(FrameError);
  });
});
