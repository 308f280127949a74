// Reloads, second tabs and broken sockets are changes of reading position: what every page shows at the end is equal.
import type { AgentEvent } from '@throughline/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Dictation, startDictation } from '../src/dictation.js';
import { disturbances, openPage, type Page, sharedState } from '../src/page.js';
import { expectDense } from '../src/run-record.js';
import { startTcpProxy, type TcpProxy } from '../src/tcp-proxy.js';
import { startTestService, type TestService } from '../src/test-service.js';

let service: TestService;
let proxy: TcpProxy;
let answer: Dictation;
const pages: Page[] = [];

beforeEach(async () => {
  service = await startTestService();
  proxy = await startTcpProxy(service.url);
  answer = await startDictation(service, 'ada');
});

afterEach(async () => {
  for (const page of pages.splice(0)) page[Symbol.dispose]();
  await proxy[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

async function open(url = service.url): Promise<Page> {
  const page = openPage({ url, user: 'ada' });
  pages.push(page);
  await page.live();
  return page;
}

/** Everything said so far has arrived. */
const caughtUp = (page: Page) => page.until(() => page.run(answer.run_id)?.text === answer.said);

/** Ends the answer; how pages show it. */
async function ending(...shown: readonly Page[]) {
  await answer.end();
  return { state: await sharedState(shown, answer.run_id), disturbances: shown.flatMap(disturbances) };
}

/** The answer, whole, on pages that noticed nothing. */
const whole = () => ({
  state: expect.objectContaining({
    text: answer.said,
    status: 'succeeded',
    final_response: answer.said,
    truncated: false,
  }) as unknown,
  disturbances: [],
});

describe('a page in mid-answer', () => {
  test('a second tab shows the same, and so does a page that was reloaded, twice', async () => {
    const first = await open();
    await answer.say();
    const second = await open();
    await answer.say();
    await caughtUp(second);
    const reloaded = await open();
    await caughtUp(reloaded);
    reloaded[Symbol.dispose]();
    await answer.say();
    const again = await open();
    await answer.say();
    expect(await ending(first, second, again)).toEqual(whole());
  });

  test('reading opens right behind any position, and gives the rest once', async () => {
    const positions = [await answer.run.flushed()];
    for (let part = 0; part < 5; part++) {
      await answer.say();
      positions.push(await answer.run.flushed());
    }
    await answer.end();
    for (const from of positions) {
      const client = await service.open('ada', { from });
      await client.next('agent_completed');
      const [, offset] = from.split('.');
      expect((await client.welcome).position).toBe(from);
      const [first] = client.events();
      const { seq = 0, first_seq = seq } = first as AgentEvent;
      expect((first as AgentEvent).offset - (seq - first_seq)).toBe(Number(offset) + 1);
      expectDense(client.events());
    }
  });

  test('closing every socket does not end the run: who comes back finds it whole', async () => {
    const page = await open();
    await answer.say();
    await caughtUp(page);
    page[Symbol.dispose]();
    await expect.poll(() => service.service.health().sessions).toBe(0);
    await answer.say();
    expect(answer.run.signal.aborted).toBe(false);
    const back = await open();
    await answer.say();
    expect(await ending(back)).toEqual(whole());
  });

  test('a run that ended while nobody was there is read by who kept its position', async () => {
    const page = await open(proxy.url);
    await answer.say();
    await caughtUp(page);
    proxy.refuse();
    proxy.links[0]?.cut('reset');
    await page.until(() => page.client.status.state === 'offline');
    await answer.say();
    await answer.end();
    proxy.admit();
    await page.comeBack();
    expect(await ending(page)).toEqual(whole());
  });
});

/** Ways to lose a connection, such that the page notices at once. Half-open ones: half-open.test.ts. */
const cuts: Readonly<Record<string, (page: Page) => void>> = {
  'client side': (page) => page.breakSocket(),
  'server side, FIN': () => service.cutNewest('fin'),
  'server side, reset': () => service.cutNewest('reset'),
  'between, FIN': () => proxy.links.at(-1)?.cut('fin'),
  'between, reset': () => proxy.links.at(-1)?.cut('reset'),
};

describe('the socket is cut in one answer', () => {
  test('20 times, everywhere: nothing is missing and nothing comes twice', async () => {
    const undisturbed = await open();
    const page = await open(proxy.url);
    for (let round = 0; round < 4; round++) {
      for (const cut of Object.values(cuts)) {
        await answer.say();
        cut(page);
        await answer.say();
        await page.comeBack();
      }
    }
    expect(page.connections).toBe(21);
    expect(await ending(page, undisturbed)).toEqual(whole());
  });

  test('20 times in the middle of a frame', async () => {
    const undisturbed = await open();
    const page = await open(proxy.url);
    for (let cut = 0; cut < 20; cut++) {
      // Somewhere in what is said next: in a header, in a payload, between two frames.
      proxy.links.at(-1)?.cutAfter('down', 1 + cut * 53, cut % 2 === 0 ? 'fin' : 'reset');
      await answer.say();
      await page.comeBack();
    }
    expect(page.connections).toBe(21);
    expect(await ending(page, undisturbed)).toEqual(whole());
  });

  test('while it catches up: it gets further each time', async () => {
    for (let part = 0; part < 40; part++) await answer.say();
    const page = openPage({ url: proxy.url, user: 'ada' });
    pages.push(page);
    let before = -1;
    proxy.onLink = (link) => link.cutAfter('down', 4_000, 'reset');
    for (let cut = 0; cut < 5; cut++) {
      await page.until(() => page.client.status.state === 'offline');
      expect(page.events.length).toBeGreaterThan(before);
      before = page.events.length;
      if (cut < 4) page.client.connect();
      await page.until(() => page.client.status.state !== 'offline' || cut === 4);
    }
    proxy.onLink = () => {};
    await page.comeBack();
    expect(await ending(page, await open())).toEqual(whole());
  });
});
