// What a session reads: its readings, one after the other, and what it remembers of them.
import { type From, formatPosition, type Position, type ServerFrame } from '@throughline/events/protocol';
import { describe, expect, test } from 'vitest';
import type { UserLog } from '../src/log.js';
import { memoryLog } from '../src/memory-log.js';
import { findOpening } from '../src/opening.js';
import type { ServiceOptions } from '../src/options.js';
import { Reader } from '../src/reader.js';
import type { TelemetryEvent } from '../src/telemetry.js';
import { User } from '../src/user.js';
import { ada, aside, entryOf, piece, type SaidEvent, said } from './agent-events.js';
import { fakeScheduler } from './fake-scheduler.js';
import { readEntries } from './frame-reader.js';
import { type Hooks, hookedLog, rejects } from './hooked-log.js';
import { upTo } from './notes.js';
import { turn } from './running-service.js';
import { makeRuntime } from './runtime.js';

const active: From = { active: true };

async function makeReader({
  events = [] as readonly SaidEvent[],
  from = active,
  threads = undefined as readonly string[] | undefined,
  acks = false,
  hooks = {} as Hooks & { say?: Error },
  options = {} as Partial<ServiceOptions>,
} = {}) {
  const scheduler = fakeScheduler();
  const store = hookedLog(memoryLog({}, scheduler), hooks);
  const telemetry: TelemetryEvent[] = [];
  const base = makeRuntime(scheduler, store, options);
  const user = new User(ada, { ...base, report: (event) => void telemetry.push(event) });
  const log = (await store.open(ada)) as UserLog;
  const say = (...said: readonly SaidEvent[]) => {
    for (const event of said) void log.append([entryOf(event)]);
  };
  say(...events);
  /** Offsets of events, and frames that are none. */
  const heard: (number | ServerFrame)[] = [];
  const closes: [number, string][] = [];
  const sink = {
    writable: true,
    write: (bytes: Buffer) => void heard.push(...readEntries(bytes).map(({ offset }) => offset)),
  };
  const wanted = threads && new Set(threads);
  const opening = await findOpening(log, from, wanted);
  const reader = new Reader(
    {
      ...{ user, log, sink },
      owner: {
        id: 's-1',
        acks,
        say(frame) {
          if (hooks.say) throw hooks.say;
          heard.push(frame);
        },
        close: (code, reason) => void closes.push([code, reason]),
      },
    },
    opening,
    wanted,
  );
  reader.start(opening);
  const positionAt = async (offset: number): Promise<Position> =>
    formatPosition(log.epoch, offset, (await log.markAt(offset)) as string);
  const at = async (offset: number): Promise<From> => ({ active: false, position: await positionAt(offset) });
  return { reader, heard, closes, sink, say, log, telemetry, scheduler, positionAt, at };
}

const someNotes = (count: number, thread = 't') => upTo(count).map(() => aside('x', thread));

describe('readings', () => {
  test('are remembered, the present one last, with what was sent and acknowledged on each', async () => {
    const { reader, say, at, positionAt } = await makeReader({ events: someNotes(3), acks: true, threads: ['t'] });
    say(...someNotes(2));
    reader.pump();
    expect(reader.acknowledge(await positionAt(4))).toBe('news');
    await reader.read(['u'], await at(1));
    await reader.read(null, await at(5));
    expect(reader.readings).toMatchObject([
      { threads: new Set(['t']), after: 3, sent: 5, acked: 4 },
      { threads: new Set(['u']), after: 1, sent: 5, acked: 1 },
      { threads: undefined, after: 5, sent: 5, acked: 5 },
    ]);
  });

  test('are forgotten, the oldest first, beyond the twenty last that ended', async () => {
    const { reader, at } = await makeReader({ events: someNotes(40) });
    for (let count = 1; count <= 30; count++) await reader.read(null, await at(count));
    expect(reader.readings.map(({ after }) => after)).toEqual(upTo(30, 10));
  });

  test('end where the next begins: nothing of one comes after the answer of the other', async () => {
    const answers: (() => void)[] = [];
    const hooks: Hooks = {};
    const { reader, heard, at, say } = await makeReader({ events: someNotes(2), hooks });
    hooks.read = async (answer) => {
      const slice = await answer();
      await new Promise<void>((resolve) => void answers.push(resolve));
      return slice;
    };
    say(aside('x', 'a'), aside('y', 'b'));
    reader.pump();
    const begun = reader.read(['b'], await at(3));
    delete hooks.read;
    await begun;
    for (const answer of answers) answer();
    await turn();
    expect(heard).toEqual([expect.objectContaining({ type: 'reading', threads: ['b'] }), 4]);
  });

  test('say so by a heartbeat where the last that was there is of another thread, and by nothing where it is not', async () => {
    const { reader, heard, say, at, positionAt } = await makeReader({ events: someNotes(2) });
    say(aside('x', 'a'), aside('y', 'b'));
    const begun = await at(0);
    await reader.read(['a'], begun);
    await reader.read(['b'], begun);
    await turn();
    const frames = heard.filter((one) => typeof one === 'object');
    expect(frames).toEqual([
      expect.objectContaining({ type: 'reading', threads: ['a'] }),
      { type: 'heartbeat', position: await positionAt(4) },
      expect.objectContaining({ type: 'reading', threads: ['b'] }),
    ]);
  });

  test('tell when they have caught up, each: how much that was, and how long it took', async () => {
    const { reader, telemetry, at, sink, scheduler } = await makeReader({ events: someNotes(7) });
    sink.writable = false;
    await reader.read(null, await at(2));
    scheduler.advance(3_000);
    sink.writable = true;
    reader.pump();
    expect(telemetry.filter(({ kind }) => kind === 'session_caught_up')).toMatchObject([
      { session_id: 's-1', user_id: 'ada', entries: 0, duration_ms: 0 },
      { session_id: 's-1', user_id: 'ada', entries: 5, duration_ms: 3_000 },
    ]);
  });
});

describe('acknowledgements', () => {
  test('of what is no position, of another epoch, of what is known, of what was never sent', async () => {
    const { reader, positionAt, log } = await makeReader({ acks: true });
    void log.append(someNotes(3).map((event) => entryOf(event)));
    expect(reader.acknowledge('yesterday')).toBe('malformed');
    expect(reader.acknowledge('elsewhere.9.00000000')).toBe('nothing_new');
    expect(reader.acknowledge(await positionAt(1))).toBe('never_sent');
    reader.pump();
    expect(reader.acknowledge(await positionAt(2))).toBe('news');
    expect(reader.acknowledge(await positionAt(2))).toBe('nothing_new');
    expect(reader.settled).toBe(false);
    expect(reader.acknowledge(await positionAt(3))).toBe('news');
    expect(reader.settled).toBe(true);
  });

  test('R5: of a reading that has ended say nothing, and are no lie', async () => {
    const { reader, positionAt, at, sink } = await makeReader({ acks: true, from: active, events: someNotes(1) });
    await reader.read(null, await at(0));
    sink.writable = false;
    await reader.read(['u'], await at(0));
    expect(reader.acknowledge(await positionAt(1))).toBe('nothing_new');
    expect(reader.readings.at(-1)).toMatchObject({ sent: 0, acked: 0 });
  });
});

describe('R12: what is read again', () => {
  test('comes joined, with the lengths of its pieces, so that who holds some of it can take the rest', async () => {
    const answer = (from: number, to: number) => upTo(to, from).map((seq) => piece('r', seq, 'x'.repeat(50)));
    const { reader, heard, say, at } = await makeReader({ from: active });
    say(said('agent_started', 'r', 1, {}), ...answer(2, 60));
    reader.pump();
    expect(heard.length).toBe(60);
    say(...answer(61, 400));
    const before = heard.length;
    await reader.read(['t', 'u'], { ...(await at(60)), active: true });
    const again = heard.slice(before + 1);
    expect(again.length).toBeLessThan(30);
    expect(again.at(-1)).toBe(400);
  });
});

describe('a reset', () => {
  test('leaves the threads as they are, and opens where they are active', async () => {
    const { reader, heard, say, positionAt } = await makeReader({ threads: ['u'] });
    say(said('agent_started', 'r', 1, {}), aside('x', 'u'), said('agent_started', 's', 1, {}, 'u'), aside('x'));
    reader.pump();
    reader.lost('lagged');
    await turn();
    const reset = { type: 'reset', cause: 'lagged', position: await positionAt(2) };
    expect(heard).toEqual([2, 3, reset, 3, { type: 'heartbeat', position: await positionAt(4) }]);
    expect(reader.readings.map(({ threads }) => threads)).toEqual([new Set(['u']), new Set(['u'])]);
  });

  test('R8: comes once when the log is erased, and what is said anew is read', async () => {
    const { reader, heard, say, log, telemetry } = await makeReader({ events: someNotes(3) });
    await log.erase();
    say(...someNotes(2));
    reader.pump();
    reader.pump();
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    expect(heard).toEqual([expect.objectContaining({ type: 'reset', cause: 'unknown_epoch' })]);
    say(...someNotes(1));
    reader.pump();
    expect(heard.slice(1)).toEqual([3]);
    expect(telemetry.filter(({ kind }) => kind === 'reset')).toMatchObject([{ session_id: 's-1', user_id: 'ada' }]);
  });

  test('R8: of a log that is erased between the question and the answer is said too', async () => {
    const hooks: Hooks = {};
    const { reader, heard, say, log } = await makeReader({ events: someNotes(3), hooks });
    let times = 0;
    hooks.active = async (answer) => {
      const offset = await answer();
      // After the answer was found, and before it is there.
      if (++times < 3) void log.erase();
      return offset;
    };
    await log.erase();
    reader.pump();
    await expect.poll(() => heard.length).toBe(1);
    const [reset] = heard as [ServerFrame & { type: 'reset' }];
    expect(reset.position).toBe(`${log.epoch}.0.00000000`);
    say(...someNotes(2));
    reader.pump();
    expect(heard.slice(1)).toEqual([1, 2]);
  });

  test('is passed over when a change of threads has opened its own meanwhile', async () => {
    const hooks: Hooks = {};
    const { reader, heard, at } = await makeReader({ events: someNotes(3), hooks });
    let settle: () => void = () => {};
    hooks.active = async (answer) => {
      await new Promise<void>((resolve) => {
        settle = resolve;
      });
      return answer();
    };
    reader.lost('lagged');
    await reader.read(['t'], await at(2));
    settle();
    await turn();
    expect(heard).toEqual([expect.objectContaining({ type: 'reading', threads: ['t'] }), 3]);
  });
});

describe('a log that cannot be read', () => {
  test('when a reading is to open closes the session, once it is one', async () => {
    const hooks: Hooks = {};
    const { reader, closes, heard, telemetry } = await makeReader({ hooks });
    hooks.active = rejects;
    await reader.read(['t'], active);
    expect(closes).toEqual([[1013, 'the log cannot be read']]);
    reader.stop();
    await reader.read(['t'], active);
    reader.lost('lagged');
    await turn();
    expect(closes).toHaveLength(1);
    expect(heard).toEqual([]);
    expect(telemetry).toContainEqual(expect.objectContaining({ kind: 'fault', where: 'storage' }));
  });
});

test.each([
  ['a reset', (reader: Reader) => reader.lost('lagged')],
  ['a heartbeat', (reader: Reader) => reader.sayStanding()],
  ['that it has caught up', (reader: Reader) => reader.caughtUp()],
])('S9: %s that cannot be said ends the session, and nothing else', async (_, act) => {
  const hooks: Hooks & { say?: Error } = {};
  const { reader, closes, say, telemetry } = await makeReader({ events: someNotes(2), threads: ['u'], hooks });
  await turn();
  say(aside('x'));
  reader.pump();
  hooks.say = new Error('no words');
  act(reader);
  await turn();
  expect(closes).toEqual([[1011, 'failed']]);
  expect(telemetry).toContainEqual({ kind: 'fault', where: 'session', message: 'no words' });
});

describe('R8: a heartbeat', () => {
  /** A reader whose log tells a mark only when it is let. */
  async function asked(change: (made: Awaited<ReturnType<typeof makeReader>>) => Promise<void> | void) {
    const hooks: Hooks = {};
    const made = await makeReader({ events: someNotes(3), from: { active: true }, hooks });
    let answer = () => {};
    hooks.markAt = async (mark) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return mark();
    };
    made.reader.sayStanding();
    delete hooks.markAt;
    await change(made);
    answer();
    await turn();
    return made.heard.filter((one) => typeof one === 'object' && one.type === 'heartbeat');
  }

  test('tells where the reader stands, however late the log answers', async () => {
    expect(await asked(() => {})).toEqual([{ type: 'heartbeat', position: expect.stringMatching(/\.3\./) }]);
  });

  test('is not said of a reading that has ended: the client would take it for the place of the next', async () => {
    expect(await asked(async ({ reader, at }) => reader.read(null, await at(1)))).toEqual([]);
  });

  test('is not said when something was sent meanwhile, nor after the end', async () => {
    const sent = asked(({ reader, say }) => {
      say(aside('x'));
      reader.pump();
    });
    expect(await sent).toEqual([]);
    expect(await asked(({ reader }) => reader.stop())).toEqual([]);
  });
});
