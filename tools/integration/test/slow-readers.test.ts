// R8, R13: readers that stop reading cost no memory and nobody else's time, and are never left with a silent gap.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDictation } from '../src/dictation.js';
import { disturbances, openPage, sharedState } from '../src/page.js';
import type { RawClient } from '../src/raw-client.js';
import { expectDense, recordOf } from '../src/run-record.js';
import { ask, type ServiceProcess, startServiceProcess } from '../src/service-process.js';
import { startTcpProxy } from '../src/tcp-proxy.js';
import { startTestService } from '../src/test-service.js';
import { clientFrame } from '../src/wire.js';

let service: ServiceProcess;

beforeAll(async () => {
  service = await startServiceProcess();
});

afterAll(() => service[Symbol.asyncDispose]());

const megabyte = 1_048_576;

async function runOf(client: RawClient): Promise<string> {
  const { run_id } = (await client.next('agent_started')) as { run_id: string };
  return run_id;
}

/** Where an event is missing that no reset spoke of. */
function gapsOf(reader: RawClient): readonly string[] {
  const gaps: string[] = [];
  let expected = 0;
  for (const frame of reader.frames) {
    if (frame.type === 'welcome' || frame.type === 'reset') expected = Number(frame.position.split('.')[1]) + 1;
    if (!('offset' in frame)) continue;
    if (frame.offset !== expected) gaps.push(`${frame.offset} came where ${expected} was expected`);
    expected = frame.offset + 1;
  }
  return gaps;
}

test('12,000 events of 1 kB to readers that stand still: memory is bounded, a neighbour notices nothing', async () => {
  const tab = await service.open('ada', { acks: true, keepsAcks: true });
  const neighbour = await service.open('bob');
  const stalled = await Promise.all([
    service.open('ada'),
    service.open('ada'),
    service.open('ada', { acks: true }),
    service.open('ada', { acks: true, keepsAcks: true }),
  ]);
  for (const reader of stalled) reader.pause();
  const before = await service.order({ order: 'memory' });

  ask(tab, { agent: 'says much', detail: '12000x1000' }, 'much');
  const run_id = await runOf(tab);
  ask(neighbour, { agent: 'answer' }, 'meanwhile');
  await neighbour.next('agent_completed');
  expect(recordOf(neighbour.events(), await runOf(neighbour)).text).toBe('All is well.');

  // A reader that reads on gets to the end. It may be left behind too, for a moment, but never without being told.
  await tab.next('acme.said');
  expect(gapsOf(tab)).toEqual([]);

  // The log of one user may hold 4 MiB. Held for each of four readers, 12 MB more would be 48.
  const grown = (await service.order({ order: 'memory' })) - before;
  expect(grown).toBeLessThan(12 * megabyte);

  // The one that promised acks and sends none, and the one whose acks stand still, stand at the window.
  for (const reader of stalled) reader.resume();
  const [first, second, promised, keeping] = stalled as [RawClient, RawClient, RawClient, RawClient];
  promised.send({ type: 'ping', id: 'read-on' });
  await promised.next('pong');
  expect(promised.frames.length).toBeLessThan(200);

  // The others were left behind: they are told so, and read on with what the log still holds of the unfinished run.
  for (const reader of [first, second, keeping]) {
    await reader.next('reset');
    await reader.next('acme.said');
  }
  tab.send({ type: 'cancel', id: 'enough', run_id });
  await tab.next('agent_completed');
  for (const reader of [first, second, keeping]) {
    await reader.next('agent_completed');
    expect(gapsOf(reader)).toEqual([]);
    expect(reader.frames.filter(({ type }) => type === 'reset')).toMatchObject([{ cause: 'lagged' }]);
    expect(reader.violations).toEqual([]);
  }
  expect(gapsOf(promised)).toEqual([]);
  expect(service.death).toBeUndefined();
});

test('a reader that stood still for less than the log holds gets the rest, and no reset', async () => {
  const tab = await service.open('carol');
  const stalled = await service.open('carol', { acks: true, keepsAcks: true });
  stalled.pause();
  ask(tab, { agent: 'says much', detail: '3000x1000' }, 'much');
  await tab.next('acme.said');
  stalled.resume();
  await stalled.next('acme.said');
  expectDense(stalled.events());
  expect(stalled.frames.filter(({ type }) => type === 'acme.row').length).toBe(3_000);
  expect(stalled.frames.filter(({ type }) => type === 'reset')).toEqual([]);
});

test('a page behind a network that stands still for a while gets everything when it moves again', async () => {
  await using direct = await startTestService();
  await using proxy = await startTcpProxy(direct.url);
  using page = openPage({ url: proxy.url, user: 'ada' });
  await page.live();
  const answer = await startDictation(direct, 'ada');
  await page.until(() => page.run(answer.run_id) !== undefined);
  proxy.links[0]?.stall('down');
  for (let part = 0; part < 300; part++) await answer.say();
  const carried = proxy.links[0]?.carried.down ?? 0;
  proxy.links[0]?.flow('down');
  await answer.end();
  expect(await sharedState([page], answer.run_id)).toMatchObject({ text: answer.said, truncated: false });
  // What it had yet to read came joined: less than all of it, and more than nothing.
  expect(proxy.links[0]?.carried.down).toBeGreaterThan(carried + 200_000);
  expect([disturbances(page), page.connections]).toEqual([[], 1]);
});

test('a peer that asks without end and reads nothing is not listened to for ever: its answers cost no memory', async () => {
  const before = await service.order({ order: 'memory' });
  const greedy = await service.open('dave');
  greedy.pause();
  // 24 MB of questions, and as much of answers: more than all buffers on the way hold.
  const ping = clientFrame(JSON.stringify({ type: 'ping', id: 'x'.repeat(128) }));
  const pings = Buffer.concat(Array.from({ length: 1_500 }, () => ping));
  for (let batch = 0; batch < 100; batch++) greedy.write(pings);

  // The service reads until its own answers stand still, and not beyond.
  const neighbour = await service.open('erin');
  let unsent = Number.POSITIVE_INFINITY;
  for (let question = 0; greedy.unsent < unsent; question++) {
    unsent = greedy.unsent;
    ask(neighbour, { agent: 'answer' }, `meanwhile-${question}`);
    await neighbour.next('agent_completed', neighbour.frames.length);
  }
  expect(greedy.unsent).toBeGreaterThan(0);
  expect((await service.order({ order: 'memory' })) - before).toBeLessThan(8 * megabyte);

  // When it reads at last, it gets every answer.
  greedy.resume();
  await expect.poll(() => greedy.frames.length, { timeout: 15_000 }).toBe(150_001);
  expect(greedy.violations).toEqual([]);
}, 20_000);
