// A half-open connection says nothing, not even that it is dead. Both ends notice by asking, and nothing is lost.
import { describe, expect, test } from 'vitest';
import { startDictation } from '../src/dictation.js';
import { disturbances, openPage, sharedState } from '../src/page.js';
import { startTcpProxy } from '../src/tcp-proxy.js';
import { startTestService } from '../src/test-service.js';

// Each waits for two heartbeats and an answer that does not come: together, so that they wait at the same time.
describe.concurrent('a connection that is half open', { timeout: 20_000 }, () => {
  test.each([
    ['nothing comes down', 'down'],
    ['nothing goes up', 'up'],
  ] as const)('%s: the page notices by asking, and goes on', async (_, direction) => {
    await using service = await startTestService({ heartbeatMs: 1_000 });
    await using proxy = await startTcpProxy(service.url);
    using undisturbed = openPage({ url: service.url, user: 'ada' });
    using page = openPage({ url: proxy.url, user: 'ada' });
    await page.live();
    const answer = await startDictation(service, 'ada');
    await answer.say();
    await page.until(() => page.run(answer.run_id)?.text === answer.said);
    proxy.links[0]?.swallow(direction);
    await answer.say();
    await page.comeBack();
    await answer.say();
    await answer.end();
    expect(await sharedState([page, undisturbed], answer.run_id)).toMatchObject({
      text: answer.said,
      truncated: false,
    });
    expect([disturbances(page), disturbances(undisturbed)]).toEqual([[], []]);
    expect(page.connections).toBe(2);
  });

  test('the service lets go of a peer that answers nothing, and its run goes on', async () => {
    await using service = await startTestService({ heartbeatMs: 1_000 });
    await using proxy = await startTcpProxy(service.url);
    using page = openPage({ url: proxy.url, user: 'ada' });
    await page.live();
    const answer = await startDictation(service, 'ada');
    await answer.say();
    for (const direction of ['up', 'down'] as const) proxy.links[0]?.swallow(direction);
    proxy.refuse();
    expect(await service.told('session_closed')).toMatchObject({ code: 4408, reason: 'silent' });
    expect(service.service.health()).toMatchObject({ sessions: 0, runs: 1 });
    await answer.say();
    proxy.admit();
    await page.comeBack();
    await answer.end();
    expect(await sharedState([page], answer.run_id)).toMatchObject({ text: answer.said, truncated: false });
    expect(disturbances(page)).toEqual([]);
  });
});
