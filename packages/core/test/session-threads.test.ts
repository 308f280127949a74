// R12: threads are a filter. How a client chooses them, changes them, and what it hears meanwhile.
import { describe, expect, test } from 'vitest';
import { memoryLog } from '../src/memory-log.js';
import { ada, aside, entryOf, piece, type SaidEvent, said } from './agent-events.js';
import { fakeScheduler } from './fake-scheduler.js';
import { type Hooks, hookedLog, promises, rejects } from './hooked-log.js';
import { upTo } from './notes.js';
import type { Frame, RawClient } from './raw-client.js';
import { startService, turn } from './running-service.js';

async function startThreads(options: Parameters<typeof startService>[0] = {}, hooks: Hooks = {}, limits = {}) {
  const memory = memoryLog(limits);
  const running = await startService({ log: hookedLog(memory, hooks), ...options });
  const log = await memory.open(ada);
  const say = async (...events: SaidEvent[]) => {
    for (const event of events) await log.append([entryOf(event)]);
    await turn();
  };
  const positionAt = async (offset: number) => `${log.epoch}.${offset}.${String(await log.markAt(offset))}`;
  return { ...running, say, log, positionAt };
}

const started = (run_id: string, thread: string) => said('agent_started', run_id, 1, {}, thread);
/** Says a last thing in a thread, and waits until it is heard. */
async function end(client: RawClient, say: (event: SaidEvent) => Promise<void>, thread: string): Promise<void> {
  await say({ ...aside('end', thread), type: 'acme.end' });
  await client.until('acme.end');
}

async function reading(client: RawClient, threads: readonly string[] | null, from: string): Promise<Frame> {
  client.send({ type: 'threads', threads, from });
  return client.until('reading');
}

describe('R12: threads in the query', () => {
  test('are those that are read, and decide where active opens', async () => {
    const { connect, say, positionAt } = await startThreads();
    await say(started('r', 'a'), started('s', 'b'), aside('x', 'c'), started('u', 'c'), aside('y', 'b'));
    const welcomes: (readonly [readonly string[] | undefined, number, number[]])[] = [
      [undefined, 0, [1, 2, 3, 4, 5]],
      [['a'], 0, [1]],
      [['b', 'c'], 1, [2, 3, 4, 5]],
      [['c'], 3, [4]],
    ];
    for (const [threads, opens, offsets] of welcomes) {
      const client = await connect('ada', threads ? { threads } : {});
      expect(await client.next()).toMatchObject({ type: 'welcome', position: await positionAt(opens), head: 5 });
      for (const offset of offsets) expect(await client.next()).toMatchObject({ offset });
    }
  });

  test('may be none: nothing is heard but what is not of a thread', async () => {
    const { enter, say } = await startThreads();
    await say(started('r', 'a'));
    const client = await enter('ada', { threads: [] });
    await say(aside('x', 'a'));
    await turn();
    client.send({ type: 'ping', id: 'p' });
    expect(await client.next()).toMatchObject({ type: 'pong' });
  });

  test('may be a hundred, and hold what ids hold', async () => {
    const { enter, say } = await startThreads();
    const threads = ['a&threads=b', '"+%20\\', ...upTo(98).map((number) => `t-${number}`)];
    const client = await enter('ada', { threads });
    for (const thread of ['b', 'a', '"', 't-9', 't-99', 'a&threads=b', '"+%20\\']) await say(aside('x', thread));
    await end(client, say, 't-1');
    expect(client.offsets).toEqual([4, 6, 7, 8]);
  });

  test('with from=active,position: whichever is earlier', async () => {
    const { connect, say, positionAt } = await startThreads();
    await say(aside('x', 'a'), aside('x', 'a'), started('r', 'b'), aside('x', 'a'));
    for (const [offset, opens] of [
      [1, 1],
      [4, 2],
    ] as const) {
      const client = await connect('ada', { threads: ['a', 'b'], from: `active,${await positionAt(offset)}` });
      expect(await client.next()).toMatchObject({ type: 'welcome', position: await positionAt(opens) });
    }
  });
});

describe('R12: the frame threads', () => {
  test('ends a reading and opens another: what comes before the answer is of the old one, what comes after of the new', async () => {
    const { enter, say, positionAt } = await startThreads();
    const client = await enter('ada', { threads: ['a'] });
    await say(aside('1', 'a'), aside('2', 'b'), aside('3', 'a'), aside('4', 'b'));
    await client.until('acme.note', { offset: 3 });
    expect(await reading(client, ['b'], await positionAt(1))).toEqual({
      ...{ type: 'reading', threads: ['b'], position: await positionAt(1), head: 4 },
    });
    await say(aside('5', 'a'), aside('6', 'b'));
    await client.until('acme.note', { offset: 6 });
    expect(client.offsets).toEqual([1, 3, 2, 4, 6]);
  });

  test('null is all of them, an empty list none', async () => {
    const { enter, say, positionAt } = await startThreads();
    const client = await enter('ada', { threads: ['a'] });
    await say(aside('1', 'b'));
    expect(await reading(client, null, await positionAt(0))).toMatchObject({ threads: null, head: 1 });
    expect(await client.until('acme.note')).toMatchObject({ offset: 1 });
    expect(await reading(client, [], 'active')).toMatchObject({ threads: [], position: await positionAt(1) });
    await say(aside('2', 'b'));
    await turn();
    expect(await reading(client, null, await positionAt(1))).toMatchObject({ head: 2 });
    expect(await client.next()).toMatchObject({ offset: 2 });
  });

  test('opens at active of the threads it names', async () => {
    const { enter, say, positionAt } = await startThreads();
    await say(started('r', 'a'), aside('x', 'b'), started('s', 'b'), piece('r', 2, 'x', 'a'));
    const client = await enter('ada', { threads: [] });
    expect(await reading(client, ['b'], 'active')).toMatchObject({ position: await positionAt(2) });
    expect(await client.next()).toMatchObject({ offset: 3 });
    expect(await reading(client, ['b', 'a'], `active,${await positionAt(3)}`)).toMatchObject({
      position: await positionAt(0),
    });
    expect(await reading(client, ['c'], 'active')).toMatchObject({ position: await positionAt(4) });
  });

  test.each<[string, string]>([
    ['unknown_epoch', 'elsewhere.1.00000000'],
    ['beyond_head', '.99.00000000'],
    ['mark_mismatch', '.1.00000000'],
  ])('says %s right after its answer, and reads where active opens', async (cause, from) => {
    const { enter, say, log, positionAt, telemetry } = await startThreads();
    await say(aside('x', 'a'), started('r', 'a'));
    const client = await enter('ada', { threads: [] });
    const position = await positionAt(1);
    await reading(client, ['a'], from.startsWith('.') ? log.epoch + from : from);
    expect(client.frames.at(1)).toMatchObject({ position });
    expect(await client.next()).toEqual({ type: 'reset', cause, position });
    expect(await client.next()).toMatchObject({ offset: 2 });
    expect(telemetry).toContainEqual(expect.objectContaining({ kind: 'reset', cause }));
  });

  test('are answered in their order, each, also by a log that answers with promises', async () => {
    const hooks: Hooks = { read: promises, markAt: promises, active: promises };
    const { enter, say, positionAt } = await startThreads({}, hooks);
    const client = await enter('ada');
    await say(...upTo(60).map((number) => aside('x', ['a', 'b', 'c'][number % 3])));
    const from = await positionAt(0);
    for (const threads of [['a'], ['b'], null, ['c']]) client.send({ type: 'threads', threads, from });
    const answers = [];
    for (let count = 0; count < 4; count++) answers.push((await client.until('reading')).threads);
    expect(answers).toEqual([['a'], ['b'], null, ['c']]);
    await end(client, say, 'c');
    const last = client.frames.findLastIndex(({ type }) => type === 'reading');
    const offsets = client.frames.slice(last + 1).map(({ offset }) => offset);
    // Where it caught up behind an entry of another thread, a heartbeat says so.
    expect(offsets.filter((offset) => offset !== undefined)).toEqual([
      ...upTo(60).filter((number) => number % 3 === 2),
      61,
    ]);
  });

  test.each<[string, object]>([
    ['101 ids', { threads: upTo(101).map(String), from: 'active' }],
    ['what are no ids', { threads: ['a', 'b c'], from: 'active' }],
    ['what is no text', { threads: [1], from: 'active' }],
    ['a text', { threads: 'a', from: 'active' }],
    ['nothing', { from: 'active' }],
    ['a bad position', { threads: ['a'], from: 'E.1' }],
    ['no position behind active', { threads: ['a'], from: 'active,' }],
    ['no from', { threads: ['a'] }],
  ])('R6: with %s is 4400', async (_, fields) => {
    const { enter } = await startThreads();
    const client = await enter('ada');
    client.send({ type: 'threads', ...fields });
    expect(await client.closed).toMatchObject({
      code: 4400,
      reason: expect.stringMatching(/^threads\.(threads|from) /),
    });
    expect(client.frames.filter(({ type }) => type === 'reading')).toEqual([]);
  });

  test('counts as a frame: who changes without end is stopped', async () => {
    const { enter } = await startThreads({ framesPerSession: { burst: 10, perSecond: 1 } });
    const client = await enter('ada');
    for (let count = 0; count < 20; count++) client.send({ type: 'threads', threads: [], from: 'active' });
    expect(await client.closed).toMatchObject({ code: 4429 });
  });

  test('waits behind nothing but what was asked before, and a store that fails closes the session', async () => {
    const hooks: Hooks = {};
    const { enter, service } = await startThreads({}, hooks);
    const client = await enter('ada');
    const neighbour = await enter('ada');
    hooks.active = rejects;
    client.send({ type: 'threads', threads: ['a'], from: 'active' });
    expect(await client.closed).toEqual({ code: 1013, reason: 'the log cannot be read' });
    neighbour.send({ type: 'ping', id: 'p' });
    await neighbour.until('pong');
    expect(service.health().sessions).toBe(1);
  });

  test('of a session that closes meanwhile opens nothing', async () => {
    const hooks: Hooks = {};
    const { enter, say, service } = await startThreads({}, hooks);
    const client = await enter('ada', { threads: [] });
    let settle: () => void = () => {};
    let asked = false;
    hooks.active = async (answer) => {
      asked = true;
      await new Promise<void>((resolve) => {
        settle = resolve;
      });
      return answer();
    };
    await say(started('r', 'a'));
    client.send({ type: 'threads', threads: ['a'], from: 'active' });
    await expect.poll(() => asked).toBe(true);
    client.webSocket.terminate();
    await expect.poll(() => service.health().sessions).toBe(0);
    settle();
    await turn();
    expect(client.frames).toHaveLength(1);
  });
});

describe('a reset and a change of threads', () => {
  /** Holds the next answers to where active opens back until it is told to let go. */
  function hold(hooks: Hooks) {
    const waiting: (() => void)[] = [];
    hooks.active = async (answer) => {
      await new Promise<void>((resolve) => void waiting.push(resolve));
      return answer();
    };
    return waiting;
  }

  test('R8: a log that is erased while the change is looked up is told, and nothing of it is taken for the next', async () => {
    const hooks: Hooks = {};
    const { enter, say, log } = await startThreads({}, hooks);
    await say(aside('1', 'a'), started('r', 'b'), aside('2', 'b'));
    const client = await enter('ada', { threads: ['a'] });
    const waiting = hold(hooks);
    client.send({ type: 'threads', threads: ['b'], from: 'active' });
    await expect.poll(() => waiting.length).toBe(1);
    await log.erase();
    await say(aside('anew', 'b'), aside('anew', 'b'));
    await expect.poll(() => waiting.length).toBe(2);
    delete hooks.active;
    for (const settle of waiting) settle();
    const answer = await client.until('reading');
    expect(answer.position).toMatch(new RegExp(`^${log.epoch}\\.`));
    await say(aside('last', 'b'));
    expect(await client.until('acme.note', { data: 'last' })).toMatchObject({ offset: 3 });
  });

  test.each(upTo(12))('R8: a log that is erased just when a session opens is told (%i)', async (steps) => {
    const hooks: Hooks = {};
    const { connect, say, log } = await startThreads({}, hooks);
    await say(aside('1', 'a'), aside('2', 'a'), aside('3', 'a'));
    const client = await new Promise<RawClient>((resolve, reject) => {
      hooks.markAt = (answer) => {
        delete hooks.markAt;
        // From just after the question on to when the session has long begun.
        let left = steps;
        const step = () => (--left === 0 ? void log.erase() : queueMicrotask(step));
        queueMicrotask(step);
        return answer();
      };
      connect('ada').then(resolve, reject);
    });
    expect(await client.next()).toMatchObject({ type: 'welcome' });
    await say(aside('anew', 'a'));
    const next = await client.next();
    const event = next.type === 'reset' ? await client.next() : next;
    expect(event).toMatchObject({ offset: 1, data: 'anew' });
    expect(client.position).toMatch(new RegExp(`^${log.epoch}\\.1\\.`));
  });

  test('R13: a reader that was overtaken is told so for the reading that it was, or reads on in the one it asked for', async () => {
    const hooks: Hooks = {};
    const { enter, say, positionAt } = await startThreads({}, hooks, { bytesPerUser: 200_000 });
    const client = await enter('ada', { acks: true, threads: ['a'] });
    await say(...upTo(150).map(() => aside('x'.repeat(1_000), 'a')));
    await expect.poll(() => client.offsets.length).toBeGreaterThan(100);
    await say(...upTo(350).map(() => aside('x'.repeat(1_000), 'a')));
    const waiting = hold(hooks);
    client.send({ type: 'ack', position: client.position });
    await expect.poll(() => waiting.length).toBe(1);
    const from = await positionAt(498);
    client.send({ type: 'threads', threads: ['a', 'b'], from });
    await client.until('reading');
    expect(await client.next()).toMatchObject({ offset: 499 });
    waiting[0]?.();
    await say(aside('end', 'b'));
    await client.until('acme.note', { offset: 501 });
    expect(client.frames.filter(({ type }) => type === 'reset')).toEqual([]);
  });
});

describe('acks of a reading', () => {
  test('that has ended are ignored, of what was never sent are 4400', async () => {
    const { enter, say, positionAt } = await startThreads();
    const client = await enter('ada', { acks: true });
    await say(...upTo(5).map(() => aside('x', 'a')));
    await client.until('acme.note', { offset: 5 });
    await reading(client, ['b'], await positionAt(2));
    client.send({ type: 'ack', position: await positionAt(5) });
    client.send({ type: 'ack', position: await positionAt(1) });
    await say(aside('x', 'a'));
    await turn();
    client.send({ type: 'ping', id: 'p' });
    await client.until('pong');
    // Passed over is as good as sent: a heartbeat may have told that position.
    client.send({ type: 'ack', position: await positionAt(6) });
    client.send({ type: 'ping', id: 'q' });
    await client.until('pong', { id: 'q' });
    client.send({ type: 'ack', position: (await positionAt(6)).replace('.6.', '.7.') });
    expect(await client.closed).toEqual({ code: 4400, reason: 'ack.position was never sent' });
  });

  test('that has ended make no room in the next: what it has sent is counted anew', async () => {
    const { enter, say, positionAt, service } = await startThreads();
    const client = await enter('ada', { acks: true, threads: ['a'] });
    await say(...upTo(300).map((number) => aside('x'.repeat(1_000), number % 2 ? 'a' : 'b')));
    await expect.poll(() => service.lag().length).toBe(1);
    await reading(client, ['b'], await positionAt(0));
    await expect.poll(() => service.lag()[0]?.entries ?? 0).toBeGreaterThan(30);
    client.send({ type: 'ping', id: 'o' });
    await client.until('pong', { id: 'o' });
    const got = client.offsets.length;
    client.send({ type: 'ack', position: 'elsewhere.300.00000000' });
    client.send({ type: 'ping', id: 'p' });
    await client.until('pong', { id: 'p' });
    expect(client.offsets).toHaveLength(got);
    while (client.offsets.at(-1) !== 300) {
      client.send({ type: 'ack', position: client.position });
      await client.next();
    }
    const last = client.frames.findLastIndex(({ type }) => type === 'reading');
    const offsets = client.frames.slice(last).flatMap(({ offset }) => (typeof offset === 'number' ? [offset] : []));
    expect(offsets).toEqual(upTo(150).map((number) => number * 2));
  });
});

test('R14: once the credential has expired threads are changed, and nothing of them is sent', async () => {
  const scheduler = fakeScheduler();
  const { enter, say, positionAt } = await startThreads({ scheduler });
  const client = await enter(`ada~${scheduler.now() + 60_000}`, { threads: ['a'] });
  await scheduler.pass(61_000);
  await say(aside('x', 'b'));
  expect(await reading(client, ['b'], await positionAt(0))).toMatchObject({ threads: ['b'], head: 1 });
  client.send({ type: 'ping', id: 'p' });
  await client.until('pong');
  expect(client.offsets).toEqual([]);
  client.send({ type: 'token', id: 'k', token: 'ada' });
  await client.until('acme.note', { offset: 1 });
});

test('S7: a heartbeat to a reader of some threads says where it stands in all of them', async () => {
  const scheduler = fakeScheduler();
  const { enter, say, positionAt } = await startThreads({ scheduler });
  const client = await enter('ada', { threads: ['a'], acks: true });
  await say(aside('x', 'a'), aside('x', 'b'), aside('x', 'b'));
  await client.until('acme.note');
  await scheduler.pass(25_000);
  const { position } = await client.until('heartbeat');
  expect(position).toBe(await positionAt(3));
  client.send({ type: 'ack', position });
  await say(aside('end', 'a'));
  await client.until('acme.note', { offset: 4 });
});
