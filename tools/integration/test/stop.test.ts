// A user's stop ends the run as `cancelled`, on every tab; and every other way in which a run may end is seen by all.
import { getWebSocketManager, type Run } from '@throughline/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate, type Gate } from '../src/gate.js';
import { openPage, type Page } from '../src/page.js';
import { startTestService, type TestService } from '../src/test-service.js';

let service: TestService;
let work: (run: Run) => Promise<{ final_response: string } | undefined>;
const pages: Page[] = [];

beforeEach(async () => {
  service = await startTestService({
    cancelGraceMs: 50,
    maxRunMs: 60_000,
    onMessage: ({ id, thread_id }, userContext) =>
      getWebSocketManager(userContext).run({ agent_name: 'writer', thread_id, message_id: id }, (run) => work(run)),
  });
});

afterEach(async () => {
  for (const page of pages.splice(0)) page[Symbol.dispose]();
  await service[Symbol.asyncDispose]();
});

async function openTabs(count: number): Promise<Page[]> {
  const opened = Array.from({ length: count }, () => openPage({ url: service.url, user: 'ada' }));
  pages.push(...opened);
  await Promise.all(opened.map((page) => page.live()));
  return opened;
}

/** Asks on the first tab; the id of the run, once every tab shows it. */
async function ask(tabs: readonly Page[], ready = (page: Page, id: string) => page.answerTo(id) !== undefined) {
  const [first] = tabs as [Page];
  const { id, accepted } = first.client.send({ thread_id: 't-1', data: 'go' });
  await accepted;
  await Promise.all(tabs.map((page) => page.until(() => ready(page, id))));
  return first.answerTo(id)?.run_id as string;
}

const states = (tabs: readonly Page[], run_id: string) => Promise.all(tabs.map((page) => page.ended(run_id)));

const aborted = (run: Run) => new Promise<void>((resolve) => run.signal.addEventListener('abort', () => resolve()));

describe('stop', () => {
  test('pressed on one tab, it ends the run on all of them, with the text so far', async () => {
    work = async (run) => {
      await run.toolExecuting({ tool_name: 'slow' });
      // The second piece waits for others when the end comes.
      for (const piece of ['as far ', 'as it came']) run.text(piece);
      await aborted(run);
      return { final_response: 'never mind' };
    };
    const tabs = await openTabs(3);
    const run_id = await ask(tabs, (page, id) => page.answerTo(id)?.tools.length === 1);
    await tabs[1]?.client.cancel(run_id);
    for (const state of await states(tabs, run_id)) {
      expect(state).toMatchObject({ status: 'cancelled', text: 'as far as it came', tools: [{ status: 'failed' }] });
    }
  });

  test('an agent that does not heed it is ended all the same', async () => {
    const gate = createGate();
    work = async (run) => {
      run.text('I go on. ');
      await gate.pass();
      run.text('Never heard.');
      return { final_response: 'Never heard.' };
    };
    const tabs = await openTabs(2);
    const run_id = await ask(tabs, (page, id) => page.answerTo(id)?.text === 'I go on. ');
    await tabs[0]?.client.cancel(run_id);
    for (const state of await states(tabs, run_id)) expect(state).toMatchObject({ status: 'cancelled' });
    gate.open();
    // The next message of the thread was not kept waiting, and nothing of the ended run follows.
    work = async () => ({ final_response: 'next' });
    const next = await ask(tabs);
    for (const state of await states(tabs, next)) expect(state.final_response).toBe('next');
    for (const tab of tabs) expect(tab.run(run_id)?.text).toBe('I go on. ');
  });

  test('pressed twice, on two tabs, at once: one end, and both presses are answered', async () => {
    work = async (run) => {
      await aborted(run);
      return undefined;
    };
    const tabs = await openTabs(2);
    const run_id = await ask(tabs);
    const presses = await Promise.allSettled(tabs.map((page) => page.client.cancel(run_id)));
    expect(presses.some(({ status }) => status === 'fulfilled')).toBe(true);
    for (const page of tabs) {
      expect((await page.ended(run_id)).status).toBe('cancelled');
      expect(page.events.filter(({ type }) => type === 'agent_completed').length).toBe(1);
    }
    await expect(tabs[0]?.client.cancel(run_id)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  test('another user cannot press it', async () => {
    let gate: Gate | undefined;
    work = async () => {
      gate = createGate();
      await gate.pass();
      return { final_response: 'whole' };
    };
    const tabs = await openTabs(1);
    const run_id = await ask(tabs);
    const stranger = openPage({ url: service.url, user: 'bob' });
    pages.push(stranger);
    await stranger.live();
    await expect(stranger.client.cancel(run_id)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    gate?.open();
    expect((await tabs[0]?.ended(run_id))?.status).toBe('succeeded');
    expect(stranger.events).toEqual([]);
  });
});

describe('every other end', () => {
  test('a tool that throws ends the run as `failed`, with its reason, on every tab', async () => {
    work = async (run) => {
      await run.toolExecuting({ tool_name: 'sql' });
      for (const piece of ['The costs ', 'of last quarter ', 'were ']) run.text(piece);
      throw new Error('relation "costs" does not exist');
    };
    const tabs = await openTabs(2);
    const run_id = await ask(tabs);
    for (const state of await states(tabs, run_id)) {
      expect(state).toMatchObject({
        status: 'failed',
        text: 'The costs of last quarter were ',
        error: { message: 'relation "costs" does not exist' },
        tools: [{ tool_name: 'sql', status: 'failed' }],
      });
    }
    // What the run has told is not told again as a failure of the message; the next answer comes behind it.
    work = async () => ({ final_response: 'next' });
    await states(tabs, await ask(tabs));
    expect(tabs.flatMap(({ faults }) => faults)).toEqual([]);
  });

  test('an agent that never returns is ended after its time', async () => {
    await using short = await startTestService({ maxRunMs: 100 });
    const page = openPage({ url: short.url, user: 'ada' });
    pages.push(page);
    await page.live();
    const manager = await short.managerOf('ada');
    const never = manager.run({ agent_name: 'writer', thread_id: 't-1' }, () => new Promise<undefined>(() => {}));
    await expect(never).rejects.toMatchObject({ code: 'RUN_TIMED_OUT' });
    await page.until(() => page.events.at(-1)?.type === 'agent_completed');
    expect(page.events.at(-1)?.data).toMatchObject({ outcome: 'failed', error: { code: 'RUN_TIMED_OUT' } });
  });

  test('the service closes: `interrupted`', async () => {
    work = async (run) => {
      await aborted(run);
      return undefined;
    };
    const tabs = await openTabs(2);
    const run_id = await ask(tabs);
    await service.service.close();
    for (const state of await states(tabs, run_id)) expect(state.status).toBe('interrupted');
  });
});
