import { describe, expect, test } from 'vitest';
import {
  type Frame,
  type HistoryError,
  type HistoryOptions,
  type HistorySource,
  history,
  isHistoryError,
  type Wrong,
} from '../src/index.js';
import { event, joined, part, positionAt, resetAt, welcomeAt, whole, withChanges } from './planted-histories.js';

function thrownBy(check: () => unknown): HistoryError {
  try {
    check();
  } catch (error) {
    if (isHistoryError(error)) return error;
    throw error;
  }
  throw new Error('Nothing was found.');
}

/** One connection of which it is known that it reads all threads. */
function connection(frames: readonly Frame[], options: { readonly from?: string; readonly threads?: string[] } = {}) {
  return { frames, options };
}

const legal: readonly [string, HistorySource][] = [
  ['a run from its first event', whole],
  ['a connection', connection([welcomeAt(0), ...whole])],
  ['events that were joined', connection([welcomeAt(0), ...part(1, 5), joined, ...part(9, 9)])],
  ['a resume from a position', [connection([welcomeAt(0), ...part(1, 4)]), connection([welcomeAt(4), ...part(5, 9)])]],
  [
    'a resume that repeats the run, joined otherwise',
    [connection([welcomeAt(0), ...part(1, 7)]), connection([welcomeAt(0), ...part(1, 5), joined, ...part(9, 9)])],
  ],
  ['a reset and the run anew', connection([welcomeAt(0), ...part(1, 4), resetAt(0), ...whole])],
  [
    'a position of another epoch, answered by a reset',
    connection([welcomeAt(0), resetAt(0, 'unknown_epoch'), ...whole], { from: positionAt(3, 'another') }),
  ],
  [
    'a log that was lost, read by a page without state',
    [
      connection([welcomeAt(0, { position: positionAt(0, 'before') }), ...part(1, 4)]),
      connection([welcomeAt(0), ...whole]),
    ],
  ],
  ['a run whose beginning lies before where reading opened', connection([welcomeAt(4), ...part(5, 9)])],
  [
    'threads of several, with the offsets of others left out',
    connection([welcomeAt(0), ...part(1, 4), ...part(5, 9).map((one) => ({ ...one, offset: one.offset + 7 }))], {
      threads: ['t-1'],
    }),
  ],
  ['a heartbeat where reading stands', connection([welcomeAt(0), ...whole, heartbeat(9)])],
];

function heartbeat(offset: number): Frame {
  return { type: 'heartbeat', position: positionAt(offset) } as Frame;
}

const planted: readonly [string, Wrong, HistorySource, number | undefined][] = [
  ['an event that comes twice', 'DUPLICATE', withChanges({ 6: [...part(6, 6), ...part(6, 6)] }), 6],
  [
    'an event that was stored twice',
    'DUPLICATE',
    [...part(1, 6), event(7, 6, 'partial_result', { text: 'Costs ' })],
    6,
  ],
  [
    'an event of before the position that was asked for',
    'DUPLICATE',
    [connection([welcomeAt(0), ...part(1, 4)]), connection([welcomeAt(4), ...part(4, 9)])],
    6,
  ],
  ['a piece that is missing', 'GAP', withChanges({ 7: [] }), 6],
  ['a beginning that is missing', 'GAP', whole.slice(1), 0],
  [
    'a joined event that covers a piece twice',
    'DUPLICATE',
    connection([welcomeAt(0), ...part(1, 6), joined, ...part(9, 9)]),
    7,
  ],
  [
    'a joined event with a length too few',
    'CHANGED',
    connection([welcomeAt(0), ...part(1, 5), { ...joined, pieces: [6, 5] } as Frame]),
    6,
  ],
  [
    'a joined event whose text is shorter than its pieces',
    'CHANGED',
    connection([welcomeAt(0), ...part(1, 5), { ...joined, data: { text: 'Costs fell' } } as Frame]),
    6,
  ],
  [
    'an event outside of runs that is missing',
    'GAP',
    connection([welcomeAt(0), ...part(1, 3), ...part(4, 4).map((one) => ({ ...one, offset: 5 }))]),
    4,
  ],
  [
    'an event that another run overtook',
    'ORDER',
    [...part(1, 3), event(5, 1, 'agent_started', {}, { run_id: 'r-2' }), ...part(4, 4)],
    4,
  ],
  ['an event before where reading opened', 'ORDER', connection([welcomeAt(4), ...part(3, 9)]), 1],
  [
    'a repeated piece that says something else',
    'CHANGED',
    [
      connection([welcomeAt(0), ...part(1, 7)]),
      connection([welcomeAt(0), ...withChanges({ 6: [event(6, 6, 'partial_result', { text: 'Gains ' })] })]),
    ],
    14,
  ],
  [
    'an offset that holds another entry',
    'CHANGED',
    [connection([welcomeAt(0), ...part(1, 7)]), connection([welcomeAt(0), { ...whole[0], mark: 'ffffffff' } as Frame])],
    9,
  ],
  [
    'a gap between two connections',
    'GAP',
    [connection([welcomeAt(0), ...part(1, 4)]), connection([welcomeAt(6), ...part(7, 9)])],
    6,
  ],
  ['a heartbeat beyond what came', 'GAP', connection([welcomeAt(0), ...part(1, 4), heartbeat(5)]), 5],
  ['an event before welcome', 'PROTOCOL', connection([...part(1, 1), welcomeAt(1)]), 0],
  [
    'a position of another epoch that nobody answered by a reset',
    'PROTOCOL',
    connection([welcomeAt(0), ...whole], { from: positionAt(3, 'another') }),
    1,
  ],
  ['nothing', 'EMPTY', [], undefined],
];

describe('S11 exactly once, in order', () => {
  test.each(legal)('%s is that', (_, source) => {
    expect(history(source).exactlyOnceInOrder().events.at(-1)?.type).toBe('agent_completed');
    expect(history(source).runs.get('r-1')?.text).toBe('Costs fell 12 %.');
  });

  test.each(planted)('R20 %s is %s', (_, code, source, index) => {
    const error = thrownBy(() => history(source).exactlyOnceInOrder());
    expect(error).toMatchObject({ code });
    if (index !== undefined) expect(error.index).toBe(index);
  });

  test('R20 of a page, what comes twice is wrong even after a welcome', () => {
    const page = {
      frames: [welcomeAt(0), ...part(1, 4), welcomeAt(0), ...whole],
      user: { user_id: 'ada' },
      statuses: [],
    };
    expect(thrownBy(() => history(page).exactlyOnceInOrder())).toMatchObject({ code: 'DUPLICATE', index: 6 });
  });

  test('S11 a failure shows the seed, the first wrong event and its neighbours', () => {
    const { message, seed } = thrownBy(() => history(withChanges({ 7: [] }), { seed: 4711 }).exactlyOnceInOrder());
    expect(seed).toBe(4711);
    expect(message.split('\n')).toEqual([
      'exactlyOnceInOrder: GAP. Run r-1 goes on with seq 8 where 7 should be.',
      '  user ada · seed 4711',
      expect.stringContaining('     3  tool_executing of r-1, seq 4'),
      expect.stringContaining('     4  tool_completed'),
      expect.stringContaining('     5  partial_result of r-1, seq 6'),
      expect.stringContaining('  →    6  partial_result of r-1, seq 8, offset 8, for ada: {"text":"12 %."}'),
      expect.stringContaining('     7  agent_completed'),
    ]);
  });
});

describe('S11 the golden path', () => {
  test('is all five types, pairs balanced, one end', () => {
    const judged = history(whole).followsTheGoldenPath({ run_id: 'r-1' }).followsTheGoldenPath();
    expect([...judged.runs.keys()]).toEqual(['r-1']);
  });

  const completed = { tool_call_id: 'c-1', tool_name: 'sql', success: true, duration_ms: 1 };
  const executing = { tool_call_id: 'c-1', tool_name: 'sql', parameters: {} };
  test.each<[string, Frame[], RegExp]>([
    ['no end', part(1, 8), /no agent_completed/],
    ['two ends', [...whole, event(10, 10, 'agent_completed', {})], /follows agent_completed/],
    [
      'another beginning',
      withChanges({ 1: [event(1, 1, 'agent_thinking', { reasoning: '' })] }),
      /agent_thinking is its seq 1/,
    ],
    ['two beginnings', withChanges({ 2: [event(2, 2, 'agent_started', {})] }), /agent_started is its seq 2/],
    ['an open tool', withChanges({ 5: [event(5, 5, 'partial_result', { text: '' })] }), /no tool_completed follows/],
    [
      'an end of a tool that never began',
      withChanges({ 4: [event(4, 4, 'tool_completed', completed)] }),
      /not at work/,
    ],
    ['a tool that begins twice', withChanges({ 5: [event(5, 5, 'tool_executing', executing)] }), /is at work/],
    ['no thinking', whole.filter(({ type }) => type !== 'agent_thinking'), /it has no agent_thinking/],
    ['no run', [], /There is no run/],
  ])('R20 %s is none', (_, frames, words) => {
    expect(() => history(frames).followsTheGoldenPath()).toThrow(words);
  });

  test('types can be fewer, and a run can be picked', () => {
    const greeting = [event(1, 1, 'agent_started', {}), event(2, 2, 'agent_completed', {})];
    history(greeting).followsTheGoldenPath({ types: [] });
    expect(thrownBy(() => history(greeting).followsTheGoldenPath())).toMatchObject({ code: 'PATH', index: 1 });
    expect(thrownBy(() => history(greeting).followsTheGoldenPath({ run_id: 'r-2' }))).toMatchObject({ code: 'EMPTY' });
  });
});

describe('S11 isolation', () => {
  const bob = [
    welcomeAt(0, { user_id: 'bob', session_id: 's-2', position: positionAt(0, 'ofBob') }),
    ...whole.map((one) => ({ ...one, user_id: 'bob', run_id: 'r-2' })),
  ] as Frame[];

  test('is there when nothing of others is', () => {
    const others = ['the secret of Bob', { user_id: 'bob', token: 'tok' }, history(bob)];
    expect(history([welcomeAt(0), ...whole]).isolatedFrom(others).events).toEqual(whole);
  });

  test.each<[string, Frame]>([
    ['an event for another user', event(10, 10, 'partial_result', { text: '' }, { user_id: 'bob' })],
    ['an event of another tenant', event(10, 10, 'partial_result', { text: '' }, { tenant_id: 'acme' })],
    ['a welcome of another', welcomeAt(0, { user_id: 'carol' })],
    ['the name of another', event(10, 10, 'partial_result', { text: 'bob' })],
    ['a secret of another', event(10, 10, 'partial_result', { text: 'It is "the secret of Bob".' })],
    ['a token of another', { type: 'error', id: 'm-1', code: 'NO', message: 'not with tok' } as Frame],
    ['a run of another', event(10, 10, 'partial_result', { text: '' }, { run_id: 'r-2' })],
    ['a position in the log of another', { type: 'heartbeat', position: positionAt(1, 'ofBob') } as Frame],
    ['a session of another', welcomeAt(0, { session_id: 's-2' })],
  ])('R20 is broken by %s', (_, frame) => {
    const ada = history([welcomeAt(0), ...whole, frame], { seed: 7 });
    const others = ['the secret of Bob', { user_id: 'bob', token: 'tok' }, history(bob)];
    const error = thrownBy(() => ada.isolatedFrom(others));
    expect(error).toMatchObject({ code: 'FOREIGN', index: 10, seed: 7 });
    expect(error.message).not.toMatch(/secret of Bob|\btok\b/);
  });

  test('R20 is broken by a secret outside of frames', () => {
    const raw = { frames: [welcomeAt(0)], transcript: () => 'HTTP/1.1 101\r\nX-User: tok\r\n' };
    expect(thrownBy(() => history(raw).isolatedFrom(['tok']))).toMatchObject({ code: 'FOREIGN' });
  });
});

describe('S11 equal to the undisturbed', () => {
  const undisturbed = [welcomeAt(0), ...whole];

  test.each(legal.filter(([name]) => !name.includes('before where reading') && !name.includes('left out')))(
    '%s is',
    (_, source) => {
      expect(history(source).equalsUndisturbed(undisturbed).runs.size).toBe(1);
    },
  );

  test.each<[string, HistorySource, Frame[]]>([
    ['a piece that is missing', withChanges({ 7: [] }), undisturbed],
    [
      'a piece that says something else',
      withChanges({ 7: [event(7, 7, 'partial_result', { text: 'rose ' })] }),
      undisturbed,
    ],
    ['an end that is missing', part(1, 8), undisturbed],
    ['an event too many', [...whole, event(10, 10, 'agent_completed', {})], undisturbed],
    ['a run that is missing', [], undisturbed],
    ['a run too many', [...whole, event(10, 1, 'agent_started', {}, { run_id: 'r-2' })], undisturbed],
    ['a run in another thread', whole.map((one) => ({ ...one, thread_id: 't-2' })), undisturbed],
    ['an event outside of runs that is missing', whole, [...undisturbed, aside(10)]],
    ['nothing that nothing disturbed', whole, []],
  ])('R20 %s is not', (_, source, other) => {
    expect(isHistoryError(thrownBy(() => history(source).equalsUndisturbed(history(other))))).toBe(true);
  });

  test('the first wrong event is shown', () => {
    const changed = withChanges({ 7: [event(7, 7, 'partial_result', { text: 'rose ' })] });
    expect(thrownBy(() => history(changed).equalsUndisturbed(undisturbed))).toMatchObject({
      code: 'DIFFERENT',
      index: 6,
    });
  });

  function aside(offset: number): Frame {
    const { run_id: _, seq: __, agent_name: ___, ...rest } = event(offset, 0, 'acme.price', 1);
    return rest as Frame;
  }
});

describe('R20 what is no history, and options that are none, are refused', () => {
  test.each([
    [undefined, 'not from undefined.'],
    [null, 'not from null.'],
    ['a token', 'not from a string.'],
    [Promise.resolve(), 'not from another object.'],
    [[undefined], 'not from a list of something else.'],
  ])('%o', (source, message) => {
    const make = () => history(source as unknown as HistorySource);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ name: 'TestKitError', code: 'OPTION_INVALID' }));
    expect(() => history(whole).equalsUndisturbed(source as unknown as HistorySource)).toThrow(message);
  });

  test('options', () => {
    expect(() => history(whole, { seeds: 1 } as HistoryOptions)).toThrow(/no option seeds of history/);
  });
});

test('S9 R17 no part of a secret is in a report, though what is shown is cut', () => {
  const secret = 'the secret "of Ada" is that nobody may read any of this text, wherever it is cut';
  const frames = [welcomeAt(0), event(1, 1, 'agent_started', { text: secret })];
  const { message } = thrownBy(() => history(frames).isolatedFrom([secret]));
  expect(message).toContain('‹secret 1›');
  expect(message).not.toContain('nobody');
});
