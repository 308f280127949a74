// S7: readers that take nothing, or too little: what is done about them, what is told of them, what they cost.
import { describe, expect, test } from 'vitest';
import { memoryLog } from '../src/memory-log.js';
import type { ServiceOptions } from '../src/options.js';
import { ada, aside, entryOf, piece, said } from './agent-events.js';
import { fold } from './fold-model.js';
import type { ReadEntry } from './frame-reader.js';
import { upTo } from './notes.js';
import { startService, turn } from './running-service.js';
import { type RunningSession, type RunningSessions, runSessions } from './running-session.js';

const minute = 60_000;
/** Between two looks at a reader. */
const look = 12_493;

const slowOnes = ({ telemetry }: RunningSessions) => telemetry.filter(({ kind }) => kind === 'slow_reader');
const resetsOf = ({ frames }: RunningSession) => frames.filter(({ type }) => type === 'reset');
const offsetsOf = ({ frames }: RunningSession) =>
  frames.flatMap(({ offset }) => (typeof offset === 'number' ? [offset] : []));

/** A reader that stopped taking anything after the first entry, beside one that takes all. */
async function startSlow(options: Partial<ServiceOptions> = {}) {
  const running = await runSessions(options);
  const slow = await running.enter();
  const healthy = await running.enter();
  await running.say(aside('taken'));
  slow.open = false;
  await running.say(aside('not taken'));
  return { ...running, slow, healthy };
}

describe('a reader that takes nothing', () => {
  test.each(['wait', 'reset', 'close'] as const)(
    'policy %s: is nobody’s business for a minute',
    async (slowReaders) => {
      const running = await startSlow({ slowReaders });
      await running.scheduler.pass(minute - 1_000);
      expect(slowOnes(running)).toEqual([]);
      expect(running.slow.closed).toBeUndefined();
      expect(resetsOf(running.slow)).toEqual([]);
      running.slow.open = true;
      running.slow.session.onWritable();
      await running.scheduler.pass(minute * 2);
      expect(slowOnes(running)).toEqual([]);
      expect(offsetsOf(running.slow)).toEqual([1, 2]);
    },
  );

  test('policy wait (the default): is told once, waited for, and gets all of it', async () => {
    const running = await startSlow();
    const { slow, say, scheduler } = running;
    await scheduler.pass(minute + look);
    await say(aside('more'));
    await scheduler.pass(minute * 10);
    const { session } = slow;
    expect(slowOnes(running)).toEqual([
      {
        ...{ kind: 'slow_reader', session_id: session.id, user_id: 'ada', policy: 'wait', entries: 1 },
        behind_ms: expect.any(Number),
      },
    ]);
    expect(slowOnes(running)[0]).toMatchObject({
      behind_ms: expect.toSatisfy((ms) => ms >= minute && ms <= minute + look),
    });
    slow.open = true;
    session.onWritable();
    expect(offsetsOf(slow)).toEqual([1, 2, 3]);
    expect(resetsOf(slow)).toEqual([]);
    expect(session.lag).toBeUndefined();
  });

  test('is told again when it had caught up in between', async () => {
    const running = await startSlow();
    const { slow, say, scheduler } = running;
    await scheduler.pass(minute * 2);
    slow.open = true;
    slow.session.onWritable();
    await scheduler.pass(look);
    slow.open = false;
    await say(aside('x'));
    await scheduler.pass(minute - look);
    expect(slowOnes(running)).toHaveLength(1);
    await scheduler.pass(look * 2);
    expect(slowOnes(running)).toHaveLength(2);
  });

  test('policy reset: is told that it lags, and reads on where a page without state would', async () => {
    const running = await startSlow({ slowReaders: 'reset' });
    const { slow, healthy, say, scheduler } = running;
    await scheduler.pass(minute + look);
    expect(slowOnes(running)).toMatchObject([{ policy: 'reset', entries: 1 }]);
    expect(resetsOf(slow)).toMatchObject([{ cause: 'lagged', position: expect.stringMatching(/\.2\.[0-9a-f]{8}$/) }]);
    expect(running.telemetry).toContainEqual(expect.objectContaining({ kind: 'reset', cause: 'lagged' }));
    expect(slow.session.lag).toBeUndefined();
    slow.open = true;
    await say(aside('x'));
    expect(offsetsOf(slow)).toEqual([1, 3]);
    expect(offsetsOf(healthy)).toEqual([1, 2, 3]);
    // And when it falls behind again, again.
    slow.open = false;
    await say(aside('x'));
    await scheduler.pass(minute + look);
    expect(resetsOf(slow)).toHaveLength(2);
  });

  test('policy reset: within an unfinished run it is told once, and then waited for', async () => {
    const running = await runSessions({ slowReaders: 'reset' });
    const { say, scheduler, enter } = running;
    const slow = await enter();
    slow.open = false;
    await say(said('agent_started', 'r', 1, {}), ...upTo(40, 2).map((seq) => piece('r', seq, 'x')));
    await scheduler.pass(minute * 10);
    expect(slowOnes(running)).toHaveLength(1);
    expect(resetsOf(slow)).toHaveLength(1);
    slow.open = true;
    slow.session.onWritable();
    const got = fold(slow.frames.filter(({ offset }) => offset !== undefined) as unknown as ReadEntry[]);
    expect(got.runs.r).toMatchObject({ text: 'x'.repeat(39), seq: 40, jumps: 0 });
    // Neighbours in one chunk of the log were read to it as one.
    expect(offsetsOf(slow).length).toBeLessThan(10);
  });

  test('policy close: 4408, and its place is free', async () => {
    const running = await startSlow({ slowReaders: 'close' });
    await running.scheduler.pass(minute + look);
    expect(running.slow.closed).toEqual({ code: 4408, reason: 'reader too slow' });
    expect(slowOnes(running)).toMatchObject([{ policy: 'close' }]);
    expect(running.telemetry).toContainEqual(expect.objectContaining({ kind: 'session_closed', code: 4408 }));
    expect(running.healthy.closed).toBeUndefined();
    expect(running.heartbeat.size).toBe(1);
  });

  test.each([0, 5_000])('slowReaderMs %i: at the first look after it', async (slowReaderMs) => {
    const running = await startSlow({ slowReaderMs });
    await running.scheduler.pass(slowReaderMs);
    expect(slowOnes(running)).toEqual([]);
    await running.scheduler.pass(look);
    expect(slowOnes(running)).toHaveLength(1);
  });
});

describe('a client that promised acks and never acks', () => {
  test('is sent a window and no more, whatever is said: the rest is in the log and nowhere else', async () => {
    const running = await runSessions();
    const { enter, say, scheduler, telemetry } = running;
    const silent = await enter({ acks: true });
    const sizes: number[] = [];
    for (let round = 0; round < 20; round++) {
      await say(...upTo(100).map(() => aside('x'.repeat(1_000))));
      sizes.push(JSON.stringify(silent.frames).length);
    }
    expect(sizes[2]).toBeLessThan(131_072 * 1.1);
    expect(new Set(sizes.slice(2)).size).toBe(1);
    await scheduler.pass(minute + look);
    expect(slowOnes(running)).toMatchObject([{ policy: 'wait', entries: expect.toSatisfy((count) => count > 1_800) }]);
    expect(telemetry.filter(({ kind }) => kind === 'session_closed')).toEqual([]);
    while (silent.session.lag) silent.acknowledge();
    expect(offsetsOf(silent)).toEqual(upTo(2_000));
  });

  test('is closed, where that is the policy', async () => {
    const { enter, say, scheduler } = await runSessions({ slowReaders: 'close' });
    const silent = await enter({ acks: true });
    await say(...upTo(200).map(() => aside('x'.repeat(1_000))));
    await scheduler.pass(minute + look);
    expect(silent.closed).toMatchObject({ code: 4408 });
  });

  test('while little is said is no slow reader: all of it was sent', async () => {
    const running = await runSessions({ slowReaders: 'close' });
    const silent = await running.enter({ acks: true });
    await running.say(aside('x'));
    await running.scheduler.pass(minute * 5);
    expect(slowOnes(running)).toEqual([]);
    expect(silent.closed).toBeUndefined();
  });
});

describe('over real sockets', () => {
  test('a reader that takes nothing at all costs its socket’s buffer, and gets the answer whole, in few frames', async () => {
    const memory = memoryLog();
    const { enter, service, server } = await startService({ log: memory, slowReaderMs: 0 });
    const sockets: { writableLength: number }[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    const client = await enter('ada');
    client.webSocket.pause();
    const log = await memory.open(ada);
    const events = [
      said('agent_started', 'r', 1, {}),
      ...upTo(30_000, 2).map((seq) => piece('r', seq, `${seq} `.padEnd(40))),
      said('agent_completed', 'r', 30_001, { outcome: 'succeeded', duration_ms: 1 }),
    ];
    let most = 0;
    for (const [index, event] of events.entries()) {
      void log.append([entryOf(event)]);
      if (index % 50 === 0) await turn();
      most = Math.max(most, sockets[0]?.writableLength ?? 0);
    }
    expect(service.lag()).toMatchObject([{ user_id: 'ada' }]);
    expect(most).toBeLessThan(65_536 * 2 + 10_000);
    client.webSocket.resume();
    await client.until('agent_completed');
    const got = client.frames.filter(({ offset }) => offset !== undefined) as unknown as ReadEntry[];
    expect(client.frames.filter(({ type }) => type === 'reset')).toEqual([]);
    expect(fold(got).runs.r).toMatchObject({ jumps: 0, seq: 30_001, text: fold(readEvents(events)).runs.r?.text });
    expect(got.length).toBeLessThan(events.length / 1.5);
  });

  test('lag names those that are behind, the slowest first, at most ten', async () => {
    const memory = memoryLog();
    const { enter, service } = await startService({ log: memory });
    expect(service.lag()).toEqual([]);
    const log = await memory.open(ada);
    const say = async (count: number) => {
      for (let sent = 0; sent < count; sent++) void log.append([entryOf(aside('x'.repeat(1_000)))]);
      await turn();
    };
    const clients = [];
    for (let count = 0; count < 12; count++) {
      clients.push(await enter('ada', { acks: true, from: `${log.epoch}.0.00000000` }));
      await say(20);
    }
    await say(60);
    const healthy = await enter('ada');
    const lag = service.lag();
    expect(lag).toHaveLength(10);
    expect(lag.map(({ entries }) => entries)).toEqual(lag.map(({ entries }) => entries).toSorted((a, b) => b - a));
    for (const { behind_ms, entries } of lag) {
      expect(behind_ms).toBeGreaterThanOrEqual(0);
      expect(entries).toBeGreaterThan(100);
    }
    const ids = clients.map(({ frames }) => frames[0]?.session_id);
    for (const { session_id } of lag) expect(ids).toContain(session_id);
    expect(lag.map(({ session_id }) => session_id)).not.toContain(healthy.frames[0]?.session_id);
    for (const client of clients) {
      while (client.offsets.at(-1) !== log.head) {
        await client.next();
        client.send({ type: 'ack', position: client.position });
      }
    }
    expect(service.lag()).toEqual([]);
  });
});

function readEvents(events: Parameters<typeof entryOf>[0][]): ReadEntry[] {
  return events.map((event, index) => ({ ...event, offset: index + 1, mark: '' }));
}
