// The threads that a page reads, over real sockets.
import type { AgentEvent } from '@throughline/events';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '../src/index.js';
import { openBench, token } from './harness.js';
import type { Visit } from './peer.js';
import { at, event, wholeRun } from './script.js';

const inThread = (one: AgentEvent, thread_id: string) => ({ ...one, thread_id }) as AgentEvent;
const piece = (offset: number, seq: number, thread_id: string, run_id = `r-${thread_id}`) =>
  inThread(event(offset, seq, 'partial_result', { text: '.' }, run_id), thread_id);
const reading = (threads: readonly string[] | null, offset: number, head = offset) => ({
  type: 'reading',
  threads,
  position: at(offset),
  head,
});
const threadsIn = ({ url }: Visit) => new URL(url, 'ws://peer').searchParams.getAll('threads');

/** Everything that was sent before this has been read. */
async function settled(visit: Visit) {
  visit.socket.ping();
  await new Promise((resolve) => visit.socket.once('pong', resolve));
}

test('without threads the query names none: all are read', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  expect(visit.url).not.toContain('threads');
});

test.each([[['t-1', 'a+b&c=d%#?']], [[]]])('threads named at the start are in the query: %j', async (threads) => {
  await using bench = await openBench({ threads });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  expect(threadsIn(visit)).toEqual(threads.length === 0 ? [''] : threads);
  expect(visit.from).toBe('active');
  expect(visit.url).toMatch(/^[!-~]+$/);
});

test.each([
  ['an id that is none', ['a b']],
  ['more than a hundred', Array.from({ length: 101 }, (_, index) => `t-${index}`)],
  ['no list', 't-1'],
  ['a list with nothing in it', [undefined]],
])('%s is refused at once, since the service would close for good', async (_, threads) => {
  const options = { url: 'ws://127.0.0.1:9/ws', getToken: () => token, webSocket: WebSocket };
  const refusal = expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('threads') });
  expect(() => createClient({ ...options, threads: threads as string[] })).toThrow(refusal);
  expect(() => createClient(options).read(threads as string[])).toThrow(refusal);
});

test('a thread is left and read again where it was left: its run, which ended meanwhile, is whole', async () => {
  await using bench = await openBench({ threads: ['a'] });
  const run = wholeRun(['x', 'y', 'z'], 'r-a').map((one) => inThread(one, 'a'));
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ position: at(0) });
  visit.send(...run.slice(0, 4));
  await bench.handled(4);

  bench.client.read(['b']);
  expect(await visit.next('threads')).toEqual({ type: 'threads', threads: ['b'], from: 'active' });
  // The run ended at offset 10; b has a run that began at 11.
  visit.send(reading(['b'], 10, 11), piece(11, 1, 'b'));
  await bench.handled(5);
  expect(bench.client.position).toBe(at(11));

  bench.client.read(['a']);
  expect(await visit.next('threads')).toEqual({ type: 'threads', threads: ['a'], from: at(4) });
  visit.send(reading(['a'], 4, 11), ...run.slice(4), { type: 'heartbeat', position: at(11) });
  await bench.handled(1 + run.length);
  expect(bench.events.filter(({ thread_id }) => thread_id === 'a')).toEqual(run);
  expect([bench.faults, bench.resets]).toEqual([[], []]);
});

test('a thread is added to one that is read: what is held comes again and is dropped', async () => {
  await using bench = await openBench({ threads: ['a'] });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ position: at(4) });
  visit.send(piece(5, 1, 'a'), inThread(event(8, 0, 'acme.ping', {}), 'a'));
  await bench.handled(2);
  bench.client.read(['a', 'b']);
  expect(await visit.next('threads')).toMatchObject({ from: `active,${at(8)}` });
  visit.send(reading(['a', 'b'], 1, 9));
  visit.send(piece(2, 1, 'b'), inThread(event(3, 0, 'acme.ping', {}), 'b'), piece(5, 1, 'a'));
  visit.send(inThread(event(8, 0, 'acme.ping', {}), 'a'), piece(9, 2, 'a'));
  await bench.handled(5);
  expect(bench.events.map(({ offset }) => offset)).toEqual([5, 8, 2, 3, 9]);
  bench.clock.advance(1_000);
  expect(await visit.next('ack')).toEqual({ type: 'ack', position: at(9), duplicates: 2 });
});

test('between threads and the last reading no ack goes out, not even for what was due', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(piece(1, 1, 'a'));
  await bench.handled(1);
  bench.client.read(['a']);
  bench.client.read(['b']);
  visit.send(piece(2, 2, 'a'));
  await bench.handled(2);
  bench.clock.advance(5_000);
  visit.send(reading(['a'], 1, 2));
  await visit.next('threads');
  await visit.next('threads');
  bench.clock.advance(5_000);
  await settled(visit);
  expect(visit.frames.map(({ type }) => type)).toEqual(['threads', 'threads']);
  visit.send(reading(['b'], 2, 3), piece(3, 1, 'b'));
  await bench.handled(3);
  bench.clock.advance(1_000);
  expect(await visit.next('ack')).toEqual({ type: 'ack', position: at(3) });
});

test('one change at a time: of those that come meanwhile the last one counts', async () => {
  await using bench = await openBench({ threads: [] });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ position: at(0) });
  await bench.stands('live');
  for (const threads of [['a'], ['b'], undefined, ['a', 'b']]) bench.client.read(threads);
  // The first opens, and its run ends before the second does: what it brings would be the half of something.
  visit.send(reading(['a'], 0, 1), piece(1, 1, 'a'));
  expect((await visit.next('threads')).threads).toEqual(['a']);
  expect(await visit.next('threads')).toEqual({ type: 'threads', threads: ['a', 'b'], from: 'active' });
  visit.send(piece(2, 2, 'a'), reading(['a', 'b'], 9), piece(10, 1, 'b'));
  await bench.handled(1);
  expect(bench.events.map(({ offset }) => offset)).toEqual([10]);
  expect(bench.client.position).toBe(at(10));
});

test('S8: it is not live before what was asked for is read: what is said then might never come', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  bench.client.read(['a']);
  visit.welcome({ position: at(0) });
  expect(await visit.next('threads')).toEqual({ type: 'threads', threads: ['a'], from: 'active' });
  // Of the reading before: it shows nothing.
  visit.send({ type: 'heartbeat', position: at(0) });
  await settled(visit);
  expect(bench.client.status.state).toBe('catching_up');
  visit.send(reading(['a'], 3));
  await bench.stands('live');
  bench.client.read(['a', 'b']);
  expect(bench.client.status.state).toBe('catching_up');
  visit.send(reading(['a', 'b'], 3));
  await bench.stands('live');
  expect(bench.statuses.filter(({ state }) => state === 'live')).toHaveLength(2);
});

test('what is read already is not asked for', async () => {
  await using bench = await openBench({ threads: ['a'] });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ position: at(0) });
  await bench.stands('live');
  for (let rendering = 0; rendering < 1_000; rendering++) bench.client.read(['a']);
  await settled(visit);
  expect(visit.frames).toEqual([]);
  bench.client.read(['b']);
  bench.client.read(['b']);
  visit.send(reading(['b'], 0));
  bench.client.read(['b']);
  await settled(visit);
  expect(visit.frames).toEqual([{ type: 'threads', threads: ['b'], from: 'active' }]);
});

test('it catches up up to the head of the reading', async () => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  await bench.stands('live');
  bench.client.read(['a']);
  await visit.next('threads');
  visit.send(reading(['a'], 0, 5), piece(2, 1, 'a'));
  await bench.stands('catching_up');
  // The rest is of other threads.
  visit.send({ type: 'heartbeat', position: at(5) });
  await bench.stands('live');
  expect(bench.client.position).toBe(at(5));
  expect(bench.faults).toEqual([]);
});

test('where threads are left out a heartbeat is no fault: it moves the position and is acknowledged', async () => {
  await using bench = await openBench({ threads: ['a'] });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ position: at(0) });
  visit.send({ type: 'heartbeat', position: at(7) });
  await vi.waitFor(() => expect(bench.client.position).toBe(at(7)));
  bench.clock.advance(1_000);
  expect(await visit.next('ack')).toEqual({ type: 'ack', position: at(7) });
  // Nothing new: nothing to acknowledge.
  visit.send({ type: 'heartbeat', position: at(7) });
  await settled(visit);
  bench.clock.advance(5_000);
  await settled(visit);
  expect(visit.frames).toHaveLength(1);
  bench.client.read();
  await visit.next('threads');
  visit.send(reading(null, 7), { type: 'heartbeat', position: at(8) });
  await bench.stands('offline');
  expect(bench.faults).toMatchObject([{ code: 'GAP' }]);
});

test('a cut before the reading came: the query names what is wanted, and the welcome stands for the reading', async () => {
  await using bench = await openBench({ threads: ['a'] });
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome({ position: at(0) });
  first.send(piece(1, 1, 'a'));
  await bench.handled(1);
  bench.client.read(['b']);
  bench.client.read(['a', 'b']);
  await first.next('threads');
  first.socket.terminate();
  await bench.stands('offline');
  bench.clock.advance(250);
  const second = await bench.peer.visit(1);
  expect([second.from, threadsIn(second)]).toEqual([`active,${at(1)}`, ['a', 'b']]);
  second.welcome({ position: at(1), head: 3 });
  second.send(piece(2, 2, 'a'), piece(3, 1, 'b'));
  await bench.handled(3);
  bench.clock.advance(1_000);
  expect(await second.next('ack')).toEqual({ type: 'ack', position: at(3) });
  expect(second.frames.map(({ type }) => type)).toEqual(['ack']);
});

test('changed offline, the next query says so; changed while connecting, a frame does after the welcome', async () => {
  await using bench = await openBench();
  bench.client.read(['a']);
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  expect(threadsIn(visit)).toEqual(['a']);
  bench.client.read(['b']);
  visit.welcome({ position: at(0), head: 1 });
  expect(await visit.next('threads')).toEqual({ type: 'threads', threads: ['b'], from: 'active' });
  visit.send(reading(['b'], 1), piece(2, 1, 'b'));
  await bench.handled(1);
  expect(bench.client.position).toBe(at(2));
});

test('a snapshot is of the threads that were read from it', async () => {
  await using bench = await openBench({ threads: ['a'], from: at(7) });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  expect([visit.from, threadsIn(visit)]).toEqual([at(7), ['a']]);
  visit.welcome({ position: at(7) });
  await bench.stands('live');
  bench.client.read(['a', 'b']);
  expect(await visit.next('threads')).toMatchObject({ from: `active,${at(7)}` });
});

test('a reset voids what is remembered of every thread; the wanted ones stay', async () => {
  await using bench = await openBench({ threads: ['a'] });
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome({ position: at(0) });
  first.send(piece(1, 1, 'a'));
  await bench.handled(1);
  bench.client.read(['b']);
  await first.next('threads');
  first.send(reading(['b'], 1), { type: 'reset', cause: 'unknown_epoch', position: at(3, 'other') });
  await vi.waitFor(() => expect(bench.resets).toHaveLength(1));
  bench.client.read(['a', 'b']);
  expect(await first.next('threads')).toEqual({
    type: 'threads',
    threads: ['a', 'b'],
    from: `active,${at(3, 'other')}`,
  });
  first.socket.terminate();
  await bench.stands('offline');
  bench.clock.advance(250);
  expect(threadsIn(await bench.peer.visit(1))).toEqual(['a', 'b']);
});

test('a reset while a change is under way: that reading opens where something was held, so it is asked again', async () => {
  await using bench = await openBench({ threads: ['a'] });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ position: at(0) });
  visit.send(piece(1, 1, 'a'));
  await bench.handled(1);
  bench.client.read(['b']);
  visit.send(reading(['b'], 1), piece(2, 1, 'b'), piece(3, 2, 'b'));
  await bench.handled(3);
  bench.client.read(['a', 'b']);
  // It wants to read on at 1, but the fold is void by then.
  visit.send({ type: 'reset', cause: 'lagged', position: at(2) }, reading(['a', 'b'], 1), piece(3, 2, 'b'));
  for (let asked = 0; asked < 3; asked++) await visit.next('threads');
  expect(visit.frames.at(-1)).toMatchObject({ threads: ['a', 'b'], from: `active,${at(2)}` });
  visit.send(reading(['a', 'b'], 0, 3), piece(1, 1, 'a'), piece(2, 1, 'b'), piece(3, 2, 'b'));
  await bench.handled(5);
  // Thread b is read on behind the reset.
  expect(bench.events.map(({ offset }) => offset)).toEqual([1, 2, 3, 1, 3]);
  expect(bench.resets).toHaveLength(1);
});

test('an opening that a reset may follow is not believed before something comes', async () => {
  await using bench = await openBench({ threads: ['a'] });
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome({ position: at(9) });
  first.send(piece(10, 1, 'a'));
  await bench.handled(1);
  bench.client.read(['a', 'b']);
  await first.next('threads');
  // The log was rolled back to 2: a reset with beyond_head is on its way, and is cut off.
  first.send(reading(['a', 'b'], 2));
  await bench.stands('live');
  await settled(first);
  first.socket.terminate();
  await bench.stands('offline');
  bench.clock.advance(250);
  const second = await bench.peer.visit(1);
  expect(second.from).toBe(`active,${at(10)}`);
  second.welcome({ position: at(2), head: 2 });
  second.send({ type: 'reset', cause: 'beyond_head', position: at(2) });
  await vi.waitFor(() => expect(bench.resets).toEqual([{ cause: 'beyond_head', position: at(2) }]));
});

test('a gap in a thread whose run ended meanwhile, with nothing else to read from: everything is void', async () => {
  await using bench = await openBench({ threads: ['a'] });
  bench.client.connect();
  const first = await bench.peer.visit(0);
  first.welcome({ position: at(0) });
  first.send(piece(1, 1, 'a'), piece(3, 3, 'a'));
  await bench.stands('offline');
  expect(bench.faults).toMatchObject([{ code: 'GAP' }]);
  bench.clock.advance(0);
  const second = await bench.peer.visit(1);
  expect(second.from).toBe('active');
  second.welcome({ position: at(9), head: 9 });
  await vi.waitFor(() => expect(bench.resets).toEqual([{ cause: 'gap', position: at(9) }]));
  second.send(piece(10, 1, 'a', 'r-next'));
  await bench.handled(2);
  bench.clock.advance(1_000);
  expect(await second.next('ack')).toEqual({ type: 'ack', position: at(10), gaps: 1 });
});

test('for await: what a reading brought is given after it ended, and not acknowledged in the next', async () => {
  await using bench = await openBench({ threads: ['a'] });
  const loop = bench.client[Symbol.asyncIterator]();
  const taking = loop.next();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome({ position: at(4) });
  visit.send(piece(5, 1, 'a'), piece(6, 2, 'a'));
  expect((await taking).value).toMatchObject({ offset: 5 });
  await bench.handled(2);
  bench.client.read(['b']);
  // Where reading stands, not what is processed: nothing is asked for twice because a loop is slow.
  expect(await visit.next('threads')).toMatchObject({ from: 'active' });
  visit.send(reading(['b'], 1, 2), piece(2, 1, 'b'));
  await bench.handled(3);
  expect(bench.client.position).toBe(at(4));
  expect((await loop.next()).value).toMatchObject({ offset: 6 });
  expect(bench.client.position).toBe(at(5));
  expect((await loop.next()).value).toMatchObject({ offset: 2 });
  expect(bench.client.position).toBe(at(1));
  bench.clock.advance(5_000);
  await settled(visit);
  expect(visit.frames.filter(({ type }) => type === 'ack')).toEqual([]);
  bench.client.read(['a', 'b']);
  expect(await visit.next('threads')).toMatchObject({ from: at(2) });
});

test('a handler may change the threads in mid-event', async () => {
  await using bench = await openBench();
  bench.client.on('partial_result', ({ offset }) => {
    if (offset === 1) bench.client.read(['b']);
  });
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send(piece(1, 1, 'a'));
  expect(await visit.next('threads')).toEqual({ type: 'threads', threads: ['b'], from: at(1) });
  visit.send(reading(['b'], 1), piece(2, 1, 'b'));
  await bench.handled(2);
  bench.clock.advance(1_000);
  expect(await visit.next('ack')).toEqual({ type: 'ack', position: at(2) });
});

test.each([{ threads: 7 }, { position: '7' }])('a reading with %j is a fault', async (wrong) => {
  await using bench = await openBench();
  bench.client.connect();
  const visit = await bench.peer.visit(0);
  visit.welcome();
  visit.send({ ...reading(['a'], 1), ...wrong });
  await bench.stands('offline');
  expect(bench.faults).toMatchObject([{ code: 'INVALID_FRAME' }]);
  bench.clock.advance(0);
  expect((await bench.peer.visit(1)).from).toBe(at(0));
});
