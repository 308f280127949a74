// Ends that nobody acknowledged: each is told once, so that the answer can be mailed or pushed instead.
import { describe, expect, test } from 'vitest';
import type { Undelivered } from '../src/delivery.js';
import { narrowUserContext } from '../src/narrowing.js';
import type { ServiceOptions } from '../src/options.js';
import type { UserContext } from '../src/user-context.js';
import { getWebSocketManager } from '../src/user-manager.js';
import { passUntil } from './elapse.js';
import { type Hooks, throws } from './hooked-log.js';
import type { RawClient } from './raw-client.js';
import { place, startManager } from './running-manager.js';
import { rejectionOf, turn } from './running-service.js';

async function startNoting(options: Partial<ServiceOptions> = {}, hooks: Hooks = {}) {
  const told: [Undelivered, UserContext][] = [];
  const onUndelivered = (...each: [Undelivered, UserContext]) => void told.push(each);
  const running = await startManager({ onUndelivered, undeliveredAfterMs: 30_000, ...options }, hooks);
  /** What was told of each run: by the telemetry, and by the option. */
  const ends = () => ({
    delivered: running.telemetry.flatMap((event) => (event.kind === 'run_delivered' ? [event.run_id] : [])),
    undelivered: running.telemetry.flatMap((event) => (event.kind === 'run_undelivered' ? [event.run_id] : [])),
    told: told.map(([{ run_id }]) => run_id),
  });
  return { ...running, told, ends };
}

async function ack(client: RawClient): Promise<void> {
  client.send({ type: 'ack', position: client.position });
  client.send({ type: 'ping', id: 'p' });
  await client.until('pong');
}

const none = { delivered: [], undelivered: [], told: [] };

describe('S7 R11: an end that nobody acknowledges', () => {
  test('is told when its time is over, once, with what is needed to send it otherwise', async () => {
    const { manager, scheduler, told, telemetry, ends, service } = await startNoting();
    const options = { ...place, run_id: 'r-1', message_id: 'm-1', parent_run_id: 'r-0' };
    const run = await manager.startRun(options);
    const position = await run.failed(new Error('no such table'));
    await scheduler.pass(29_999);
    expect(ends()).toEqual(none);
    await scheduler.pass(1);
    const [undelivered, context] = told[0] as [Undelivered, UserContext];
    expect(undelivered).toEqual({
      run_id: 'r-1',
      thread_id: 't-1',
      outcome: 'failed',
      message_id: 'm-1',
      parent_run_id: 'r-0',
      position,
    });
    expect(getWebSocketManager(context)).toBe(manager);
    expect(telemetry).toContainEqual({ kind: 'run_undelivered', run_id: 'r-1', user_id: 'ada', offered: 0 });
    await scheduler.pass(600_000);
    await service.close();
    expect(ends()).toEqual({ delivered: [], undelivered: ['r-1'], told: ['r-1'] });
  });

  test('says nothing that it does not know', async () => {
    const { manager, scheduler, told } = await startNoting();
    const run = await manager.startRun(place);
    const position = await run.completed({ final_response: 'not for everybody' });
    await scheduler.pass(30_000);
    expect(told[0]?.[0]).toEqual({ run_id: run.run_id, thread_id: 't-1', outcome: 'succeeded', position });
  });

  test('S9: comes with the context in whose name the run was begun, be it narrowed', async () => {
    const { service, scheduler, told } = await startNoting();
    const context = await service.authenticate({ token: 'ada@acme' });
    const narrowed = narrowUserContext(context, { thread_id: 't-1' });
    await getWebSocketManager(narrowed).run(place, async () => {});
    await (await startNoting()).manager.run(place, async () => {});
    await scheduler.pass(30_000);
    expect(told).toHaveLength(1);
    expect(told[0]?.[1]).toBe(narrowed);
  });

  test('was offered to those who did not say that they have it: to so many', async () => {
    const { manager, scheduler, enter, telemetry, service } = await startNoting();
    const pages = [await enter('ada', { acks: true }), await enter('ada', { acks: true }), await enter('ada')];
    await enter('ada', { threads: ['t-2'] });
    const run = await manager.startRun(place);
    await run.completed();
    for (const page of pages) await page.until('agent_completed');
    pages[0]?.webSocket.terminate();
    await expect.poll(() => service.health().sessions).toBe(3);
    await enter('ada', { acks: true });
    await scheduler.pass(30_000);
    expect(telemetry).toContainEqual({ kind: 'run_undelivered', run_id: run.run_id, user_id: 'ada', offered: 3 });
  });

  test('R13: an ack up to just before it does not count, nor one by whoever began to read behind it', async () => {
    const { manager, scheduler, enter, ends } = await startNoting();
    const page = await enter('ada', { acks: true });
    const run = await manager.startRun(place);
    await page.until('agent_started');
    const before = page.position;
    await run.completed();
    await page.until('agent_completed');
    page.send({ type: 'ack', position: before });
    const later = await enter('ada', { acks: true });
    await manager.send('acme.note', 1, { thread_id: 't-1' });
    await later.until('acme.note');
    await ack(later);
    await scheduler.pass(30_000);
    expect(ends()).toEqual({ delivered: [], undelivered: [run.run_id], told: [run.run_id] });
  });

  test.each(['cancelled', 'interrupted'] as const)('is told of one that was %s, too', async (outcome) => {
    const { manager, enter, service, scheduler, told } = await startNoting({ cancelGraceMs: 0 });
    const page = await enter('ada');
    const ended = rejectionOf(manager.run({ ...place, run_id: 'r-1' }, () => new Promise<void>(() => {})));
    await page.until('agent_started');
    if (outcome === 'cancelled') {
      page.send({ type: 'cancel', id: 'c-1', run_id: 'r-1' });
      await page.until('accepted');
      await scheduler.pass(0);
    } else {
      await passUntil(scheduler, service.drain({ deadlineMs: 100 }));
    }
    await ended;
    await scheduler.pass(30_000);
    expect(told.map(([undelivered]) => undelivered.outcome)).toEqual([outcome]);
  });

  test('is not told of a run that could not even begin', async () => {
    const hooks: Hooks = {};
    const { manager, scheduler, ends } = await startNoting({}, hooks);
    await rejectionOf(manager.startRun({ ...place, metadata: { n: Number.NaN } }));
    await scheduler.pass(60_000);
    expect(ends()).toEqual(none);
  });
});

describe('S7: an end that is acknowledged', () => {
  test('is told by the first session that has it, and never as undelivered', async () => {
    const { manager, scheduler, enter, ends, telemetry, service } = await startNoting();
    const [first, second] = [await enter('ada', { acks: true }), await enter('ada', { acks: true })];
    const run = await manager.startRun(place);
    await run.completed();
    for (const page of [first, second]) await page.until('agent_completed');
    await scheduler.pass(1_500);
    await ack(first);
    await ack(second);
    const session_id = first.frames[0]?.session_id;
    expect(telemetry.filter(({ kind }) => kind === 'run_delivered')).toEqual([
      { kind: 'run_delivered', run_id: run.run_id, user_id: 'ada', session_id, duration_ms: 1_500 },
    ]);
    await scheduler.pass(60_000);
    await service.close();
    expect(ends()).toEqual({ delivered: [run.run_id], undelivered: [], told: [] });
  });

  test('counts from a page that comes back in time and reads it then', async () => {
    const { manager, scheduler, enter, ends, service } = await startNoting();
    const gone = await enter('ada', { acks: true });
    const { position } = gone;
    gone.webSocket.terminate();
    await expect.poll(() => service.health().sessions).toBe(0);
    const run = await manager.startRun(place);
    await run.completed();
    await scheduler.pass(20_000);
    const back = await enter('ada', { acks: true, from: position });
    await back.until('agent_completed');
    await ack(back);
    await scheduler.pass(20_000);
    expect(ends()).toEqual({ delivered: [run.run_id], undelivered: [], told: [] });
  });

  test('R11: counts when a store shows it to its readers first and says only then that it is stored', async () => {
    const hooks: Hooks = {};
    const { manager, scheduler, enter, ends } = await startNoting({}, hooks);
    const page = await enter('ada', { acks: true });
    const run = await manager.startRun(place);
    let say = () => {};
    hooks.append = async (answer) => {
      const stored = await answer();
      await new Promise<void>((resolve) => {
        say = resolve;
      });
      return stored;
    };
    const ended = run.completed();
    await page.until('agent_completed');
    await ack(page);
    expect(ends()).toEqual(none);
    say();
    await ended;
    await scheduler.pass(60_000);
    expect(ends()).toEqual({ delivered: [run.run_id], undelivered: [], told: [] });
  });

  test('leaves no timer', async () => {
    const { manager, scheduler, enter } = await startNoting();
    const page = await enter('ada', { acks: true });
    const before = scheduler.waiting;
    for (let count = 0; count < 3; count++) await manager.run(place, async () => {});
    expect(scheduler.waiting).toBe(before + 3);
    while (page.offsets.length < 6) await page.next();
    await ack(page);
    expect(scheduler.waiting).toBe(before);
  });
});

describe('R11: what a service that goes away still owes', () => {
  test('is told when it closes, for those who are not there and those who did not say that they have it', async () => {
    const { manager, managerOf, scheduler, enter, service, ends, told } = await startNoting();
    const page = await enter('ada', { acks: true });
    const offered = await manager.startRun({ ...place, run_id: 'r-offered' });
    await offered.completed();
    await page.until('agent_completed');
    await (await managerOf('bob')).run({ ...place, run_id: 'r-alone' }, async () => {});
    const unfinished = rejectionOf(manager.run({ ...place, run_id: 'r-open' }, () => new Promise<void>(() => {})));
    await page.until('agent_started', { run_id: 'r-open' });
    await service.close();
    await unfinished;
    const expected = ['r-alone', 'r-offered', 'r-open'];
    expect(ends().told.toSorted()).toEqual(expected);
    expect(ends().undelivered.toSorted()).toEqual(expected);
    expect(told.find(([{ run_id }]) => run_id === 'r-alone')?.[1].user_id).toBe('bob');
    expect(scheduler.waiting).toBe(1);
    await scheduler.pass(60_000);
    expect(ends().told).toHaveLength(3);
  });

  test('is nothing to pages that have their second to acknowledge: a drain waits for them', async () => {
    const { manager, scheduler, enter, service, ends } = await startNoting();
    const pages = await Promise.all(Array.from({ length: 5 }, () => enter('ada', { acks: true })));
    const run = await manager.startRun(place);
    const drained = service.drain({ deadlineMs: 20_000 });
    await run.completed();
    for (const page of pages) await page.until('agent_completed');
    await scheduler.pass(1_000);
    expect(service.health().sessions).toBe(5);
    for (const page of pages) await ack(page);
    await scheduler.pass(100);
    for (const page of pages) expect(await page.closed).toMatchObject({ code: 1012 });
    await passUntil(scheduler, drained);
    expect(ends()).toEqual({ delivered: [run.run_id], undelivered: [], told: [] });
  });

  test('is nothing to pages that show how their run was interrupted: they have their second for that, too', async () => {
    const { manager, managerOf, scheduler, enter, service, ends } = await startNoting();
    const [page, mute] = [await enter('ada', { acks: true }), await enter('bob', { acks: true })];
    const runs = [manager, await managerOf('bob')].map((each, at) =>
      rejectionOf(each.run({ ...place, run_id: `r-${at}` }, () => new Promise<void>(() => {}))),
    );
    for (const client of [page, mute]) await client.until('agent_started');
    const drained = service.drain({ deadlineMs: 2_000 });
    await scheduler.pass(2_000);
    expect(await Promise.all(runs)).toMatchObject([{ code: 'RUN_INTERRUPTED' }, { code: 'RUN_INTERRUPTED' }]);
    for (const client of [page, mute]) await client.until('agent_completed');
    await scheduler.pass(1_000);
    expect(service.health().sessions).toBe(2);
    await ack(page);
    await scheduler.pass(100);
    expect(await page.closed).toMatchObject({ code: 1012 });
    await scheduler.pass(300);
    expect(service.health().sessions).toBe(1);
    await scheduler.pass(100);
    expect(await mute.closed).toMatchObject({ code: 1012 });
    await passUntil(scheduler, drained);
    expect(ends()).toEqual({ delivered: ['r-0'], undelivered: ['r-1'], told: ['r-1'] });
  });

  test('is told by a drain of pages that never say that they have it, when its deadline is over', async () => {
    const { manager, scheduler, enter, service, ends } = await startNoting();
    const page = await enter('ada', { acks: true });
    const run = await manager.startRun(place);
    await run.completed();
    await page.until('agent_completed');
    const drained = service.drain({ deadlineMs: 2_000 });
    await scheduler.pass(1_900);
    expect([service.health().sessions, ends()]).toEqual([1, none]);
    await passUntil(scheduler, drained);
    expect(ends()).toEqual({ delivered: [], undelivered: [run.run_id], told: [run.run_id] });
  });

  test('is told once by a drain that is cut short by a close', async () => {
    const { manager, scheduler, enter, service, ends } = await startNoting();
    const page = await enter('ada', { acks: true });
    const run = await manager.startRun(place);
    await run.completed();
    await page.until('agent_completed');
    const drained = service.drain();
    await scheduler.pass(500);
    await service.close();
    await passUntil(scheduler, drained);
    expect(ends()).toEqual({ delivered: [], undelivered: [run.run_id], told: [run.run_id] });
  });

  test('is not told of an end that could not be stored', async () => {
    const hooks: Hooks = {};
    const { manager, scheduler, service, ends } = await startNoting({}, hooks);
    const run = await manager.startRun(place);
    hooks.append = throws;
    const ended = rejectionOf(run.completed());
    await scheduler.pass(1_000);
    await service.close();
    expect(await ended).toMatchObject({ code: 'STORE_FAILED' });
    expect(ends()).toEqual(none);
  });
});

test.each<[string, () => unknown, string]>([
  [
    'throws',
    () => {
      throw new Error('the mail server is down');
    },
    'the mail server is down',
  ],
  ['rejects', () => Promise.reject(new Error('the mail server is down')), 'the mail server is down'],
  ['rejects with nothing', () => Promise.reject(undefined), 'unknown'],
])('R11: an onUndelivered that %s is a fault, and harms nobody', async (_, onUndelivered, message) => {
  const { manager, scheduler, telemetry, enter, service, ends } = await startNoting({ onUndelivered });
  for (const run_id of ['r-1', 'r-2']) await manager.run({ ...place, run_id }, async () => {});
  await scheduler.pass(30_000);
  await turn();
  const fault = { kind: 'fault', where: 'onUndelivered', message };
  expect(telemetry.filter(({ kind }) => kind === 'fault')).toEqual([fault, fault]);
  const page = await enter('ada', { acks: true });
  const run = await manager.startRun(place);
  await run.completed();
  await page.until('agent_completed');
  await ack(page);
  await manager.run({ ...place, run_id: 'r-3' }, async () => {});
  await service.close();
  expect(ends()).toEqual({ delivered: [run.run_id], undelivered: ['r-1', 'r-2', 'r-3'], told: [] });
});

test('without onUndelivered the telemetry tells it all the same', async () => {
  const { manager, scheduler, telemetry } = await startManager({ undeliveredAfterMs: 5 });
  await manager.run({ ...place, run_id: 'r-1' }, async () => {});
  await scheduler.pass(5);
  expect(telemetry).toContainEqual({ kind: 'run_undelivered', run_id: 'r-1', user_id: 'ada', offered: 0 });
});
