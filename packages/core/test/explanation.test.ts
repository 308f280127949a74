// "Why did I not see it?": what became of one event, for whoever is asked.
import { describe, expect, test } from 'vitest';
import { memoryLog } from '../src/memory-log.js';
import { type Hooks, hookedLog, rejects, throws } from './hooked-log.js';
import type { RawClient } from './raw-client.js';
import { place, startManager } from './running-manager.js';
import { rejectionOf, startService } from './running-service.js';

async function ack(client: RawClient): Promise<void> {
  client.send({ type: 'ack', position: client.position });
  client.send({ type: 'ping', id: 'p' });
  await client.until('pong');
}

const idOf = (client: RawClient) => client.frames.find(({ type }) => type === 'welcome')?.session_id as string;

describe('S7 R11: an event', () => {
  test('that is stored: where and since when, and that nobody was there', async () => {
    const { manager, service, scheduler } = await startManager();
    const appended_at = new Date(scheduler.now()).toISOString();
    const run = await manager.startRun({ ...place, run_id: 'r-1' });
    const position = await run.thinking({ reasoning: 'x' });
    scheduler.advance(5_000);
    await run.completed();
    expect(await service.explain({ run_id: 'r-1', seq: 2 })).toEqual({
      state: 'stored',
      summary: 'It is stored; its user has had no session here.',
      user_id: 'ada',
      thread_id: 't-1',
      type: 'agent_thinking',
      position,
      appended_at,
      sessions: [],
    });
    expect(await service.explain({ run_id: 'r-1', seq: 3 })).toMatchObject({ type: 'agent_completed' });
  });

  test('that nobody knows of', async () => {
    const { manager, service } = await startManager();
    const unknown = {
      state: 'unknown',
      summary: 'No log that was looked into holds it: was it ever sent?',
      sessions: [],
    };
    expect(await service.explain({ run_id: 'r-1', seq: 1 })).toEqual(unknown);
    await manager.run({ ...place, run_id: 'r-1' }, async () => {});
    expect(await service.explain({ run_id: 'r-1', seq: 3 })).toEqual(unknown);
    expect(await service.explain({ run_id: 'r-2', seq: 1 })).toEqual(unknown);
    expect(await service.explain({ run_id: '__proto__', seq: 1 })).toEqual(unknown);
  });

  test('that was dropped since', async () => {
    const log = memoryLog({ entriesPerUser: 10 });
    const { manager, service } = await startManager({ log });
    const run = await manager.startRun({ ...place, run_id: 'r-1' });
    for (let sent = 0; sent < 20; sent++) await run.send('acme.note', sent);
    expect(await service.explain({ run_id: 'r-1', seq: 1 })).toEqual({
      state: 'dropped',
      summary: 'It was stored, and has been dropped since.',
      user_id: 'ada',
      sessions: [],
    });
    expect(await service.explain({ run_id: 'r-1', seq: 21 })).toMatchObject({ state: 'stored', type: 'acme.note' });
  });

  test('that was joined with its neighbours since: the entry that holds it now', async () => {
    const log = memoryLog({ entriesPerUser: 40 });
    const { manager, service, scheduler } = await startManager({ log });
    const run = await manager.startRun({ ...place, run_id: 'r-1' });
    let last = '';
    for (let sent = 0; sent < 60; sent++) {
      run.text('x');
      last = await run.flushed();
      scheduler.advance(25);
    }
    const joined = await service.explain({ run_id: 'r-1', seq: 5 });
    expect(joined).toMatchObject({ state: 'stored', type: 'partial_result' });
    const offset = Number(joined.position?.split('.')[1]);
    expect(offset).toBeGreaterThan(5);
    expect(offset).toBeLessThan(Number(last.split('.')[1]));
    const place_of = async (seq: number) => (await service.explain({ run_id: 'r-1', seq })).position;
    expect(await place_of(offset)).toBe(joined.position);
    expect(await place_of(4)).toBe(joined.position);
    expect(await place_of(61)).toBe(last);
  });

  test('of one user is found among those of others', async () => {
    const { service, managerOf } = await startManager();
    for (const user of ['ada', 'bob', 'bob@acme']) {
      await (await managerOf(user)).run({ ...place, run_id: `r-${user}` }, async () => {});
    }
    for (const user of ['ada', 'bob']) {
      expect(await service.explain({ run_id: `r-${user}`, seq: 1 })).toMatchObject({ state: 'stored', user_id: user });
    }
  });
});

describe('S7: how sessions stand to it', () => {
  test('each standing, of open sessions and of closed ones, and the summary says the best of it', async () => {
    const { manager, enter, service, scheduler } = await startManager({ ackWindowBytes: 32_768 });
    const opened_at = new Date(scheduler.now()).toISOString();
    const summary = async () => (await service.explain({ run_id: 'r-1', seq: 1 })).summary;
    const elsewhere = await enter('ada', { acks: true, threads: ['t-2'] });
    const full = await enter('ada', { acks: true });
    for (let sent = 0; sent < 40; sent++) await manager.send('acme.note', 'x'.repeat(1_000), { thread_id: 't-1' });
    const run = await manager.startRun({ ...place, run_id: 'r-1' });
    expect(await summary()).toBe('It is stored; sessions that read its thread have yet to get to it.');
    const from = await manager.position();
    const mute = await enter('ada', { from });
    const promised = await enter('ada', { from, acks: true });
    const acker = await enter('ada', { from, acks: true });
    for (const client of [mute, promised, acker]) await client.until('agent_started');
    expect(await summary()).toBe('It is stored and was sent to 3 sessions; none has acknowledged it.');
    await ack(acker);
    scheduler.advance(2_000);
    const closed_at = new Date(scheduler.now()).toISOString();
    for (const client of [promised, acker]) {
      client.webSocket.close(1000);
      await client.closed;
    }
    await expect.poll(() => service.health().sessions).toBe(3);
    await run.completed();
    const late = await enter('ada', { acks: true });
    const late_at = new Date(scheduler.now()).toISOString();
    const { sessions, summary: said } = await service.explain({ run_id: 'r-1', seq: 1 });
    expect(said).toBe('It is stored, and 1 of 6 sessions have processed it.');
    const closed = { at: closed_at, code: 1000 };
    expect(sessions).toEqual([
      { session_id: idOf(elsewhere), opened_at, standing: 'other_thread', acks: true },
      { session_id: idOf(full), opened_at, standing: 'waiting', acks: true },
      { session_id: idOf(mute), opened_at, standing: 'offered', acks: false },
      { session_id: idOf(late), opened_at: late_at, standing: 'before', acks: true },
      { session_id: idOf(acker), opened_at, standing: 'acked', acks: true, closed },
      { session_id: idOf(promised), opened_at, standing: 'offered', acks: true, closed },
    ]);
  });

  test('a page that turned to another thread before it is not waited for', async () => {
    const { manager, enter, service } = await startManager();
    const page = await enter('ada', { acks: true });
    page.send({ type: 'threads', threads: ['t-2'], from: 'active' });
    await page.until('reading');
    await manager.run({ ...place, run_id: 'r-1' }, async () => {});
    expect(await service.explain({ run_id: 'r-1', seq: 1 })).toMatchObject({
      summary: 'It is stored; no session reads its thread from before it.',
      sessions: [{ standing: 'other_thread' }],
    });
  });

  test('one that closed before it got to it will not', async () => {
    const { manager, enter, service } = await startManager({ ackWindowBytes: 32_768 });
    const page = await enter('ada', { acks: true });
    for (let sent = 0; sent < 40; sent++) await manager.send('acme.note', 'x'.repeat(1_000), { thread_id: 't-1' });
    await manager.run({ ...place, run_id: 'r-1' }, async () => {});
    page.webSocket.terminate();
    await expect.poll(() => service.health().sessions).toBe(0);
    expect(await service.explain({ run_id: 'r-1', seq: 1 })).toMatchObject({
      summary: 'It is stored; the sessions that read its thread closed before they got to it.',
      sessions: [{ standing: 'waiting', closed: { code: 1006 } }],
    });
  });

  test('R10: of those that closed the latest 50 are remembered', async () => {
    const { manager, enter, service } = await startManager({ maxSessionsPerUser: 100 });
    // Somebody who stays: the records of a user whom nobody needs may go.
    const stays = await enter('ada');
    const run = await manager.startRun({ ...place, run_id: 'r-1' });
    const ids: string[] = [];
    for (let count = 0; count < 55; count++) {
      const page = await enter('ada');
      ids.push(idOf(page));
      page.webSocket.terminate();
      await expect.poll(() => service.health().sessions, { interval: 5 }).toBe(1);
    }
    await run.completed();
    const { sessions } = await service.explain({ run_id: 'r-1', seq: 1 });
    expect(sessions.map(({ session_id }) => session_id)).toEqual([idOf(stays), ...ids.toReversed().slice(0, 50)]);
  });
});

describe('explain', () => {
  test.each<[string, unknown]>([
    ['no run', { seq: 1 }],
    ['an empty run', { run_id: '', seq: 1 }],
    ['a run that is no id', { run_id: 'a b', seq: 1 }],
    ['a run that is no text', { run_id: 7, seq: 1 }],
    ['no number', { run_id: 'r-1' }],
    ['the number 0', { run_id: 'r-1', seq: 0 }],
    ['a negative number', { run_id: 'r-1', seq: -1 }],
    ['half a number', { run_id: 'r-1', seq: 1.5 }],
    ['NaN', { run_id: 'r-1', seq: Number.NaN }],
    ['Infinity', { run_id: 'r-1', seq: Number.POSITIVE_INFINITY }],
    ['a text', { run_id: 'r-1', seq: '1' }],
    ['nothing', undefined],
    ['null', null],
  ])('rejects %s with a typed error that names what it wants', async (_, event) => {
    const { service } = await startService();
    expect(await rejectionOf(service.explain(event as never))).toMatchObject({
      code: 'EVENT_INVALID',
      message: expect.stringMatching(/run_id.*seq/),
    });
  });

  test.each([
    ['rejects', rejects],
    ['throws', throws],
  ])('rejects with a typed error when a log %s, and can be asked again', async (_, fault) => {
    const hooks: Hooks = {};
    const { service, managerOf } = await startService({ log: hookedLog(memoryLog(), hooks) });
    const manager = await managerOf('ada');
    await manager.run({ ...place, run_id: 'r-1' }, async () => {});
    hooks.find = fault;
    const error = await rejectionOf(service.explain({ run_id: 'r-1', seq: 1 }));
    expect(error).toMatchObject({ code: 'STORE_FAILED', cause: expect.any(Error) });
    delete hooks.find;
    expect(await service.explain({ run_id: 'r-1', seq: 1 })).toMatchObject({ state: 'stored' });
    expect(manager.user_id).toBe('ada');
  });

  test("R7 R13: tells nothing of what was said, nor anybody's token", async () => {
    const marker = 'S3CRET-marker';
    const { manager, enter, service } = await startManager({ authenticate: () => ({ user_id: 'ada' }) });
    const page = await enter(marker, { acks: true });
    const run = await manager.startRun({ ...place, run_id: 'r-1', task_description: marker, metadata: { marker } });
    await page.until('agent_started');
    await run.completed({ final_response: marker });
    for (const seq of [1, 2]) {
      expect(JSON.stringify(await service.explain({ run_id: 'r-1', seq }))).not.toContain(marker);
    }
  });
});
