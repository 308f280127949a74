// S12, family "creation and isolation": S1, S9, R9. Whose manager it is, is settled when it is made, by a service alone.
import { getWebSocketManager, isThroughlineError, narrowUserContext, type UserContext } from '@throughline/core';
import { describe, expect, test } from 'vitest';
import { startTestService } from '../src/test-service.js';

const thread_id = 't-1';

describe('S12 creation and isolation', () => {
  test('S12 creation and isolation, S9: a manager is made from a context that a service minted, and from nothing that looks like one', async () => {
    await using service = await startTestService();
    const context = await service.contextOf('ada');
    const page = await service.open('ada');
    const lookAlikes: readonly unknown[] = [
      undefined,
      null,
      'ada',
      {},
      { user_id: 'ada' },
      { ...context },
      structuredClone({ user_id: context.user_id, tenant_id: context.tenant_id, claims: {} }),
      Object.create(context),
      new Proxy(context, { get: (target, name) => (name === 'user_id' ? 'bob' : Reflect.get(target, name)) }),
    ];
    for (const lookAlike of lookAlikes) {
      expect(() => getWebSocketManager(lookAlike as UserContext)).toThrow(
        expect.toSatisfy((error) => isThroughlineError(error, 'CONTEXT_FORGED')),
      );
    }
    await getWebSocketManager(context).send('test.note', 'to Ada', { thread_id });
    await page.next('test.note');
    expect(page.events().map(({ data }) => data)).toEqual(['to Ada']);
  });

  test('S12 creation and isolation, S1: one user and sign-in, one manager; it cannot be turned to somebody else', async () => {
    await using service = await startTestService();
    const [ada, bob] = [await service.contextOf('ada'), await service.contextOf('bob')];
    const manager = getWebSocketManager(ada);
    expect(getWebSocketManager(ada)).toBe(manager);
    expect(getWebSocketManager(bob)).not.toBe(manager);
    for (const [object, name] of [
      [ada, 'user_id'],
      [manager, 'user_id'],
      [manager, 'send'],
    ] as const) {
      expect(() => Object.assign(object, { [name]: 'bob' })).toThrow(TypeError);
    }
    expect([manager.user_id, getWebSocketManager(ada).user_id]).toEqual(['ada', 'ada']);
    // One that speaks in one thread speaks in no other.
    const narrow = getWebSocketManager(narrowUserContext(ada, { thread_id }));
    await expect(narrow.send('test.note', 1, { thread_id: 't-2' })).rejects.toSatisfy((error) =>
      isThroughlineError(error),
    );
  });

  test('S12 creation and isolation, S9: a hundred users, all made at once: each hears its own, whatever ids they share', async () => {
    await using service = await startTestService();
    const users = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    const pages = await Promise.all(users.map((user) => service.open(user)));
    await Promise.all(
      users.map(async (user) => {
        const manager = await service.managerOf(user);
        // The same thread for all, and for each a run of its own.
        await manager.run({ agent_name: 'a', thread_id }, (run) => {
          run.text(`for ${user} alone`);
          return undefined;
        });
      }),
    );
    await Promise.all(pages.map((page) => page.next('agent_completed')));
    for (const [index, page] of pages.entries()) {
      const texts = page.events().flatMap(({ type, data }) => (type === 'partial_result' ? [data.text] : []));
      expect(texts.join('')).toBe(`for ${users[index]} alone`);
      expect(new Set(page.events().map(({ user_id }) => user_id))).toEqual(new Set([users[index]]));
    }
    expect(service.service.health()).toMatchObject({ sessions: 100, runs: 0, level: 'healthy' });
  });

  test('S12 creation and isolation: a context of a service that is closed, or of a user who was signed out, makes nothing', async () => {
    const service = await startTestService();
    const [ada, bob] = [await service.contextOf('ada'), await service.contextOf('bob')];
    service.service.revoke(ada);
    expect(() => getWebSocketManager(ada)).toThrow(
      expect.toSatisfy((error) => isThroughlineError(error, 'CONTEXT_REVOKED')),
    );
    expect(getWebSocketManager(bob).user_id).toBe('bob');
    await service[Symbol.asyncDispose]();
    expect(() => getWebSocketManager(bob)).toThrow(expect.toSatisfy((error) => isThroughlineError(error)));
  });
});
