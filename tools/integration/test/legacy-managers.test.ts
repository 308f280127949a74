// Legacy call sites against a service of today, with real sockets.
import { createWebSocketManager, type LegacyManager } from '@throughline/compat';
import { WebSocketManager } from '@throughline/compat/websocket-manager';
import { getWebSocketManager } from '@throughline/core';
import { expect, onTestFinished, test } from 'vitest';
import { startTestService, type TestService } from '../src/test-service.js';

const thread_id = 't-1';

async function start(): Promise<TestService> {
  // Warnings have tests of their own.
  process.noDeprecation = true;
  const service = await startTestService();
  onTestFinished(() => service[Symbol.asyncDispose]());
  return service;
}

/** One run, as legacy code said it: event by event, from anywhere. */
async function legacyRun(manager: LegacyManager, answer: string): Promise<void> {
  void manager.emitAgentStarted({ name: 'researcher', thread_id, task: 'Compare costs' });
  void manager.emitAgentThinking({ thought: 'Looking' });
  void manager.emitToolExecuting({ name: 'sql', params: {} });
  void manager.emitToolCompleted({ name: 'sql', output: 12 });
  await manager.emitAgentCompleted({ result: answer });
}

test('S3 S8 the five events of a legacy call site reach its user, in order, and survive a reload', async () => {
  const service = await start();
  const before = await service.open('ada');
  await legacyRun(new WebSocketManager(await service.contextOf('ada')), 'Costs fell.');
  const last = await before.next('agent_completed');
  expect(before.events().map(({ type }) => type)).toEqual([
    'agent_started',
    'agent_thinking',
    'tool_executing',
    'tool_completed',
    'agent_completed',
  ]);
  expect(last.data).toMatchObject({ outcome: 'succeeded', final_response: 'Costs fell.' });
  const { position } = await before.welcome;
  const after = await service.open('ada', { from: position });
  await after.next('agent_completed');
  expect(after.events()).toEqual(before.events());
});

test('S9 what is said for one user is never seen by another, by whatever way it is said', async () => {
  const service = await start();
  const [ada, bob] = [await service.open('ada'), await service.open('bob')];
  const manager = createWebSocketManager(await service.contextOf('ada'));
  const bobs = createWebSocketManager(await service.contextOf('bob')).getUserConnections('bob');
  expect(bobs).toHaveLength(1);
  const foreign = [
    manager.sendToUser('bob', { type: 'acme.note', thread_id }),
    manager.emitCriticalEvent('bob', 'agent_started', { thread_id }),
    manager.sendEvent(bobs[0] as string, 'acme.note', { thread_id }),
  ];
  for (const refused of await Promise.allSettled(foreign)) {
    expect(refused).toMatchObject({ status: 'rejected', reason: { name: 'IsolationError' } });
  }
  await legacyRun(manager, 'for Ada alone');
  await ada.next('agent_completed');
  await createWebSocketManager(await service.contextOf('bob')).sendToThread(thread_id, { type: 'acme.last' });
  await bob.next(({ type }) => type === 'acme.last');
  expect(bob.events().map(({ type }) => type)).toEqual(['acme.last']);
  expect(bob.transcript()).not.toContain('for Ada alone');
});

test('S3 what a legacy manager says of connections is what is there', async () => {
  const service = await start();
  const manager = createWebSocketManager(await service.contextOf('ada'));
  await service.open('bob');
  expect(manager.isUserConnected('ada')).toBe(false);
  expect(await manager.waitForConnection('ada', 0)).toBe(false);
  const waiting = manager.waitForConnection('ada', 20_000);
  const client = await service.open('ada');
  expect(await waiting).toBe(true);
  expect(await manager.waitForConnection('ada')).toBe(true);
  const { session_id } = await client.welcome;
  expect(manager.getUserConnections('ada')).toEqual([session_id]);
  expect(manager.getConnectionCount()).toBe(1);
  expect(manager.getStats()).toMatchObject({ user_id: 'ada', active_connections: 1 });
  expect(manager.getConnectionHealth('ada')).toMatchObject({
    has_active_connections: true,
    connections: [{ connection_id: session_id, user_id: 'ada' }],
  });
  await manager.sendEvent(session_id, 'acme.note', { thread_id });
  await client.next(({ type }) => type === 'acme.note');
  client.close();
  await service.told('session_closed', ({ user_id }) => user_id === 'ada');
  expect(manager.isUserConnected('ada')).toBe(false);
});

test('S3 disconnecting a user closes the socket, which the original never did', async () => {
  const service = await start();
  const [ada, bob] = [await service.open('ada'), await service.open('bob')];
  const manager = createWebSocketManager(await service.contextOf('ada'));
  expect(await manager.disconnectUser('ada', 4_001, `by support ${'ä'.repeat(100)}`)).toBe(1);
  expect(await ada.closed).toMatchObject({ code: 1000, reason: `by support ${'ä'.repeat(54)}` });
  bob.send({ type: 'ping', id: 'still-there' });
  await bob.next('pong');
});

test("a user's cancel ends what legacy code began, and the next run is not confused by it", async () => {
  process.noDeprecation = true;
  const service = await startTestService({ cancelGraceMs: 1 });
  onTestFinished(() => service[Symbol.asyncDispose]());
  const client = await service.open('ada');
  const manager = createWebSocketManager(await service.contextOf('ada'));
  await manager.emitAgentStarted({ thread_id, run_id: 'r-1' });
  client.send({ type: 'cancel', id: 'c-1', run_id: 'r-1' });
  await client.next('agent_completed');
  await expect(manager.emitAgentThinking({ run_id: 'r-1', thread_id, reasoning: 'late' })).rejects.toMatchObject({
    code: expect.stringMatching(/^RUN_/),
  });
  await manager.emitAgentStarted({ thread_id, run_id: 'r-2' });
  await manager.emitAgentThinking({ thread_id, reasoning: 'new' });
  await manager.emitAgentCompleted({});
  await client.next((frame) => frame.type === 'agent_completed' && 'run_id' in frame && frame.run_id === 'r-2');
  expect(client.events('r-2').map(({ type }) => type)).toEqual(['agent_started', 'agent_thinking', 'agent_completed']);
});

test('S12 single implementation, S3: legacy names speak through the one manager: one log, one order, one session', async () => {
  const service = await start();
  const context = await service.contextOf('ada');
  const page = await service.open('ada');
  await getWebSocketManager(context).send('test.canonical', 1, { thread_id });
  await createWebSocketManager(context).emitAgentStarted({ name: 'legacy', thread_id });
  await new WebSocketManager(context).emitAgentCompleted({ result: 'done' });
  await getWebSocketManager(context).send('test.canonical', 2, { thread_id });
  await page.next((frame) => frame.type === 'test.canonical' && frame.data === 2);
  expect(page.events().map(({ type, offset }) => [type, offset])).toEqual([
    ['test.canonical', 1],
    ['agent_started', 2],
    ['agent_completed', 3],
    ['test.canonical', 4],
  ]);
  expect(service.service.health()).toMatchObject({ sessions: 1, runs: 0 });
});
