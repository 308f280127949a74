// R8, R11: who has seen an answer is known, and an answer that nobody has seen is told to the service.
import type { Undelivered, UserContext } from '@throughline/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPage, type Page } from '../src/page.js';
import { startTcpProxy, type TcpProxy } from '../src/tcp-proxy.js';
import { startTestService, type TestService } from '../src/test-service.js';

let service: TestService;
let proxy: TcpProxy;
let undelivered: (Undelivered & { readonly user_id: string })[];
const pages: Page[] = [];

beforeEach(async () => {
  undelivered = [];
  service = await startTestService({
    undeliveredAfterMs: 1_500,
    onUndelivered: (what: Undelivered, { user_id }: UserContext) => undelivered.push({ ...what, user_id }),
  });
  proxy = await startTcpProxy(service.url);
});

afterEach(async () => {
  for (const page of pages.splice(0)) page[Symbol.dispose]();
  await proxy[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

async function open(url = service.url, threads?: readonly string[]): Promise<Page> {
  const page = openPage({ url, user: 'ada', ...(threads && { threads }) });
  pages.push(page);
  await page.live();
  return page;
}

const begin = async () => (await service.managerOf('ada')).startRun({ agent_name: 'writer', thread_id: 't-1' });

describe('an answer', () => {
  test('R11: on two pages is delivered when both have said so', async () => {
    await Promise.all([open(), open()]);
    const run = await begin();
    await run.completed({ final_response: 'done' });
    const { acked, pending } = await run.delivered();
    expect([new Set(acked).size, pending]).toEqual([2, []]);
    const receipts = (await service.managerOf('ada')).receipts();
    expect(receipts.map(({ session_id }) => session_id).sort()).toEqual([...acked].sort());
    for (const { offered, acked: up_to } of receipts) expect([offered, up_to]).toEqual([2, 2]);
  });

  test('on a page that reads another thread is not delivered by that page', async () => {
    await open(service.url, ['t-2']);
    const run = await begin();
    await run.completed();
    expect(await run.delivered({ timeoutMs: 500 })).toEqual({ acked: [], pending: [] });
  });

  test('behind a wire that swallows it is pending, and is told when the time is over; who comes back gets it', async () => {
    const page = await open(proxy.url);
    const run = await begin();
    await page.until(() => page.run(run.run_id) !== undefined);
    proxy.links.at(-1)?.swallow('down');
    await run.completed({ final_response: 'done' });
    const delivery = await run.delivered({ timeoutMs: 300 });
    expect(delivery).toMatchObject({ acked: [], pending: [expect.any(String)] });
    await expect
      .poll(() => undelivered)
      .toMatchObject([{ run_id: run.run_id, thread_id: 't-1', outcome: 'succeeded', user_id: 'ada' }]);
    expect(await service.told('run_undelivered')).toMatchObject({ run_id: run.run_id, offered: 1 });
    page.breakSocket();
    await page.comeBack();
    expect(await page.ended(run.run_id)).toMatchObject({ final_response: 'done' });
  });

  test('with nobody there is told, once, and not when the service closes again', async () => {
    const run = await begin();
    await run.completed();
    await expect.poll(() => undelivered.length).toBe(1);
    await service.service.close();
    expect(undelivered).toMatchObject([{ run_id: run.run_id }]);
  });

  test('that a page has read is not told, not even when the service drains right after it', async () => {
    const page = await open();
    const run = await begin();
    await run.completed();
    await page.ended(run.run_id);
    await service.service.drain();
    expect(undelivered).toEqual([]);
    expect(await service.told('run_delivered')).toMatchObject({ run_id: run.run_id });
  });
});

test('explain: what became of an event, for whoever is asked why it was not seen', async () => {
  const reader = await open();
  await open(service.url, ['t-2']);
  const run = await begin();
  await run.thinking({ reasoning: 'secret' });
  await run.completed();
  await run.delivered();
  await reader.ended(run.run_id);
  const late = await open();
  const explanation = await service.service.explain({ run_id: run.run_id, seq: 2 });
  expect(explanation).toMatchObject({ state: 'stored', type: 'agent_thinking', user_id: 'ada', thread_id: 't-1' });
  expect(explanation.sessions.map(({ standing }) => standing).sort()).toEqual(['acked', 'before', 'other_thread']);
  expect(JSON.stringify(explanation)).not.toContain('secret');
  expect(await service.service.explain({ run_id: run.run_id, seq: 9 })).toMatchObject({
    state: 'unknown',
    sessions: [],
  });
  late.client.close();
  await service.told('session_closed');
  const { sessions } = await service.service.explain({ run_id: run.run_id, seq: 2 });
  expect(sessions.at(-1)).toMatchObject({ standing: 'before', closed: { code: 1000 } });
});
