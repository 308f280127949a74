import { isThroughlineError } from '@throughline/core';
import { describe, expect, test, vi } from 'vitest';
import { isTestKitError, rawClient, startTestService } from '../src/index.js';

/** What keeps a process alive, beside what the runner has open. */
function openHandles(): number {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|Immediate/.test(kind)).length;
}

async function conversation(): Promise<void> {
  await using service = await startTestService({
    onMessage: () => {},
  });
  const ada = await service.user('ada');
  const [page, raw] = [ada.client(), ada.raw({ acks: 'automatic' })];
  await page.live();
  await raw.welcomed();
  await page.send({ thread_id: 't-1', data: 'Hello?' }).accepted;
  await ada.manager.run({ agent_name: 'greeter', thread_id: 't-1' }, (run) => run.text('Hello.'));
  expect((await page.next('partial_result')).data).toEqual({ text: 'Hello.' });
  expect((await raw.next('agent_completed')).user_id).toBe('ada');
  expect(raw.violations).toEqual([]);
}

describe('S11 a test service', () => {
  test('is the real one: what an agent says reaches its user over a real socket', conversation);

  test('goes without a trace, also with clients that still connect', async () => {
    await conversation();
    const [handles, listeners] = [openHandles(), process.eventNames().map((name) => process.listenerCount(name))];
    await conversation();
    {
      await using service = await startTestService();
      const ada = await service.user('ada');
      ada.client();
      ada.raw();
      ada.client({ connect: false });
    }
    await expect.poll(openHandles).toBeLessThanOrEqual(handles);
    expect(process.eventNames().map((name) => process.listenerCount(name))).toEqual(listeners);
  });

  test('closes twice, and then takes nobody', async () => {
    const service = await startTestService();
    const ada = await service.user('ada');
    await Promise.all([service.close(), service.close()]);
    expect(service.server.listening).toBe(false);
    expect(() => ada.client()).toThrow(expect.objectContaining({ code: 'SERVICE_CLOSED' }));
  });

  test('R20 refuses every token that it did not issue: there is no fallback user', async () => {
    await using service = await startTestService();
    const ada = await service.user('ada');
    for (const token of ['ada', `${ada.token}x`, 'test.AAAAAAAAAAAAAAAAAAAAAAAA']) {
      await expect(service.service.authenticate({ token })).rejects.toSatisfy((error) =>
        isThroughlineError(error, 'CREDENTIAL_REFUSED'),
      );
    }
    await using nobody = rawClient(service.url);
    expect((await nobody.closed()).code).toBe(4401);
    await service.told('refused');
  });

  test('has users of tenants, with claims, whose tokens end', async () => {
    await using service = await startTestService({ expiryGraceMs: 0, heartbeatMs: 1_000 });
    const ada = await service.user('ada', { tenant_id: 'acme', claims: { plan: 'pro' }, expiresInMs: 60_000 });
    expect(ada.context).toMatchObject({ user_id: 'ada', tenant_id: 'acme', claims: { plan: 'pro' } });
    const page = ada.raw();
    expect((await page.welcomed()).expires_in_ms).toBeGreaterThan(0);
    page.send({ type: 'token', id: 'x-1', token: ada.freshToken() });
    expect(await page.next('refreshed')).toMatchObject({ id: 'x-1' });
    const stale = await service.user('bob', { expiresInMs: 0 }).catch((error: unknown) => error);
    expect(isThroughlineError(stale, 'CREDENTIAL_REFUSED')).toBe(true);
  });

  test('signs out one sign-in, for good', async () => {
    await using service = await startTestService();
    const [ada, sameAda] = [await service.user('ada'), await service.user('ada')];
    const [page, other] = [ada.client(), sameAda.client()];
    await Promise.all([page.live(), other.live()]);
    expect(ada.signOut()).toBe(1);
    await expect.poll(() => page.status.state).toBe('signed_out');
    expect(other.status.state).toBe('live');
    await using late = ada.raw();
    expect((await late.closed()).code).toBe(4401);
  });

  test('takes an authenticator of yours, which judges alone', async () => {
    await using service = await startTestService({
      authenticate: ({ token }) => (token === 'open sesame' ? { user_id: 'ali' } : null),
    });
    expect((await service.user('ali', { token: 'open sesame' })).context.user_id).toBe('ali');
    await expect(service.user('ali')).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED' });
    await expect(service.user('ada', { token: 'open sesame' })).rejects.toSatisfy((error) =>
      isTestKitError(error, 'OPTION_INVALID'),
    );
  });

  test('says what the client was told when a wait fails', async () => {
    await using service = await startTestService();
    const page = (await service.user('ada')).client();
    await page.live();
    await expect(page.next('agent_completed', { deadlineMs: 1 })).rejects.toThrow(
      /The client is live\. 1 frames have come/,
    );
  });

  test.each([
    ['setTimeout and all others by default', undefined],
    [
      'all but the tick',
      { toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance', 'clearTimeout'] },
    ],
  ] as const)('S11 works with fake timers: %s', async (_, config) => {
    vi.useFakeTimers(config as Parameters<typeof vi.useFakeTimers>[0]);
    try {
      await conversation();
      await using service = await startTestService();
      await expect((await service.user('ada')).raw().next('heartbeat', { deadlineMs: 5 })).rejects.toThrow(/5 ms/);
    } finally {
      vi.useRealTimers();
    }
  });
});
