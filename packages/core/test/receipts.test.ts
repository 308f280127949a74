// Receipts over real sockets: who has processed what.
import { describe, expect, test } from 'vitest';
import type { Run } from '../src/run.js';
import { hasSettled } from './elapse.js';
import type { Hooks } from './hooked-log.js';
import { note, notes, received } from './notes.js';
import type { RawClient } from './raw-client.js';
import { place, startManager } from './running-manager.js';
import { rejectionOf, turn } from './running-service.js';

/** Acknowledges everything that came so far, and waits until the service has read it. */
async function ack(client: RawClient, position = client.position): Promise<void> {
  client.send({ type: 'ack', position });
  await pong(client);
}

let pings = 0;

async function pong(client: RawClient): Promise<void> {
  pings += 1;
  client.send({ type: 'ping', id: `p-${pings}` });
  await client.until('pong', { id: `p-${pings}` });
}

const idOf = (client: RawClient) => client.frames.find(({ type }) => type === 'welcome')?.session_id as string;

/** Ends a run, and waits until it has come. */
async function endedBefore(run: Run, ...clients: RawClient[]): Promise<void> {
  await run.completed();
  for (const client of clients) await client.until('agent_completed', { run_id: run.run_id });
}

describe('S7: run.delivered()', () => {
  test('resolves once a page has acknowledged the end, and names its session', async () => {
    const { manager, enter, scheduler } = await startManager();
    const page = await enter('ada', { acks: true });
    const run = await manager.startRun(place);
    await endedBefore(run, page);
    const delivered = run.delivered();
    expect(await hasSettled(delivered)).toBe(false);
    await ack(page);
    expect(await delivered).toEqual({ acked: [idOf(page)], pending: [] });
    // What is left: the log's sweep, the service's tick.
    expect(scheduler.waiting).toBe(2);
  });

  test('with nobody there says so when its time is over, and rejects nothing', async () => {
    const { manager, scheduler } = await startManager();
    const run = await manager.startRun(place);
    await run.completed();
    const delivered = run.delivered({ timeoutMs: 4_000 });
    await scheduler.pass(3_999);
    expect(await hasSettled(delivered)).toBe(false);
    await scheduler.pass(1);
    expect(await delivered).toEqual({ acked: [], pending: [] });
    const inTenSeconds = run.delivered();
    await scheduler.pass(9_999);
    expect(await hasSettled(inTenSeconds)).toBe(false);
    await scheduler.pass(1);
    expect(await inTenSeconds).toEqual({ acked: [], pending: [] });
  });

  test('waits for the page that has not acknowledged yet, as long as it is there', async () => {
    const { manager, enter } = await startManager();
    const [quick, slow] = [await enter('ada', { acks: true }), await enter('ada', { acks: true })];
    const run = await manager.startRun(place);
    await endedBefore(run, quick, slow);
    const delivered = run.delivered();
    await ack(quick);
    expect(await hasSettled(delivered)).toBe(false);
    await ack(slow);
    const { acked, pending } = await delivered;
    expect([new Set(acked), pending]).toEqual([new Set([idOf(quick), idOf(slow)]), []]);
  });

  test('waits no longer for a page that leaves', async () => {
    const { manager, enter } = await startManager();
    const [quick, leaving] = [await enter('ada', { acks: true }), await enter('ada', { acks: true })];
    const run = await manager.startRun(place);
    await endedBefore(run, quick, leaving);
    const delivered = run.delivered();
    await ack(quick);
    leaving.webSocket.terminate();
    expect(await delivered).toEqual({ acked: [idOf(quick)], pending: [] });
  });

  test('names who has acknowledged and who has not when its time is over', async () => {
    const { manager, enter, scheduler } = await startManager();
    const [quick, slow, mute] = [
      await enter('ada', { acks: true }),
      await enter('ada', { acks: true }),
      await enter('ada'),
    ];
    const run = await manager.startRun(place);
    await endedBefore(run, quick, slow, mute);
    await ack(quick);
    const delivered = run.delivered({ timeoutMs: 100 });
    await scheduler.pass(100);
    const { acked, pending } = await delivered;
    expect(acked).toEqual([idOf(quick)]);
    expect(new Set(pending)).toEqual(new Set([idOf(slow), idOf(mute)]));
  });

  test('is not moved by a page that reads other threads, nor by one that came later, nor by one that left the thread', async () => {
    const { manager, enter } = await startManager();
    const page = await enter('ada', { acks: true, threads: ['t-1'] });
    const elsewhere = await enter('ada', { acks: true, threads: ['t-2'] });
    const turned = await enter('ada', { acks: true, threads: ['t-1'] });
    const run = await manager.startRun(place);
    await turned.until('agent_started');
    turned.send({ type: 'threads', threads: ['t-2'], from: 'active' });
    await turned.until('reading');
    await endedBefore(run, page);
    const later = await enter('ada', { acks: true });
    await manager.send('acme.note', 1, { thread_id: 't-2' });
    for (const client of [elsewhere, turned, later]) {
      await client.until('acme.note');
      await ack(client);
    }
    const delivered = run.delivered();
    expect(await hasSettled(delivered)).toBe(false);
    await ack(page, page.position);
    expect(await delivered).toEqual({ acked: [idOf(page)], pending: [] });
  });

  test('counts the ack of a page that has closed since', async () => {
    const { manager, enter, service } = await startManager();
    const page = await enter('ada', { acks: true });
    const run = await manager.startRun(place);
    await endedBefore(run, page);
    await ack(page);
    page.webSocket.terminate();
    await expect.poll(() => service.health().sessions).toBe(0);
    expect(await run.delivered()).toEqual({ acked: [idOf(page)], pending: [] });
  });

  test('before the end asks for what was sent so far; twice gives two answers', async () => {
    const { manager, enter } = await startManager();
    const page = await enter('ada', { acks: true });
    const run = await manager.startRun(place);
    run.text('a');
    run.text('b');
    const [early, again] = [run.delivered(), run.delivered()];
    const lastText = await run.flushed();
    await page.until('partial_result', { seq: 3 });
    await run.thinking({ reasoning: 'not asked for' });
    await page.until('agent_thinking');
    expect(await hasSettled(early)).toBe(false);
    await ack(page, lastText);
    expect(await Promise.all([early, again])).toEqual(Array(2).fill({ acked: [idOf(page)], pending: [] }));
    await endedBefore(run, page);
    const atTheEnd = run.delivered();
    expect(await hasSettled(atTheEnd)).toBe(false);
    await ack(page);
    expect(await atTheEnd).toEqual(await early);
  });

  test('that waits when the service closes is answered then; after it, at once and without a timer', async () => {
    const { manager, enter, service, scheduler } = await startManager();
    const page = await enter('ada', { acks: true });
    const run = await manager.startRun(place);
    await endedBefore(run, page);
    const waiting = run.delivered({ timeoutMs: 60_000 });
    expect(await hasSettled(waiting)).toBe(false);
    await service.close();
    expect(await hasSettled(waiting)).toBe(true);
    expect(await waiting).toEqual({ acked: [], pending: [] });
    expect(await run.delivered({ timeoutMs: 60_000 })).toEqual({ acked: [], pending: [] });
    expect(scheduler.waiting).toBe(1);
  });

  test('of a run that failed on its way tells of its end, which is stored; before that it rejects, and may be ignored', async () => {
    const { manager, enter } = await startManager();
    const page = await enter('ada', { acks: true });
    const run = await manager.startRun(place);
    await rejectionOf(run.send('acme.note', Number.NaN));
    // Vitest fails on any unhandled rejection.
    void run.delivered();
    expect(await rejectionOf(run.delivered())).toMatchObject({ code: 'EVENT_INVALID' });
    await endedBefore(run, page);
    await ack(page);
    expect(await run.delivered()).toMatchObject({ acked: [idOf(page)] });
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2_147_483_648, '5' as unknown as number])(
    'takes no timeout of %s',
    async (timeoutMs) => {
      const { manager } = await startManager();
      const run = await manager.startRun(place);
      expect(await rejectionOf(run.delivered({ timeoutMs }))).toMatchObject({
        code: 'OPTION_INVALID',
        message: expect.stringContaining('timeoutMs'),
      });
    },
  );

  test('R8 R18: blocks nothing: the run goes on, other runs end, others read', async () => {
    const { manager, enter } = await startManager();
    const page = await enter('ada');
    const run = await manager.startRun(place);
    void run.delivered();
    await manager.run(place, async () => ({ final_response: 1 }));
    await endedBefore(run, page);
    expect(await received(page, 4)).toEqual([1, 2, 3, 4]);
  });
});

describe('S7: manager.receipts()', () => {
  test('tell what each open session was offered and has processed, and nothing when nobody is there', async () => {
    const { manager, enter, service, scheduler } = await startManager();
    expect(manager.receipts()).toEqual([]);
    const opened_at = new Date(scheduler.now()).toISOString();
    const all = await enter('ada', { acks: true });
    const some = await enter('ada', { acks: true, threads: ['t', 'u'] });
    const mute = await enter('ada', { threads: [] });
    await enter('grace', { acks: true });
    await notes(manager, 3);
    await received(all, 3);
    await ack(all);
    await note(manager);
    await received(some, 4);
    await pong(mute);
    expect(manager.receipts()).toEqual([
      { session_id: idOf(all), opened_at, threads: null, offered: 4, acked: 3 },
      { session_id: idOf(some), opened_at, threads: ['t', 'u'], offered: 4, acked: 0 },
      { session_id: idOf(mute), opened_at, threads: [], offered: 4, acked: null },
    ]);
    for (const client of [all, some, mute]) client.webSocket.terminate();
    await expect.poll(() => service.health().sessions).toBe(1);
    expect(manager.receipts()).toEqual([]);
  });

  test('follow a change of threads', async () => {
    const { manager, enter } = await startManager();
    const page = await enter('ada', { acks: true });
    await notes(manager, 2);
    await received(page, 2);
    await ack(page);
    page.send({ type: 'threads', threads: ['t-9'], from: 'active' });
    await page.until('reading');
    expect(manager.receipts()).toMatchObject([{ threads: ['t-9'], offered: 2, acked: 2 }]);
    await manager.send('acme.note', 1, { thread_id: 't-9' });
    await page.until('acme.note', { thread_id: 't-9' });
    expect(manager.receipts()).toMatchObject([{ threads: ['t-9'], offered: 3, acked: 2 }]);
  });

  test('do not move a session that does not take what there is', async () => {
    const { manager, enter, service } = await startManager({ ackWindowBytes: 32_768 });
    const page = await enter('ada', { acks: true });
    await notes(manager, 100, 'x'.repeat(1_000));
    await turn();
    const [receipt] = manager.receipts();
    expect(receipt?.offered).toBeGreaterThan(20);
    expect(receipt?.offered).toBeLessThan(40);
    expect(service.lag()).toMatchObject([{ session_id: idOf(page), entries: 100 - (receipt?.offered ?? 0) }]);
  });

  test('R14 are asked for in the name of a context that is good, and of a service that is open', async () => {
    const { manager, service } = await startManager();
    service.revoke(await service.authenticate({ token: 'ada' }));
    expect(() => manager.receipts()).toThrow(expect.objectContaining({ code: 'CONTEXT_REVOKED' }));
    const other = await startManager();
    await other.service.close();
    expect(() => other.manager.receipts()).toThrow(expect.objectContaining({ code: 'SERVICE_CLOSED' }));
  });
});

test('R13: an ack that is quicker than the answer of the store counts', async () => {
  const hooks: Hooks = {};
  const { manager, enter, telemetry, scheduler } = await startManager({}, hooks);
  const page = await enter('ada', { acks: true });
  const run = await manager.startRun(place);
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  hooks.append = async (store) => {
    const stored = store();
    await answered;
    return stored;
  };
  const ended = run.completed();
  await page.until('agent_completed');
  await ack(page);
  answer();
  await ended;
  await turn();
  const delivered = {
    kind: 'run_delivered',
    run_id: run.run_id,
    user_id: 'ada',
    session_id: idOf(page),
    duration_ms: 0,
  };
  expect(telemetry).toContainEqual(delivered);
  await scheduler.pass(60_000);
  expect(telemetry.filter(({ kind }) => kind === 'run_undelivered')).toEqual([]);
});

describe('R13: after the log was erased', () => {
  async function startErased() {
    const running = await startManager({ undeliveredAfterMs: 30_000 });
    const { manager, enter, service } = running;
    const [page, gone] = [await enter('ada', { acks: true }), await enter('ada', { acks: true })];
    await notes(manager, 10);
    for (const client of [page, gone]) {
      await received(client, 10);
      await ack(client);
    }
    gone.webSocket.terminate();
    await expect.poll(() => service.health().sessions).toBe(1);
    await manager.run(place, async () => {});
    await service.forget({ user_id: 'ada' });
    return { ...running, page };
  }

  test('what was acknowledged of it says nothing about what comes after', async () => {
    const { manager, page, service, telemetry } = await startErased();
    const run = await manager.startRun({ ...place, run_id: 'r-1' });
    const early = run.delivered();
    await page.until('reset');
    await page.until('agent_started', { run_id: 'r-1' });
    await run.completed();
    await page.until('agent_completed', { run_id: 'r-1' });
    const delivered = run.delivered();
    expect([await hasSettled(early), await hasSettled(delivered)]).toEqual([false, false]);
    const standings = async () =>
      (await service.explain({ run_id: 'r-1', seq: 2 })).sessions.map((each) => each.standing);
    expect(await standings()).toEqual(['offered']);
    expect(telemetry.filter(({ kind }) => kind === 'run_delivered')).toEqual([]);
    await ack(page);
    expect(await delivered).toEqual({ acked: [idOf(page)], pending: [] });
    expect(await standings()).toEqual(['acked']);
  });

  test('nobody is told of what it held', async () => {
    const { scheduler, telemetry, service } = await startErased();
    await scheduler.pass(30_000);
    await service.close();
    expect(telemetry.filter(({ kind }) => kind === 'run_undelivered')).toEqual([]);
  });
});
