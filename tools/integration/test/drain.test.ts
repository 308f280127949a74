// A deploy: the service lets go of everybody gently. Whoever reads is told, reads to the end, and is closed with 1012.
import { getWebSocketManager } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { createGate } from '../src/gate.js';
import { recordOf } from '../src/run-record.js';
import { startTestService } from '../src/test-service.js';

const agent = { agent_name: 'writer', thread_id: 't-1' };

describe('drain', () => {
  test('tells every client when to come back, and closes with 1012', async () => {
    await using service = await startTestService();
    const clients = await Promise.all(['ada', 'bob', 'bob'].map((user) => service.open(user)));
    const drained = service.service.drain({ spreadMs: 1_000 });
    for (const client of clients) {
      const { reconnect_after_ms } = await client.next('draining');
      expect(reconnect_after_ms).toBeGreaterThanOrEqual(0);
      expect(reconnect_after_ms).toBeLessThan(1_000);
      expect((await client.closed).code).toBe(1012);
    }
    await drained;
    expect(service.service.health().level).toBe('unhealthy');
  });

  test('lets a run end and be read to its end; lets nobody in; takes no message', async () => {
    const handled: unknown[] = [];
    await using service = await startTestService({ onMessage: ({ id }) => handled.push(id) });
    const client = await service.open('ada');
    const idle = await service.open('bob');
    const run = await (await service.managerOf('ada')).startRun(agent);
    const drained = service.service.drain({ spreadMs: 0 });
    await client.next('draining');
    expect((await idle.closed).code).toBe(1012);

    const late = await service.connect('carol');
    const { status, headers, body } = await late.response;
    expect([status, headers['retry-after'] !== undefined, JSON.parse(body).code]).toEqual([503, true, 'DRAINING']);

    client.send({ type: 'message', id: 'm-1', thread_id: 't-1', data: 'keep this' });
    client.send({ type: 'ping', id: 'p-1' });
    await client.next('pong');
    run.text('the rest of the answer');
    await run.completed();
    expect((await client.closed).code).toBe(1012);
    await drained;
    expect(recordOf(client.events(), run.run_id)).toMatchObject({
      text: 'the rest of the answer',
      outcome: 'succeeded',
    });
    // Told, so that the client knows that it may send it again elsewhere.
    const answers = client.frames.filter(({ type }) => type === 'accepted' || type === 'error');
    expect(answers).toMatchObject([{ type: 'error', id: 'm-1', code: 'STORE_UNAVAILABLE' }]);
    expect(handled).toEqual([]);
  });

  test('after the deadline a run ends as `interrupted`, and its user sees that before the close', async () => {
    await using service = await startTestService();
    const client = await service.open('ada');
    const run = await (await service.managerOf('ada')).startRun(agent);
    await run.toolExecuting({ tool_name: 'slow' });
    await service.service.drain({ deadlineMs: 0, spreadMs: 0 });
    expect((await client.closed).code).toBe(1012);
    expect(recordOf(client.events(), run.run_id)).toMatchObject({
      types: ['agent_started', 'tool_executing', 'tool_completed', 'agent_completed'],
      outcome: 'interrupted',
    });
    expect(run.signal.aborted).toBe(true);
  });

  test('lets a message that was accepted be handled, also one that waits in its thread', async () => {
    const gate = createGate();
    await using service = await startTestService({
      onMessage: async ({ id, thread_id }, userContext) => {
        await gate.pass();
        await getWebSocketManager(userContext).run({ ...agent, thread_id, message_id: id }, () => ({}));
      },
    });
    const client = await service.open('ada');
    for (const id of ['m-1', 'm-2']) {
      client.send({ type: 'message', id, thread_id: 't-1', data: 1 });
      await client.next((frame) => frame.type === 'accepted' && frame.id === id);
    }
    const drained = service.service.drain({ spreadMs: 0 });
    await client.next('draining');
    gate.open();
    await drained;
    expect(client.frames.filter(({ type }) => type === 'agent_completed').length).toBe(2);
  });
});

describe('close', () => {
  test('closes with 1001 at once; runs end as `interrupted`; what they sent is read', async () => {
    await using service = await startTestService();
    const client = await service.open('ada');
    const context = await service.contextOf('ada');
    const run = await getWebSocketManager(context).startRun(agent);
    run.text('as far as it came');
    await run.toolExecuting({ tool_name: 'slow' });
    await service.service.close();
    expect((await client.closed).code).toBe(1001);
    expect(recordOf(client.events(), run.run_id)).toMatchObject({ text: 'as far as it came', outcome: 'interrupted' });
    expect(() => getWebSocketManager(context)).toThrow(expect.objectContaining({ code: 'SERVICE_CLOSED' }));
    await expect(service.contextOf('ada')).rejects.toMatchObject({ code: 'SERVICE_CLOSED' });
  });

  test('who does not answer the close frame is cut', async () => {
    await using service = await startTestService();
    const client = await service.open('ada', { mute: true });
    await service.service.close();
    expect((await client.closed).code).toBe(1001);
    expect(service.service.health().sessions).toBe(0);
  });

  test('during a handshake: the connection is refused', async () => {
    const gate = createGate();
    await using service = await startTestService({
      authenticate: async () => {
        await gate.pass();
        return { user_id: 'ada' };
      },
    });
    const client = await service.connect('ada');
    await gate.reached;
    const closed = service.service.close();
    gate.open();
    expect((await client.response).status).toBe(503);
    await closed;
  });
});
