import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createWebSocketManager, isCompatError, type LegacyManager } from '../src/index.js';
import { type UsageEvent, usageChannel } from '../src/usage.js';
import { rejectionOf, startLegacyService, told } from './legacy-service.js';

const message = { type: 'acme.note', data: { text: 'hello' }, thread_id: 't-1' };

/** What is published while a test lasts. */
function published(): readonly UsageEvent[] {
  const events: UsageEvent[] = [];
  const listen = (event: unknown) => void events.push(event as UsageEvent);
  subscribe(usageChannel, listen);
  onTestFinished(() => void unsubscribe(usageChannel, listen));
  return events;
}

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('S3 what a legacy manager sends', () => {
  test('goes to the log of its user', async () => {
    const { managerOf, stored } = await startLegacyService();
    const manager = await managerOf('ada');
    expect(await manager.sendToUser('ada', message)).toBe(true);
    expect(await manager.sendToThread('t-2', { type: 'note', text: 'hello' })).toBe(true);
    expect(await manager.emitCriticalEvent('ada', 'acme.note', { thread_id: 't-3' })).toBe(true);
    expect(stored.map(({ type, thread_id }) => [type, thread_id])).toEqual([
      ['acme.note', 't-1'],
      ['legacy.note', 't-2'],
      ['acme.note', 't-3'],
    ]);
    expect(stored[0]?.data).toEqual({ text: 'hello', thread_id: 't-1' });
  });

  test('R12 goes to the thread that is named, whatever the message says', async () => {
    const { managerOf, stored } = await startLegacyService();
    await (await managerOf('ada')).sendToThread('t-2', message);
    expect(stored.map(({ thread_id }) => thread_id)).toEqual(['t-2']);
  });

  test.each(['sendAgentEvent', 'emitAgentEvent', 'emitCriticalEvent'] as const)('%s speaks of runs', async (method) => {
    const { managerOf, stored } = await startLegacyService();
    const manager = await managerOf('ada');
    await manager[method]('ada', 'agent_start', { thread_id: 't-1', task: 'Compare' });
    await manager[method]('ada', 'agent_error', { message: 'no table' });
    expect(told(stored)).toMatchObject([
      ['agent_started', { task_description: 'Compare' }],
      ['agent_completed', { outcome: 'failed', error: { message: 'no table' } }],
    ]);
  });

  test.each([
    ['a message without a type', { data: {} }, 'MESSAGE_INVALID'],
    ['a type that nobody may use', { type: 'No Type', thread_id: 't-1' }, 'EVENT_INVALID'],
  ])('is refused: %s', async (_, bad, code) => {
    const { managerOf, stored } = await startLegacyService();
    expect(await rejectionOf((await managerOf('ada')).sendToUser('ada', bad as never))).toMatchObject({ code });
    expect(stored.map(({ type }) => type)).not.toContain('agent_started');
  });
});

describe('S9 R9 another user', () => {
  const named: [string, (manager: LegacyManager, user: string) => unknown][] = [
    ['sendToUser', (manager, user) => manager.sendToUser(user, message)],
    ['emitCriticalEvent', (manager, user) => manager.emitCriticalEvent(user, 'acme.note', message)],
    ['emitAgentEvent', (manager, user) => manager.emitAgentEvent(user, 'acme.note', message)],
    ['sendAgentEvent', (manager, user) => manager.sendAgentEvent(user, 'acme.note', message)],
    ['sendEvent', (manager, user) => manager.sendEvent(user, 'acme.note', message)],
    ['a user_id in a message', (manager, user) => manager.sendToThread('t-1', { ...message, user_id: user })],
    [
      'a user_id in data',
      (manager, user) => manager.emitAgentThinking({ thread_id: 't-1', user_id: user, reasoning: '' }),
    ],
    ['isUserConnected', (manager, user) => manager.isUserConnected(user)],
    ['getUserConnections', (manager, user) => manager.getUserConnections(user)],
    ['getConnectionCount', (manager, user) => manager.getConnectionCount(user)],
    ['waitForConnection', (manager, user) => manager.waitForConnection(user)],
    ['getConnectionHealth', (manager, user) => manager.getConnectionHealth(user)],
    ['disconnectUser', (manager, user) => manager.disconnectUser(user)],
    ['attemptMessageRecovery', (manager, user) => manager.attemptMessageRecovery(user)],
    ['processRecoveryQueue', (manager, user) => manager.processRecoveryQueue(user)],
  ];

  test.each(named)('is refused and counted, and nothing is rewritten: %s', async (_, use) => {
    const { managerOf, stored } = await startLegacyService();
    const manager = await managerOf('ada');
    const events = published();
    for (const foreign of ['bob', 't-1', '']) {
      const error = await rejectionOf((async () => use(manager, foreign))());
      expect(error).toMatchObject({ name: 'IsolationError', code: 'ISOLATION' });
      expect((error as Error).message).not.toContain('bob');
    }
    expect(stored).toEqual([]);
    const refused = events.filter(({ kind }) => kind === 'user_refused');
    expect(refused.at(-1)).toMatchObject({ file: import.meta.filename, calls: 3 });
    expect(refused).toHaveLength(3);
  });
});

test('R9 nobody is no user either', async () => {
  const manager = await (await startLegacyService()).managerOf('ada');
  expect(() => manager.isUserConnected(undefined as never)).toThrow(expect.objectContaining({ code: 'ISOLATION' }));
});

describe('S3 what a legacy manager does no more', () => {
  test.each(['connectUser', 'addConnection', 'registerConnection', 'handleConnection'] as const)(
    '%s',
    async (method) => {
      const manager = await (await startLegacyService()).managerOf('ada');
      const error = thrownBy(() => manager[method]('ada', {}));
      expect(error).toMatchObject({ code: 'REGISTRATION_REMOVED' });
      expect((error as Error).message).toContain('A socket registers itself at the handshake');
    },
  );

  test.each(['broadcast', 'broadcastToAll', 'broadcastMessage'] as const)('%s', async (method) => {
    const manager = await (await startLegacyService()).managerOf('ada');
    const error = thrownBy(() => manager[method](message));
    expect(error).toMatchObject({ code: 'BROADCAST_REMOVED' });
    expect((error as Error).message).toContain('use the manager of each user');
  });

  test('recover what the log holds', async () => {
    const manager = await (await startLegacyService()).managerOf('ada');
    expect(await manager.attemptMessageRecovery('ada')).toBe(0);
    expect(await manager.processRecoveryQueue()).toBe(0);
    expect(manager.getErrorStatistics()).toEqual({});
  });
});

describe('S9 a manager of nobody', () => {
  test.each([undefined, null, { userContext: undefined }])('is none: %j', (nobody) => {
    const error = thrownBy(() => createWebSocketManager(nobody as never));
    expect(isCompatError(error, 'CONTEXT_REQUIRED')).toBe(true);
    expect((error as Error).message).toContain('getWebSocketManager(userContext)');
  });

  test('of a context that nobody minted is none', () => {
    const error = thrownBy(() => createWebSocketManager({ user_id: 'ada', tenant_id: '', claims: {} } as never));
    expect(error).toMatchObject({ code: 'CONTEXT_FORGED' });
  });
});

describe('S3 the end of a user', () => {
  test('needs nobody to be there, voids no context, and takes any reason', async () => {
    const { managerOf } = await startLegacyService();
    const ada = await managerOf('ada');
    for (const reason of [undefined, 'bye', 'ä'.repeat(200), 7]) {
      expect(await ada.disconnectUser('ada', 4_001, reason as string)).toBe(0);
    }
    expect(await ada.sendToUser('ada', message)).toBe(true);
  });
});

test('an ignored refusal does not end the process', async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', listen);
  onTestFinished(() => void process.off('unhandledRejection', listen));
  const manager = await (await startLegacyService()).managerOf('ada');
  void manager.sendToUser('bob', message);
  void manager.emitAgentThinking({ thread_id: 't-1' });
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});
