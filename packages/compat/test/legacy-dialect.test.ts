// The legacy dialect as core asks it: pure, whatever it is given. What pages meet over sockets is told in tools/integration.
import type { AgentEvent, RunId, ServerFrame, ThreadId } from '@throughline/events/protocol';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { countedLines } from '../src/deprecate.js';
import { legacyDialect } from '../src/legacy-dialect.js';

const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';
const base64url = (text: string) => Buffer.from(text).toString('base64url');

beforeAll(() => {
  process.noDeprecation = true;
});

describe('R7 S3 an offer', () => {
  const recognise = (subprotocols: readonly string[], query = '') =>
    legacyDialect().recognise({ subprotocols, query: new URLSearchParams(query) });

  test.each([
    ['jwt.', [`jwt.${token}`]],
    ['jwt-auth.', ['jwt-auth', `jwt-auth.${token}`]],
    ['bearer.', ['bearer', `bearer.${token}`]],
    ['base64url', ['jwt-auth', `jwt.${base64url(token)}`]],
    ['base64url of a whole header', ['jwt-auth', `jwt.${base64url(`Bearer ${token}`)}`]],
    ['an empty item before it', ['jwt.', `jwt.${token}`]],
  ])('holds a token in a subprotocol: %s', (_, subprotocols) => {
    expect(recognise(subprotocols)).toEqual([{ token, carrier: 'subprotocol' }]);
  });

  test.each(['token', 'jwt', 'access_token'])('holds a token in the query: %s', (name) => {
    expect(recognise([], `a=b&${name}=${token}`)).toEqual([{ token, carrier: 'query' }]);
    expect(recognise(['jwt-auth'], `${name}=${base64url(token)}`)).toEqual([{ token, carrier: 'query' }]);
  });

  test('holds a ticket, as it is', () => {
    expect(recognise([], `ticket=${base64url(token)}`)).toEqual([{ token: base64url(token), carrier: 'ticket' }]);
  });

  test('holds an opaque token, as it is: the authenticator judges it', () => {
    expect(recognise(['jwt-auth', 'jwt.opaque'])).toEqual([{ token: 'opaque', carrier: 'subprotocol' }]);
  });

  test('may hold none: it comes in a header or a cookie', () => {
    expect([recognise(['jwt-auth']), recognise(['jwt']), recognise([])]).toEqual([[], [], []]);
  });

  test('is of another dialect', () => {
    for (const item of ['graphql-ws', 'jwtx', 'xjwt.a', 'bearer64.a']) expect(recognise([item])).toBeUndefined();
    expect(recognise(['graphql-ws'], `token=${token}`)).toBeUndefined();
  });

  test('is read without a token in its address, where that is not wanted', () => {
    const query = new URLSearchParams({ token });
    expect(legacyDialect({ queryTokens: false }).recognise({ subprotocols: ['jwt'], query })).toEqual([]);
  });

  test('S13 with a token in its address counts, once it was let in, for the line that made the dialect', () => {
    const counted = () => countedLines().filter(({ code }) => code === 'TL_DEP0052');
    const before = counted().length;
    const dialect = legacyDialect();
    for (let count = 0; count < 3; count += 1) dialect.admitted?.(['subprotocol', 'query']);
    dialect.admitted?.(['subprotocol']);
    expect(counted().slice(before)).toEqual([expect.objectContaining({ file: import.meta.filename, calls: 3 })]);
  });

  test('S13 of a stranger counts nowhere', () => {
    const dialect = legacyDialect();
    const before = JSON.stringify(countedLines());
    dialect.recognise({ subprotocols: [], query: new URLSearchParams({ token: 'S3CRET' }) });
    expect(JSON.stringify(countedLines())).toBe(before);
    expect(legacyDialect({ queryTokens: false }).carriers).not.toContain('query');
    expect(dialect.carriers).toContain('query');
  });

  test('of any shape is read without an error', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.webQueryParameters(), (items, query) => {
        const found = recognise(items, query);
        for (const { token: text } of found ?? []) expect(text).not.toBe('');
      }),
    );
  });
});

describe('S3 a frame', () => {
  const say = (frame: object) => legacyDialect({ body: 'data' }).frame(frame as ServerFrame);

  test('the first says that the connection is ready', () => {
    const welcome = {
      type: 'welcome',
      session_id: 's-1',
      user_id: 'ada',
      heartbeat_ms: 25_000,
      position: 'e.0.00000000',
    };
    const data = { connection_id: 's-1', user_id: 'ada', connection_ready: true, heartbeat_ms: 25_000 };
    expect(say(welcome)).toEqual({ type: 'connection_established', data });
    expect(legacyDialect().frame(welcome as never)).toEqual({ type: 'connection_established', data, payload: data });
    expect(legacyDialect({ body: 'payload' }).frame(welcome as never)).toEqual({
      type: 'connection_established',
      payload: data,
    });
  });

  test.each([
    [
      { type: 'pong', id: 'p' },
      { type: 'pong', id: 'p', data: { id: 'p' } },
    ],
    [
      { type: 'heartbeat', position: 'e.1.00000000' },
      { type: 'heartbeat', data: {} },
    ],
    [
      { type: 'reset', cause: 'lagged', position: 'p' },
      { type: 'reset', data: { cause: 'lagged' } },
    ],
    [
      { type: 'error', id: 'm', code: 'RUN_UNKNOWN', message: 'Gone.' },
      { type: 'error', data: { id: 'm', code: 'RUN_UNKNOWN', error: 'Gone.', message: 'Gone.' } },
    ],
  ])('%j', (frame, expected) => {
    expect(say(frame)).toEqual(expected);
  });

  test.each(['accepted', 'refreshed', 'reading', 'degraded', 'draining'])('%s means nothing to it', (type) => {
    expect(say({ type })).toBeUndefined();
  });
});

describe('S3 an event', () => {
  const place = { user_id: 'ada', thread_id: 't-1', run_id: 'r-1', agent_name: 'researcher', timestamp: 'now' };
  const event = (type: string, data: unknown, more: object = {}) =>
    ({ offset: 7, mark: '0a0b0c0d', ...place, seq: 3, type, data, ...more }) as unknown as AgentEvent;
  const said = (type: string, data: unknown) =>
    (legacyDialect().event(event(type, data)) as { data: Readonly<Record<string, unknown>> }).data;

  test('has its place beside the type, and its fields under data and payload', () => {
    const fields = { ...place, reasoning: 'Hm.', thought: 'Hm.', step_number: 1 };
    expect(legacyDialect().event(event('agent_thinking', { reasoning: 'Hm.', step_number: 1 }))).toEqual({
      type: 'agent_thinking',
      ...place,
      seq: 3,
      data: fields,
      payload: fields,
    });
  });

  test.each([
    ['agent_started', { task_description: 'Add.' }, { task: 'Add.' }],
    ['tool_executing', { tool_name: 'sql', parameters: { a: 1 } }, { params: { a: 1 } }],
    ['tool_completed', { tool_name: 'sql', success: true, results: [1] }, { result: [1] }],
    ['agent_completed', { outcome: 'succeeded', final_response: '2' }, { status: 'completed', response: '2' }],
    ['agent_completed', { outcome: 'failed' }, { status: 'error' }],
    ['agent_completed', { outcome: 'cancelled' }, { status: 'cancelled' }],
    ['agent_completed', { outcome: 'constructor' }, { status: 'constructor' }],
    ['partial_result', { text: 'Hel' }, { content: 'Hel' }],
  ])('%s %j has the legacy names too', (type, data, more) => {
    expect(said(type, data)).toEqual({ ...place, ...data, ...more });
  });

  test('of a team keeps its own names, and gets the one back that legacy code gave it', () => {
    expect(said('acme.note', { text: 'a', outcome: 'b' })).toEqual({ ...place, text: 'a', outcome: 'b' });
    expect(said('acme.count', 7)).toEqual({ ...place, value: 7 });
    expect(legacyDialect().event(event('legacy.notification', {}))).toMatchObject({ type: 'notification' });
  });

  test('goes out under the type that the pages read', () => {
    const dialect = legacyDialect({ types: { partial_result: 'stream_chunk' } });
    expect(dialect.event(event('partial_result', { text: 'a' }))).toMatchObject({ type: 'stream_chunk' });
    expect(dialect.event(event('agent_started', {}))).toMatchObject({ type: 'agent_started' });
    expect(dialect.event(event('acme.to_string', {}))).toMatchObject({ type: 'acme.to_string' });
  });
});

describe('S14 what a page says', () => {
  const runs = [
    { run_id: 'r-1' as RunId, thread_id: 't-1' as ThreadId },
    { run_id: 'r-2' as RunId, thread_id: 't-2' as ThreadId },
    { run_id: 'r-3' as RunId, thread_id: 't-1' as ThreadId },
  ];
  const hear = (frame: unknown) => {
    let ids = 0;
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
    return legacyDialect().read(text, { runs, id: () => `id-${++ids}` });
  };

  test.each([
    ['a run', { type: 'stop_agent', run_id: 'r-2' }, ['r-2']],
    ['a run, within a payload', { type: 'stop_agent', payload: { run_id: 'r-9', thread_id: 't-1' } }, ['r-9']],
    ['a thread', { type: 'stop_agent', data: { thread_id: 't-1' } }, ['r-1', 'r-3']],
    ['all', { type: 'stop_agent' }, ['r-1', 'r-2', 'r-3']],
    ['a thread where nothing runs', { type: 'stop_agent', thread_id: 't-9' }, []],
    ['nothing where a number is named', { type: 'stop_agent', run_id: 42 }, []],
    ['nothing where a run is named that is none', { type: 'stop_agent', run_id: null }, []],
    ['nothing where the name is empty', { type: 'stop_agent', payload: { runId: '' } }, []],
    ['nothing where a list is named', { type: 'stop_agent', run_id: ['r-1'] }, []],
    ['nothing where a thread is named by a number', { type: 'stop_agent', run_id: 'r-1', threadId: 7 }, []],
    ['nothing where no run may be called so', { type: 'stop_agent', run_id: 'Lauf 1' }, []],
    ['nothing where its payload is no object', { type: 'stop_agent', payload: 'r-1' }, []],
  ])('stops %s', (_, frame, run_ids) => {
    expect(hear(frame)).toEqual(run_ids.map((run_id, at) => ({ type: 'cancel', id: `id-${at + 1}`, run_id })));
  });

  test.each([
    [
      { type: 'user_message', payload: { content: 'Hi', thread_id: 't-1' } },
      { content: 'Hi', text: 'Hi' },
    ],
    [
      { type: 'chat', data: { text: 'Hi', thread_id: 't-1', mode: 'deep' } },
      { text: 'Hi', mode: 'deep' },
    ],
    [
      { type: 'start_agent', payload: { user_request: 'Hi', thread_id: 't-1' } },
      { user_request: 'Hi', text: 'Hi' },
    ],
    [
      { type: 'message', thread_id: 't-1', message: 'Hi' },
      { message: 'Hi', text: 'Hi' },
    ],
    [
      { type: 'chat', thread_id: 't-1', payload: 'Hi' },
      { value: 'Hi', text: 'Hi' },
    ],
    [{ type: 'chat', threadId: 't-1', payload: { file: 1 } }, { file: 1 }],
  ])('says %j', (frame, data) => {
    expect(hear(frame)).toEqual([{ type: 'message', id: 'id-1', thread_id: 't-1', data }]);
  });

  test('says it under its own id, and in a new thread where it names none', () => {
    expect(hear({ type: 'chat', payload: { text: 'Hi', message_id: 'm-1' } })).toEqual([
      { type: 'message', id: 'm-1', thread_id: 'id-1', data: { text: 'Hi' } },
    ]);
  });

  test('says it under an id of the service where its own is only a number of the page, or none here', () => {
    expect(hear({ type: 'chat', thread_id: 't-1', payload: { text: 'Hi', id: '1' } })).toEqual([
      { type: 'message', id: 'id-1', thread_id: 't-1', data: { id: '1', text: 'Hi' } },
    ]);
    expect(hear({ type: 'chat', thread_id: 't-1', text: 'Hi', message_id: 'x y' })).toEqual([
      { type: 'message', id: 'id-1', thread_id: 't-1', data: { text: 'Hi' } },
    ]);
  });

  test('a thread whose name is no id here has one, always the same, by which it is stopped too', () => {
    const say = (thread_id: string) => hear({ type: 'chat', thread_id, text: 'Hi', message_id: 'm-1' })[0];
    const { thread_id } = say('Gespräch 1') as { thread_id: ThreadId };
    expect(thread_id).toBe('legacy-z3KXsZfqpcF3xFUGdYPwtW69gIgcPkzEySvw5fbUITM');
    expect(say('Gespräch 1')).toMatchObject({ thread_id });
    expect(say('Gespräch 2')).not.toMatchObject({ thread_id });
    expect(say('x'.repeat(129))).toMatchObject({ thread_id: expect.stringMatching(/^legacy-[\w-]{43}$/) });
    const here = { runs: [...runs, { run_id: 'r-4', thread_id }], id: () => 'c-1' };
    const stop = JSON.stringify({ type: 'stop_agent', thread_id: 'Gespräch 1' });
    expect(legacyDialect().read(stop, here)).toEqual([{ type: 'cancel', id: 'c-1', run_id: 'r-4' }]);
  });

  test('asks whether anybody is there', () => {
    expect(hear({ type: 'ping' })).toEqual([{ type: 'ping', id: 'id-1' }]);
    expect(hear({ type: 'ping', id: 'p-1', timestamp: 7 })).toEqual([{ type: 'ping', id: 'p-1' }]);
    expect(hear({ type: 'ping', id: 'p 1' })).toEqual([{ type: 'ping', id: 'id-1' }]);
  });

  test.each([{ type: 'typing_indicator' }, { type: 7 }, {}, { type: 'constructor' }, { event: 'chat' }])(
    'means nothing: %j',
    (frame) => expect(hear(frame)).toEqual([]),
  );

  test.each(['', 'ping', '[]', 'null', '7', '{"type":"ping"'])('means nothing, and closes nothing: %s', (text) => {
    expect(hear(text)).toEqual([]);
  });

  test('of any shape is read, and never anything else', () => {
    const types = fc.constantFrom('ping', 'stop_agent', 'chat', 'user_message', 'other');
    const frames = fc.oneof(fc.json(), fc.record({ type: types, payload: fc.jsonValue(), data: fc.jsonValue() }));
    fc.assert(
      fc.property(frames, (frame) => {
        for (const { type } of hear(frame)) expect(['ping', 'cancel', 'message']).toContain(type);
      }),
    );
  });
});

test.each([
  [{ body: 'all' }, 'body'],
  [{ types: { a: 7 } }, 'types'],
  [{ queryTokens: 'no' }, 'queryTokens'],
  [{ tokens: true }, 'tokens'],
  [null, 'options'],
])('S16 options are checked: %j', (options, name) => {
  const wrong = () => legacyDialect(options as never);
  expect(wrong).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(name) }));
});
