import { expect, test } from 'vitest';
import { observe } from './observed.js';

/** Marks whatever must not be seen again. */
const marker = 'kestrel';
const marked = (what: string) => `${marker}-${what}`;

test('S9 payloads, tokens and ids never enter metrics or spans', async () => {
  const observed = await observe({
    onMessage: () => {
      throw new Error(marked('handler'));
    },
  });
  const { enter, knock, managerOf, page, sdk, service, value } = observed;
  await (await knock({ token: `bad-${marked('token')}` })).closed;
  const peer = await enter(`${marked('user')}:${marked('secret')}`);
  peer.send({ type: 'message', id: marked('message'), thread_id: marked('thread'), data: { text: marked('data') } });
  await peer.until('error');
  const manager = await managerOf(`${marked('user')}:${marked('secret')}`);
  const place = { agent_name: 'researcher', thread_id: marked('thread'), task_description: marked('task') };
  const named = {
    run_id: marked('run'),
    message_id: marked('message'),
    metadata: { [marked('key')]: marked('value') },
  };
  await manager.run({ ...place, ...named }, async (run) => {
    await run.thinking({ reasoning: marked('thought') });
    const tool = await run.toolExecuting({ tool_name: marked('tool'), parameters: { query: marked('query') } });
    await tool.completed({ results: marked('results') });
    run.text(marked('text'));
    await run.send('acme.note', { note: marked('note') });
    return { final_response: marked('response') };
  });
  await manager
    .run({ ...place, parent_run_id: marked('run') }, () => Promise.reject(new Error(marked('error'))))
    .catch(() => {});
  const failed = await manager.startRun(place);
  await failed.failed({ code: `${marked('code')} of a sentence`, message: marked('words') });
  await failed[Symbol.asyncDispose]();
  peer.webSocket.close(4_000, marked('reason'));
  await expect.poll(() => value('throughline_session_closed_total', { code: 'other' })).toBe(1);
  await enter(marked('other-user'), `${marked('epoch')}.3.00000000`);
  await service.close();

  // All of it was seen,
  expect(await value('throughline_refusals_total', { code: 'CREDENTIAL_REFUSED' })).toBe(1);
  expect(await value('throughline_messages_total', { outcome: 'accepted' })).toBe(1);
  expect(await value('throughline_run_seconds_count', { outcome: 'succeeded' })).toBe(1);
  expect(await value('throughline_run_seconds_count', { outcome: 'failed' })).toBe(2);
  expect(await value('throughline_resets_total', { cause: 'unknown_epoch' })).toBe(1);
  expect(sdk.spans()).toHaveLength(3);
  // and none of it is told.
  const spans = sdk
    .spans()
    .map(({ name, attributes, status, events, links }) => ({ name, attributes, status, events, links }));
  for (const told of [await page(), await sdk.page(), JSON.stringify(spans)]) {
    expect(told).toContain('throughline');
    expect(told).not.toContain(marker);
  }
});
