// Messages for a run at work: they go to it at once, since it may be what everything else waits for.
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, test } from 'vitest';
import type { ServiceOptions } from '../src/options.js';
import type { Run } from '../src/run.js';
import { getWebSocketManager } from '../src/user-manager.js';
import { passUntil } from './elapse.js';
import { type Hooks, rejects, storesThenRejects, storesThenThrows, throws } from './hooked-log.js';
import type { RawClient } from './raw-client.js';
import { place, startManager } from './running-manager.js';
import { rejectionOf, turn } from './running-service.js';

const say = (client: RawClient, id: string, fields: object = {}) =>
  client.send({ type: 'message', id, thread_id: 't-1', run_id: 'r-1', data: null, ...fields });

/** What the service answered, in order. */
const answers = (client: RawClient) =>
  client.frames.flatMap(({ type, id, code }) => (type === 'accepted' || type === 'error' ? [[id, code ?? type]] : []));

async function pong(client: RawClient): Promise<void> {
  client.send({ type: 'ping', id: 'p' });
  await client.until('pong');
}

/** A page, and a run that reads nothing by itself. */
async function startRun(options: Partial<ServiceOptions> = {}, hooks: Hooks = {}) {
  const running = await startManager(options, hooks);
  const page = await running.enter('ada');
  const run = await running.manager.startRun({ ...place, run_id: 'r-1' });
  const kinds = (kind: string) => running.telemetry.filter((event) => event.kind === kind);
  return { ...running, page, run, kinds };
}

/** Reads everything a run is told, as it comes. */
function listen(run: Run): { readonly heard: unknown[]; readonly over: Promise<void> } {
  const heard: unknown[] = [];
  const over = (async () => {
    for await (const message of run.messages) heard.push(message);
  })();
  return { heard, over };
}

test('a run reads what is said to it, in order, with no handler on the service', async () => {
  const { page, run } = await startRun();
  const { heard, over } = listen(run);
  for (const id of ['m-1', 'm-2', 'm-3']) say(page, id, { data: { say: id } });
  await page.until('accepted', { id: 'm-3' });
  expect(heard).toEqual(
    ['m-1', 'm-2', 'm-3'].map((id) => ({ id, thread_id: 't-1', run_id: 'r-1', data: { say: id } })),
  );
  await run.completed();
  await over;
  expect(answers(page)).toEqual(['m-1', 'm-2', 'm-3'].map((id) => [id, 'accepted']));
});

describe('R18: what a run waits for', () => {
  test('does not wait behind the handler that waits for it', async () => {
    const { enter } = await startManager({
      onMessage: (message, userContext) =>
        getWebSocketManager(userContext).run({ ...place, run_id: 'r-1', message_id: message.id }, async (run) => {
          await run.thinking({ reasoning: 'Shall I?' });
          for await (const { data } of run.messages) return { final_response: data };
          return {};
        }),
    });
    const page = await enter('ada');
    say(page, 'm-1', { run_id: undefined });
    // Another that waits behind the first: it is of the same thread, and none of the run's.
    say(page, 'm-2', { run_id: undefined });
    await page.until('agent_thinking');
    say(page, 'm-3', { data: 'yes' });
    expect(await page.until('agent_completed')).toMatchObject({ data: { final_response: 'yes' } });
  });

  test('is let in though as many others wait as may', async () => {
    let end = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { page, run } = await startRun({ onMessage: () => held, maxPendingMessages: 2 });
    for (const id of ['q-1', 'q-2', 'q-3']) say(page, id, { run_id: undefined });
    await page.until('error', { id: 'q-3', code: 'MESSAGE_TOO_MANY' });
    const { heard } = listen(run);
    say(page, 'm-1');
    await page.until('accepted', { id: 'm-1' });
    expect(heard).toMatchObject([{ id: 'm-1' }]);
    end();
  });

  test('takes no place of those who wait for a handler, however much it was', async () => {
    let end = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { page, run, service, scheduler } = await startRun({ onMessage: () => held, maxPendingMessages: 2 });
    listen(run);
    for (let count = 0; count < 5; count++) say(page, `m-${count}`);
    for (const id of ['q-1', 'q-2']) say(page, id, { run_id: undefined });
    await page.until('accepted', { id: 'q-2' });
    end();
    await run.completed();
    const drained = service.drain({ deadlineMs: 600_000 });
    expect(await passUntil(scheduler, page.closed)).toMatchObject({ code: 1012 });
    await passUntil(scheduler, drained);
    expect(service.health().reasons).toEqual(['closed']);
  });

  test('is let in while the service drains, and the run may end with it', async () => {
    const { page, manager, service, scheduler } = await startRun({ onMessage: () => expect.unreachable() });
    const ended = manager.run({ ...place, run_id: 'r-2' }, async (run) => {
      for await (const { data } of run.messages) return { final_response: data };
      return {};
    });
    await page.until('agent_started', { run_id: 'r-2' });
    const drained = service.drain({ deadlineMs: 5_000 });
    await page.until('draining');
    say(page, 'm-1', { run_id: 'r-2', data: 'go on' });
    await page.until('accepted', { id: 'm-1' });
    say(page, 'm-2', { run_id: undefined });
    await page.until('error', { id: 'm-2', code: 'STORE_UNAVAILABLE' });
    expect(await ended).toEqual({ final_response: 'go on' });
    await passUntil(scheduler, drained);
  });
});

describe('RUN_UNKNOWN answers what is said to', () => {
  test.each<[string, object]>([
    ['a run that does not exist', { run_id: 'r-9' }],
    ['a run of another thread', { thread_id: 't-2' }],
    ['what every object has', { run_id: '__proto__' }],
  ])('%s', async (_, fields) => {
    const { page, run } = await startRun({ onMessage: () => expect.unreachable() });
    const { heard } = listen(run);
    // Again and again: that it was refused once does not make it known.
    for (let times = 0; times < 3; times++) {
      say(page, 'm-1', fields);
      expect(await page.until('error', { id: 'm-1' })).toMatchObject({ code: 'RUN_UNKNOWN' });
    }
    expect(heard).toEqual([]);
  });

  test('S9 R4 R9: a run of somebody else, in the same words, and nothing reaches it', async () => {
    const { page, run, enter, managerOf } = await startRun();
    const { heard } = listen(run);
    const grace = await enter('grace');
    const acme = await enter('ada@acme');
    for (const stranger of [grace, acme]) {
      say(stranger, 'm-1', { data: 'let me in' });
      say(stranger, 'm-2', { run_id: 'r-none' });
      const first = await stranger.until('error', { id: 'm-1' });
      expect({ ...first, id: 'm-2' }).toEqual(await stranger.until('error', { id: 'm-2' }));
    }
    const own = await (await managerOf('grace')).startRun({ ...place, run_id: 'r-1' });
    const graces = listen(own);
    say(grace, 'm-3', { data: 'to my own' });
    await grace.until('accepted', { id: 'm-3' });
    say(page, 'm-1', { data: 'to mine' });
    await page.until('accepted', { id: 'm-1' });
    expect([graces.heard, heard]).toMatchObject([[{ data: 'to my own' }], [{ data: 'to mine' }]]);
  });

  test('a run that was told to stop, and one that has ended', async () => {
    const { page, run } = await startRun();
    const { over } = listen(run);
    page.send({ type: 'cancel', id: 'c-1', run_id: 'r-1' });
    say(page, 'm-1');
    await page.until('error', { id: 'm-1', code: 'RUN_UNKNOWN' });
    await over;
    await run.completed();
    say(page, 'm-2');
    await page.until('error', { id: 'm-2' });
    expect(answers(page)).toEqual([
      ['c-1', 'accepted'],
      ['m-1', 'RUN_UNKNOWN'],
      ['m-2', 'RUN_UNKNOWN'],
    ]);
  });
});

describe('a run that ends without having read', () => {
  const ends: [string, (run: Run, page: RawClient) => unknown][] = [
    ['succeeds', (run) => run.completed()],
    ['fails', (run) => run.failed(new Error('x'))],
    ['is left', (run) => run[Symbol.asyncDispose]()],
    ['is cancelled', (_, page) => page.send({ type: 'cancel', id: 'c', run_id: 'r-1' })],
  ];
  test.each(ends)('R11: and %s tells each sender RUN_ENDED, after accepted', async (_, end) => {
    const { page, run, kinds } = await startRun();
    for (const id of ['m-1', 'm-2']) say(page, id);
    await page.until('accepted', { id: 'm-2' });
    await end(run, page);
    await page.until('error', { id: 'm-2' });
    expect(answers(page).filter(([id]) => id !== 'c')).toEqual([
      ['m-1', 'accepted'],
      ['m-2', 'accepted'],
      ['m-1', 'RUN_ENDED'],
      ['m-2', 'RUN_ENDED'],
    ]);
    expect(kinds('message_handled')).toMatchObject([
      { message_id: 'm-1', ok: false },
      { message_id: 'm-2', ok: false },
    ]);
  });

  test('harms nobody when its sender has gone', async () => {
    const { page, run, service, kinds } = await startRun();
    say(page, 'm-1');
    await page.until('accepted');
    page.webSocket.terminate();
    await expect.poll(() => service.health().sessions).toBe(0);
    await run.completed();
    expect(kinds('message_handled')).toHaveLength(1);
  });
});

describe('S7: at most once', () => {
  test('what comes again is accepted again and heard once, from any session, also after the run has ended', async () => {
    const { page, run, enter } = await startRun();
    const { heard } = listen(run);
    const second = await enter('ada');
    for (const client of [page, page, second]) {
      say(client, 'm-1');
      await client.until('accepted', { id: 'm-1' });
    }
    await run.completed();
    say(second, 'm-1');
    await second.until('accepted', { id: 'm-1' });
    await pong(second);
    expect(heard).toHaveLength(1);
    expect(answers(second)).toEqual([
      ['m-1', 'accepted'],
      ['m-1', 'accepted'],
    ]);
  });

  test('what was refused for want of room is none of those: it comes again and is heard', async () => {
    const { page, run } = await startRun({ maxPendingMessages: 1 });
    say(page, 'm-1');
    for (let times = 0; times < 3; times++) say(page, 'm-2');
    for (let times = 0; times < 3; times++) {
      expect(await page.until('error', { id: 'm-2' })).toMatchObject({ code: 'MESSAGE_TOO_MANY' });
    }
    const { heard } = listen(run);
    say(page, 'm-2');
    say(page, 'm-2');
    await page.until('accepted', { id: 'm-2' });
    await page.until('accepted', { id: 'm-2' });
    expect(heard).toMatchObject([{ id: 'm-1' }, { id: 'm-2' }]);
  });

  test.each([
    ['for a run', 'r-1', 'remembered and failed to say so', storesThenRejects],
    ['for a run', 'r-1', 'did not take', rejects],
    ['for a handler', undefined, 'remembered and failed to say so', storesThenThrows],
    ['for a handler', undefined, 'did not take', throws],
  ])(
    'R13: what is said %s (to the run %s) and the store %s is heard once when it comes again',
    async (_, run_id, __, fault) => {
      const hooks: Hooks = { claim: fault };
      const handled: unknown[] = [];
      const { page, run } = await startRun({ onMessage: (message) => void handled.push(message) }, hooks);
      const { heard } = listen(run);
      say(page, 'm-1', { run_id });
      await page.until('error', { id: 'm-1', code: 'STORE_UNAVAILABLE' });
      delete hooks.claim;
      for (let times = 0; times < 3; times++) {
        say(page, 'm-1', { run_id });
        await page.until('accepted', { id: 'm-1' });
      }
      await pong(page);
      expect([...heard, ...handled]).toMatchObject([{ id: 'm-1' }]);
    },
  );
});

test('the schema of the service is that of what runs are told, too', async () => {
  const messages: StandardSchemaV1 = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (typeof value === 'string' ? { value: value.trim() } : { issues: [{ message: 'no text' }] }),
    },
  };
  const { page, run } = await startRun({ messages });
  const { heard } = listen(run);
  say(page, 'm-1', { data: 7 });
  expect(await page.until('error', { id: 'm-1' })).toMatchObject({ code: 'MESSAGE_INVALID', message: 'data: no text' });
  say(page, 'm-1', { data: ' yes ' });
  await page.until('accepted', { id: 'm-1' });
  expect(heard).toEqual([{ id: 'm-1', thread_id: 't-1', run_id: 'r-1', data: 'yes' }]);
});

test('S10: the rate of a user counts what is said to runs', async () => {
  const { page, run } = await startRun({ messagesPerUser: { burst: 2, perSecond: 0.1 } });
  listen(run);
  for (const id of ['m-1', 'm-2', 'm-3']) say(page, id);
  expect(await page.until('error')).toMatchObject({ id: 'm-3', code: 'MESSAGE_TOO_MANY' });
});

describe('telemetry tells of each message', () => {
  test('how it was answered, and that it was read, and how long that took', async () => {
    const { page, run, telemetry, scheduler } = await startRun();
    say(page, 'm-1');
    await page.until('accepted', { id: 'm-1' });
    scheduler.advance(700);
    const { heard } = listen(run);
    await expect.poll(() => heard).toHaveLength(1);
    say(page, 'm-1');
    await page.until('accepted', { id: 'm-1' });
    say(page, 'm-2', { run_id: 'r-9' });
    await page.until('error', { id: 'm-2' });
    expect(telemetry.filter(({ kind }) => kind === 'message' || kind === 'message_handled')).toEqual([
      { kind: 'message', user_id: 'ada', message_id: 'm-1', outcome: 'accepted' },
      { kind: 'message_handled', user_id: 'ada', message_id: 'm-1', ok: true, duration_ms: 700 },
      { kind: 'message', user_id: 'ada', message_id: 'm-1', outcome: 'known' },
      { kind: 'message', user_id: 'ada', message_id: 'm-2', outcome: 'RUN_UNKNOWN' },
    ]);
  });

  test('and of each that a handler took, however it went; its duration begins when it was accepted', async () => {
    const ends: ((error?: Error) => void)[] = [];
    const onMessage = () =>
      new Promise<void>((resolve, reject) => void ends.push((error) => (error ? reject(error) : resolve())));
    const { page, telemetry, scheduler } = await startRun({ onMessage });
    for (const id of ['m-1', 'm-2']) say(page, id, { run_id: undefined });
    await page.until('accepted', { id: 'm-2' });
    scheduler.advance(300);
    ends[0]?.(new Error('broken'));
    await expect.poll(() => ends).toHaveLength(2);
    scheduler.advance(500);
    ends[1]?.();
    await turn();
    expect(telemetry.filter(({ kind }) => kind === 'message_handled')).toEqual([
      { kind: 'message_handled', user_id: 'ada', message_id: 'm-1', ok: false, duration_ms: 300 },
      { kind: 'message_handled', user_id: 'ada', message_id: 'm-2', ok: true, duration_ms: 800 },
    ]);
  });
});

test('R11: a run whose beginning is refused tells those who spoke to it meanwhile', async () => {
  const hooks: Hooks = {};
  const { page, manager } = await startRun({}, hooks);
  let refuse = () => {};
  const held = new Promise<never>((_, reject) => {
    refuse = () => reject(new Error('the store is unreachable'));
  });
  hooks.append = () => held;
  const begun = rejectionOf(manager.startRun({ ...place, run_id: 'r-2' }));
  await turn();
  say(page, 'm-1', { run_id: 'r-2' });
  await page.until('accepted', { id: 'm-1' });
  delete hooks.append;
  refuse();
  expect(await begun).toMatchObject({ code: 'STORE_FAILED' });
  await page.until('error', { id: 'm-1', code: 'RUN_ENDED' });
});
