// A service that is drained, or dies, and another that takes its place: pages go on, and are told what was lost.
import { memoryLog } from '@throughline/core';
import { afterEach, describe, expect, test } from 'vitest';
import { openPage, type Page } from '../src/page.js';
import { startTcpProxy } from '../src/tcp-proxy.js';
import { startTestService } from '../src/test-service.js';

const pages: Page[] = [];

afterEach(() => {
  for (const page of pages.splice(0)) page[Symbol.dispose]();
});

function open(url: string): Page {
  const page = openPage({ url, user: 'ada' });
  pages.push(page);
  return page;
}

const agent = { agent_name: 'writer', thread_id: 't-1' };

describe('another service takes the place', () => {
  test('after a drain, on the same log: the page comes back by itself; what it says meanwhile is heard once', async () => {
    const handled: unknown[] = [];
    const onMessage = ({ data }: { data: unknown }) => handled.push(data);
    const log = memoryLog();
    await using old = await startTestService({ log, onMessage });
    await using next = await startTestService({ log, onMessage });
    await using proxy = await startTcpProxy(old.url);
    const page = open(proxy.url);
    await page.live();
    const run = await (await old.managerOf('ada')).startRun(agent);
    run.text('the last words');
    await page.until(() => page.run(run.run_id)?.text === 'the last words');

    const drained = old.service.drain({ spreadMs: 0 });
    await old.told('draining');
    const { accepted } = page.client.send({ thread_id: 't-1', data: 'said during the drain' });
    proxy.target = next.url;
    await run.completed();
    expect((await page.ended(run.run_id)).status).toBe('succeeded');
    await drained;
    await accepted;
    expect(page.statuses.find(({ state }) => state === 'offline')).toMatchObject({ code: 1012 });
    expect(handled).toEqual(['said during the drain']);
    const after = await (await next.managerOf('ada')).startRun(agent);
    await after.completed();
    expect((await page.ended(after.run_id)).status).toBe('succeeded');
    expect(page.resets).toEqual([]);
    await log.close();
  });

  test('a run that one process writes is read through another, as it grows', async () => {
    const log = memoryLog();
    await using writing = await startTestService({ log });
    await using reading = await startTestService({ log });
    const page = open(reading.url);
    await page.live();
    const run = await (await writing.managerOf('ada')).startRun(agent);
    for (const word of ['one ', 'two ', 'three']) {
      run.text(word);
      await run.flushed();
      await page.until(() => page.run(run.run_id)?.text.endsWith(word) ?? false);
    }
    await run.completed();
    expect(await page.ended(run.run_id)).toMatchObject({ text: 'one two three', status: 'succeeded' });
    await log.close();
  });

  test('after a crash with the log in memory: a reset with its cause, the fold is void, and the page goes on', async () => {
    const old = await startTestService();
    await using next = await startTestService();
    await using proxy = await startTcpProxy(old.url);
    const page = open(proxy.url);
    await page.live();
    const lost = await (await old.managerOf('ada')).startRun(agent);
    await page.until(() => page.run(lost.run_id) !== undefined);
    proxy.target = next.url;
    old.cutNewest('reset');
    await page.comeBack();
    await page.until(() => page.resets.length === 1);
    expect(page.resets[0]).toMatchObject({ cause: 'unknown_epoch' });
    expect(page.run(lost.run_id)).toBeUndefined();

    const run = await (await next.managerOf('ada')).startRun(agent);
    run.text('on the new one');
    await run.completed();
    expect(await page.ended(run.run_id)).toMatchObject({ text: 'on the new one', status: 'succeeded' });
    await old[Symbol.asyncDispose]();
  });

  test('a message that was sent and not accepted when its log was lost is not sent again: its fate is unknown', async () => {
    const handled: unknown[] = [];
    const onMessage = ({ data }: { data: unknown }) => handled.push(data);
    await using old = await startTestService({ onMessage });
    await using next = await startTestService({ onMessage });
    await using proxy = await startTcpProxy(old.url);
    const page = open(proxy.url);
    await page.live();
    proxy.links[0]?.swallow('down');
    const doubtful = page.client.send({ thread_id: 't-1', data: 'doubtful' });
    const unsent = page.client.send({ thread_id: 't-1', data: 'unsent' });
    await expect.poll(() => handled).toEqual(['doubtful']);
    proxy.target = next.url;
    proxy.links[0]?.cut('reset');
    await page.comeBack();
    await expect(doubtful.accepted).rejects.toMatchObject({ code: 'FATE_UNKNOWN' });
    await unsent.accepted;
    expect(handled).toEqual(['doubtful', 'unsent']);
  });
});

describe('history that is gone', () => {
  test('a page that was away longer than the log holds is told `below_floor`, not given half', async () => {
    await using service = await startTestService({ log: memoryLog({ bytesPerUser: 32_768 }) });
    await using proxy = await startTcpProxy(service.url);
    const page = open(proxy.url);
    await page.live();
    const manager = await service.managerOf('ada');
    const first = await manager.startRun(agent);
    await page.until(() => page.run(first.run_id) !== undefined);
    proxy.refuse();
    proxy.links[0]?.cut('reset');
    await page.until(() => page.client.status.state === 'offline');
    for (let part = 0; part < 100; part++) {
      first.text(`${part} `.padEnd(1_024, '.'));
      await first.flushed();
    }
    proxy.admit();
    await page.comeBack();
    await page.until(() => page.resets.length === 1);
    expect(page.resets[0]).toMatchObject({ cause: 'below_floor' });
    // The run goes on, and is known to be without its beginning.
    await first.completed({ final_response: 'the whole answer' });
    expect(await page.ended(first.run_id)).toMatchObject({
      status: 'succeeded',
      truncated: true,
      final_response: 'the whole answer',
    });
  });

  test('a snapshot and its position meet the live tail without a seam', async () => {
    await using service = await startTestService();
    const manager = await service.managerOf('ada');
    const shown: string[] = [];
    const database: string[] = [];
    const answer = (text: string) =>
      manager.run(agent, async (run) => {
        run.text(text);
        await run.flushed();
        // The record of a run is written inside the run, before it ends.
        database.push(text);
      });
    await answer('first');
    const position = await manager.position();
    await answer('second');
    const snapshot = [...database];
    const page = openPage({ url: service.url, user: 'ada', from: position });
    pages.push(page);
    page.client.on('partial_result', ({ data }) => shown.push(data.text));
    await page.live();
    await answer('third');
    await page.until(() => shown.length === 2);
    expect(snapshot).toEqual(['first', 'second']);
    expect(shown).toEqual(['second', 'third']);
    expect(page.resets).toEqual([]);
  });
});
