import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClientFrame, FrameError, mostThreads, parseClientFrame, parseServerFrame } from '../src/protocol.js';

const frames = {
  message: { type: 'message', id: 'm-1', thread_id: 't-1', data: { text: 'hello' } },
  cancel: { type: 'cancel', id: 'c-1', run_id: 'r-1' },
  ack: { type: 'ack', position: 'e.1.0f9a3c11' },
  threads: { type: 'threads', threads: ['t-1', 't-2'], from: 'active,e.1.0f9a3c11' },
  token: { type: 'token', id: 'k-1', token: 'eyJ' },
  ping: { type: 'ping', id: 'p-1' },
} satisfies { [type in ClientFrame['type']]: ClientFrame & { type: type } };

const idFields = {
  message: ['id', 'thread_id'],
  cancel: ['id', 'run_id'],
  ack: [],
  threads: [],
  token: ['id'],
  ping: ['id'],
};
/** Fields that are not simply text. */
const otherFields = ['type', 'data', 'threads'];

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
    for (const field of Object.keys(frame).filter((field) => !otherFields.includes(field))) {
      for (const value of [1, null, true, {}, ['x']]) {
        expect(faultOf(JSON.stringify({ ...frame, [field]: value }))).toContain(`${frame.type}.${field} must be `);
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

test('a message for a run names it; without it the field is absent', () => {
  const frame = { ...frames.message, run_id: 'r-1' };
  expect(parseClientFrame(JSON.stringify(frame))).toEqual(frame);
  expect(Object.keys(parseClientFrame(JSON.stringify(frames.message)))).not.toContain('run_id');
  for (const run_id of [null, '', 'a b', 7, ['r-1']]) {
    expect(faultOf(JSON.stringify({ ...frames.message, run_id }))).toBe(
      'message.run_id must be 1 to 128 printable ASCII characters without spaces, or absent',
    );
  }
});

test('an ack may count what the client has met', () => {
  for (const counts of [{ gaps: 0 }, { duplicates: 12 }, { gaps: 1, duplicates: 1_000_000 }]) {
    expect(parseClientFrame(JSON.stringify({ ...frames.ack, ...counts }))).toEqual({ ...frames.ack, ...counts });
  }
});

test.each(['gaps', 'duplicates'])('an ack whose %s is no count is refused', (field) => {
  for (const value of [-1, 0.5, 1_000_001, 1e300, null, '1', true, []]) {
    expect(faultOf(JSON.stringify({ ...frames.ack, [field]: value }))).toContain(`ack.${field} must be a whole number`);
  }
});

test.each([null, [], ['t-1'], Array.from({ length: mostThreads }, (_, index) => `t-${index}`)])(
  'threads may be all, none or up to a hundred: %j',
  (threads) => {
    expect(parseClientFrame(JSON.stringify({ ...frames.threads, threads }))).toEqual({ ...frames.threads, threads });
  },
);

test.each([
  ['absent', undefined],
  ['a string', 't-1'],
  ['an object', { length: 1, 0: 't-1' }],
  ['one more than a hundred', Array.from({ length: mostThreads + 1 }, (_, index) => `t-${index}`)],
  ['a list with what is no id', ['t-1', 'a b']],
  ['a list with null', [null]],
  ['a list of lists', [['t-1']]],
])('threads that are %s are refused', (_, threads) => {
  expect(faultOf(JSON.stringify({ ...frames.threads, threads }))).toBe(
    'threads.threads must be null or a list of at most 100 ids',
  );
});

test.each(['', 'active,', 'active,active', 'e.1.0f9a3c11,active', 'ACTIVE', 'e.1', 7, null])(
  'threads from %j are refused',
  (from) => {
    expect(faultOf(JSON.stringify({ ...frames.threads, from }))).toBe(
      'threads.from must be active, a position, or both joined by a comma',
    );
  },
);

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
  const secret = fc.constant('s3cret s3cret');
  const values = fc.oneof(fc.jsonValue(), secret, fc.array(secret), fc.nat());
  const types = fc.constantFrom(...Object.keys(frames));
  const names = ['id', 'thread_id', 'run_id', 'token', 'position', 'data', 'gaps', 'duplicates', 'threads', 'from'];
  const fields = fc.dictionary(fc.constantFrom(...names), values);
  fc.assert(
    fc.property(types, fields, (type, content) => {
      const fault = faultOf(JSON.stringify({ ...content, type }));
      expect(Buffer.byteLength(fault)).toBeLessThanOrEqual(120);
      expect(fault).toMatch(/^[ -~]*$/);
      expect(fault).not.toContain('s3cret');
    }),
  );
});

test('whatever fields a client frame has, it is read with fields that fit, or refused', () => {
  const ids = fc.constantFrom('t-1', '', 'a b', 'x'.repeat(128), 'x'.repeat(129));
  const froms = fc.constantFrom('active', 'e.1.0f9a3c11', 'active,e.1.0f9a3c11', 'active,', '', 'e.01.0f9a3c11');
  const content = fc.record(
    {
      type: fc.constantFrom(...Object.keys(frames)),
      id: ids,
      thread_id: ids,
      run_id: ids,
      data: fc.jsonValue(),
      position: fc.string(),
      token: fc.string(),
      gaps: fc.double(),
      duplicates: fc.integer(),
      threads: fc.option(fc.array(ids, { maxLength: 120 })),
      from: froms,
    },
    { requiredKeys: ['type'] },
  );
  fc.assert(
    fc.property(content, (said) => {
      const text = JSON.stringify(said);
      if (faultOf(text)) return;
      const frame = parseClientFrame(text) as unknown as Record<string, unknown>;
      expect(JSON.parse(text)).toMatchObject(frame);
      for (const field of ['id', 'thread_id', 'run_id']) {
        if (field in frame) expect(frame[field]).toMatch(/^[!-~]{1,128}$/);
      }
      for (const field of ['gaps', 'duplicates']) {
        if (field in frame) expect(Number.isInteger(frame[field])).toBe(true);
      }
      if (Array.isArray(frame.threads)) expect(frame.threads.length).toBeLessThanOrEqual(mostThreads);
      if ('from' in frame) expect(frame.from).toMatch(/^(active|(active,)?e\.1\.0f9a3c11)$/);
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

  test('that joins others says which is the first, and one that is traced where it was sent', () => {
    const frame = { ...event, first_seq: 3, traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
    expect(parseServerFrame(JSON.stringify(frame))).toEqual(frame);
  });

  const types = 'welcome reset reading heartbeat pong accepted error refreshed degraded draining'.split(' ');
  test.each(types)('without one is a %s', (type) => {
    expect(parseServerFrame(JSON.stringify({ type, id: 'x' }))).toEqual({ type, id: 'x' });
  });

  test.each([
    ['a type of a later version', { type: 'greeting' }],
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
