// What a user says is handled once and in order: sent while offline, sent twice, sent on two tabs, cut before its answer.
import type { IncomingMessage } from '@throughline/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../src/gate.js';
import { openPage, type Page } from '../src/page.js';
import { startTcpProxy, type TcpProxy } from '../src/tcp-proxy.js';
import { startTestService, type TestService } from '../src/test-service.js';

let service: TestService;
let proxy: TcpProxy;
let handled: IncomingMessage[];
const pages: Page[] = [];

beforeEach(async () => {
  handled = [];
  service = await startTestService({
    maxPendingMessages: 5,
    onMessage: (message) => {
      handled.push(message);
    },
  });
  proxy = await startTcpProxy(service.url);
});

afterEach(async () => {
  for (const page of pages.splice(0)) page[Symbol.dispose]();
  await proxy[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

function open(): Page {
  const page = openPage({ url: proxy.url, user: 'ada' });
  pages.push(page);
  return page;
}

const say = (page: Page, data: unknown, thread_id = 't-1') => page.client.send({ thread_id, data });

const heard = () => handled.map(({ data }) => data);

describe('sent while offline', () => {
  test('before the first connection: once and in order, when there is one', async () => {
    proxy.refuse();
    const page = open();
    const sent = [1, 2, 3].map((data) => say(page, data));
    await page.until(() => page.client.status.state === 'offline');
    proxy.admit();
    page.client.connect();
    await Promise.all(sent.map(({ accepted }) => accepted));
    await expect.poll(heard).toEqual([1, 2, 3]);
    expect(handled.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
  });

  test('between two connections, in two threads: once and in the order in which they were made', async () => {
    const page = open();
    await page.live();
    proxy.refuse();
    proxy.links[0]?.cut('reset');
    await page.until(() => page.client.status.state === 'offline');
    const sent = [say(page, 'a1', 'a'), say(page, 'b1', 'b'), say(page, 'a2', 'a'), say(page, 'b2', 'b')];
    proxy.admit();
    await page.comeBack();
    await Promise.all(sent.map(({ accepted }) => accepted));
    expect(heard()).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  test('more than the service lets wait: all of them arrive, in order', { timeout: 15_000 }, async () => {
    const page = open();
    const sent = Array.from({ length: 30 }, (_, data) => say(page, data));
    await Promise.all(sent.map(({ accepted }) => accepted));
    await expect.poll(heard).toEqual(sent.map((_, data) => data));
  });
});

describe('whose answer is lost', () => {
  test('is sent again under its id, and not handled again', async () => {
    const page = open();
    await page.live();
    // The message goes up; `accepted` never comes down.
    proxy.links[0]?.swallow('down');
    const { accepted } = say(page, 'once');
    await expect.poll(heard).toEqual(['once']);
    proxy.links[0]?.cut('reset');
    await page.comeBack();
    await accepted;
    expect(heard()).toEqual(['once']);
  });

  test('20 messages, the socket cut behind each: each once, in order', async () => {
    const page = open();
    await page.live();
    const sent: Promise<void>[] = [];
    for (let data = 0; data < 20; data++) {
      const link = proxy.links.at(-1);
      if (data % 3 === 0) link?.swallow('down');
      if (data % 3 === 1) link?.cutAfter('up', 20, 'reset');
      sent.push(say(page, data).accepted);
      if (data % 3 !== 1) link?.cut(data % 2 === 0 ? 'fin' : 'reset');
      await page.comeBack();
    }
    await Promise.all(sent);
    await expect.poll(heard).toEqual(Array.from({ length: 20 }, (_, data) => data));
  });

  test('sent a thousand times by a client that knows no better: handled once, accepted each time', async () => {
    const client = await service.open('ada');
    for (let time = 0; time < 1_000; time++) {
      client.send({ type: 'message', id: 'same', thread_id: 't-1', data: time });
    }
    client.send({ type: 'message', id: 'last', thread_id: 't-1', data: 'last' });
    await client.next((frame) => frame.type === 'accepted' && frame.id === 'last');
    expect(client.frames.filter(({ type }) => type === 'accepted').length).toBe(1_001);
    await expect.poll(heard).toEqual([0, 'last']);
  });

  test('of two users, under one id: each is handled', async () => {
    for (const user of ['ada', 'bob']) {
      const client = await service.open(user);
      client.send({ type: 'message', id: 'same', thread_id: 't-1', data: user });
      await client.next('accepted');
    }
    await expect.poll(heard).toEqual(['ada', 'bob']);
  });
});

describe('order', () => {
  test('in one thread one after the other, whatever tab they come from; other threads do not wait', async () => {
    const gates = { first: createGate(), second: createGate() };
    const log: string[] = [];
    await using slow = await startTestService({
      onMessage: async ({ data }) => {
        log.push(`${String(data)} begins`);
        if (data === 'first') await gates.first.pass();
        if (data === 'second') await gates.second.pass();
        log.push(`${String(data)} ends`);
      },
    });
    const [tab, otherTab] = [await slow.open('ada'), await slow.open('ada')];
    const say = async (client: typeof tab, data: string, thread_id: string) => {
      client.send({ type: 'message', id: `m-${data}`, thread_id, data });
      await client.next((frame) => frame.type === 'accepted' && frame.id === `m-${data}`);
    };
    await say(tab, 'first', 't-1');
    await say(otherTab, 'second', 't-1');
    await say(tab, 'third', 't-1');
    await say(tab, 'elsewhere', 't-2');
    await expect.poll(() => log).toEqual(['first begins', 'elsewhere begins', 'elsewhere ends']);
    gates.first.open();
    await gates.second.reached;
    gates.second.open();
    await expect
      .poll(() => log.slice(3))
      .toEqual(['first ends', 'second begins', 'second ends', 'third begins', 'third ends']);
  });

  test('a handler that fails does not keep the next message of its thread waiting', async () => {
    await using failing = await startTestService({
      onMessage: ({ data }) => {
        if (data === 'bad') throw new Error('no');
        handled.push({ id: '', thread_id: '', data });
      },
    });
    const client = await failing.open('ada');
    for (const data of ['bad', 'good']) client.send({ type: 'message', id: data, thread_id: 't-1', data });
    expect(await client.next('error')).toMatchObject({ id: 'bad', code: 'HANDLER_FAILED' });
    await expect.poll(heard).toEqual(['good']);
  });

  test('more than may wait are refused, not stored and not handled', async () => {
    const gate = createGate();
    const begun: unknown[] = [];
    await using full = await startTestService({
      maxPendingMessages: 3,
      onMessage: async ({ data }) => {
        begun.push(data);
        await gate.pass();
      },
    });
    const client = await full.open('ada');
    for (let data = 0; data < 4; data++) client.send({ type: 'message', id: `m-${data}`, thread_id: 't', data });
    expect(await client.next('error')).toMatchObject({ id: 'm-3', code: 'MESSAGE_TOO_MANY' });
    gate.open();
    await expect.poll(() => begun).toEqual([0, 1, 2]);
    // Sent again later it is new.
    client.send({ type: 'message', id: 'm-3', thread_id: 't', data: 'again' });
    await client.next((frame) => frame.type === 'accepted' && frame.id === 'm-3');
    await expect.poll(() => begun).toEqual([0, 1, 2, 'again']);
  });
});
