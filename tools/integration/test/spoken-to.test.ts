// R18, S7: a run at work is spoken to: what it waits for never queues behind it.
import { getWebSocketManager } from '@throughline/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPage, type Page } from '../src/page.js';
import { startTestService, type TestService } from '../src/test-service.js';

interface Said {
  readonly text: string;
}

let service: TestService;
let page: Page;
/** Messages that came to the handler, not to a run. */
let handled: string[];

beforeEach(async () => {
  handled = [];
  service = await startTestService({
    onMessage: async (message, userContext) => {
      handled.push((message.data as Said).text);
      const { thread_id, id: message_id } = message;
      const options = { agent_name: 'booker', thread_id, message_id };
      // The handler of this thread waits for a message of this very thread.
      await getWebSocketManager(userContext).run(options, async (run) => {
        await run.thinking({ reasoning: 'May I book it?' });
        const heard: string[] = [];
        for await (const { data } of run.messages) {
          heard.push((data as Said).text);
          if (heard.at(-1) === 'go on') break;
        }
        return { final_response: heard.join(', ') };
      });
    },
  });
  page = openPage({ url: service.url, user: 'ada' });
  await page.live();
});

afterEach(async () => {
  page[Symbol.dispose]();
  await service[Symbol.asyncDispose]();
});

async function runOf(message_id: string): Promise<string> {
  await page.until(() => page.answerTo(message_id) !== undefined);
  return page.answerTo(message_id)?.run_id as string;
}

test('R18: a handler gets the answer it waits for in the thread it holds', async () => {
  const asked = page.client.send({ thread_id: 't-1', data: { text: 'Book the flight' } });
  const run_id = await runOf(asked.id);
  const waits = page.client.send({ thread_id: 't-1', data: { text: 'And a hotel' } });
  const answers = ['by the window', 'go on'].map((text) =>
    page.client.send({ thread_id: 't-1', run_id, data: { text } }),
  );
  await Promise.all([...answers, asked, waits].map(({ accepted }) => accepted));
  expect(await page.ended(run_id)).toMatchObject({ status: 'succeeded', final_response: 'by the window, go on' });
  // What was said to nobody in particular had its turn after that.
  await runOf(waits.id);
  expect(handled).toEqual(['Book the flight', 'And a hotel']);
});

test('S7: an answer given while there is no connection arrives once, after the reconnect', async () => {
  const asked = page.client.send({ thread_id: 't-1', data: { text: 'Book the flight' } });
  const run_id = await runOf(asked.id);
  page.breakSocket();
  const answer = page.client.send({ thread_id: 't-1', run_id, data: { text: 'go on' } });
  await page.comeBack();
  await answer.accepted;
  expect(await page.ended(run_id)).toMatchObject({ final_response: 'go on' });
});

test('R4: nobody speaks to the run of somebody else, to one that has ended, or in another thread', async () => {
  const asked = page.client.send({ thread_id: 't-1', data: { text: 'Book the flight' } });
  const run_id = await runOf(asked.id);
  using stranger = openPage({ url: service.url, user: 'bob' });
  await stranger.live();
  const data = { text: 'go on' };
  await expect(stranger.client.send({ thread_id: 't-1', run_id, data }).accepted).rejects.toMatchObject({
    code: 'RUN_UNKNOWN',
  });
  await expect(page.client.send({ thread_id: 't-2', run_id, data }).accepted).rejects.toMatchObject({
    code: 'RUN_UNKNOWN',
  });
  expect(page.run(run_id)?.status).toBe('running');
  await page.client.send({ thread_id: 't-1', run_id, data }).accepted;
  await page.ended(run_id);
  await expect(page.client.send({ thread_id: 't-1', run_id, data }).accepted).rejects.toMatchObject({
    code: 'RUN_UNKNOWN',
  });
});

test('what a run did not read is not lost in silence: its sender is told', async () => {
  const asked = page.client.send({ thread_id: 't-1', data: { text: 'Book the flight' } });
  const run_id = await runOf(asked.id);
  await page.client.send({ thread_id: 't-1', run_id, data: { text: 'go on' } }).accepted;
  const late = page.client.send({ thread_id: 't-1', run_id, data: { text: 'wait!' } });
  // Either it came when the run had ended, or it was accepted and the run ended without having read it.
  const refused = late.accepted.then(
    () => page.until(() => page.faults.some(({ code, id }) => code === 'RUN_ENDED' && id === late.id)),
    (error: { code: string }) => expect(error.code).toBe('RUN_UNKNOWN'),
  );
  await refused;
  expect(await page.ended(run_id)).toMatchObject({ final_response: 'go on' });
});
