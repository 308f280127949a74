// S12, family "agent workflow through the canonical path" (S8, R1): all five events of a run, in order, once,
// on every page that is there; and whatever else an agent says.
import { getWebSocketManager } from '@throughline/core';
import type { AgentEvent } from '@throughline/events';
import { expect, test } from 'vitest';
import { disturbances, openPage } from '../src/page.js';
import { startTestService } from '../src/test-service.js';

const five = ['agent_started', 'agent_thinking', 'tool_executing', 'tool_completed', 'agent_completed'];

test('S8, S12 agent workflow through the canonical path: two users ask at once, each on two tabs: each sees the five events of its own run, in order, and no other', async () => {
  await using service = await startTestService({
    onMessage: ({ id, thread_id, data }, userContext) =>
      getWebSocketManager(userContext).run({ agent_name: 'answerer', thread_id, message_id: id }, async (run) => {
        await run.thinking({ reasoning: `About ${String(data)}.`, step_number: 1, progress: 0.5 });
        const tool = await run.toolExecuting({ tool_name: 'search', parameters: { query: data } });
        await tool.completed({ results: [data] });
        run.text('It is ');
        run.text(String(data));
        return { final_response: `It is ${String(data)}`, usage: { tokens: 3 } };
      }),
  });
  const users = ['ada', 'bob'].map((user) => ({
    user,
    pages: [openPage({ url: service.url, user }), openPage({ url: service.url, user })] as const,
  }));
  for (const { pages } of users) for (const page of pages) await page.live();
  const questions = users.map(({ user, pages: [asking] }) =>
    asking.client.send({ thread_id: `thread-of-${user}`, data: `secret of ${user}` }),
  );
  for (const [index, { user, pages }] of users.entries()) {
    const id = questions[index]?.id ?? '';
    for (const page of pages) {
      await page.until(() => page.answerTo(id)?.status === 'succeeded');
      expect(page.events.map(({ type }) => type).filter((type) => type !== 'partial_result')).toEqual(five);
      expect(page.answerTo(id)).toMatchObject({
        thread_id: `thread-of-${user}`,
        agent_name: 'answerer',
        text: `It is secret of ${user}`,
        final_response: `It is secret of ${user}`,
        thoughts: [{ reasoning: `About secret of ${user}.`, progress: 0.5 }],
        tools: [{ tool_name: 'search', status: 'succeeded', results: [`secret of ${user}`] }],
        usage: { tokens: 3 },
      });
      expect(disturbances(page)).toEqual([]);
    }
  }
  for (const [index, { pages }] of users.entries()) {
    const foreign = `secret of ${users[1 - index]?.user}`;
    for (const page of pages) expect(JSON.stringify(page.events)).not.toContain(foreign);
    for (const page of pages) page[Symbol.dispose]();
  }
});

test('S12 agent workflow through the canonical path: custom events arrive in a run and outside one, under their own type; iteration gives all of it', async () => {
  await using service = await startTestService();
  using page = openPage({ url: service.url, user: 'ada' });
  await page.live();
  const invoices: AgentEvent[] = [];
  page.client.on('acme.invoice_ready', (event) => invoices.push(event));
  const iterated: string[] = [];
  const manager = await service.managerOf('ada');
  await manager.send('acme.invoice_ready', { number: 1 }, { thread_id: 't-1' });
  const run = await manager.startRun({ agent_name: 'clerk', thread_id: 't-1' });
  const position = await run.send('acme.invoice_ready', { number: 2 });
  await run.completed();
  await page.ended(run.run_id);
  expect(invoices.map(({ data, run_id, seq }) => ({ data, run_id, seq }))).toEqual([
    { data: { number: 1 }, run_id: undefined, seq: undefined },
    { data: { number: 2 }, run_id: run.run_id, seq: 2 },
  ]);
  // The verdict of a send is the position that readers see.
  expect(position.split('.').slice(1)).toEqual([String(invoices[1]?.offset), invoices[1]?.mark]);

  using late = openPage({ url: service.url, user: 'ada', from: `${position.split('.')[0]}.0.00000000` });
  for await (const { type } of late.client) {
    iterated.push(type);
    if (type === 'agent_completed') break;
  }
  expect(iterated).toEqual(['acme.invoice_ready', 'agent_started', 'acme.invoice_ready', 'agent_completed']);
});
