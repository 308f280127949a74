// S10: a proxy cuts what it takes for idle. A heartbeat in time keeps it from that; where it comes too late, nothing is lost.
import { describe, expect, test } from 'vitest';
import { startDictation } from '../../src/dictation.js';
import { disturbances, openPage } from '../../src/page.js';
import { proxyPrograms } from '../../src/proxies/programs.js';
import { startReverseProxy } from '../../src/proxies/reverse-proxy.js';
import { openRawClient } from '../../src/raw-client.js';
import { startTestService } from '../../src/test-service.js';
import { tokenOf } from '../../src/tokens.js';

const heartbeatMs = 1_000;

describe.concurrent.each(proxyPrograms)('an idle timeout of $name', (program) => {
  test('S10: that is three heartbeats long never comes: a silent connection lives on', async ({ signal }) => {
    await using service = await startTestService({ heartbeatMs });
    await using proxy = await startReverseProxy(program, { signal, upstream: service.port, idleMs: 3 * heartbeatMs });
    const client = openRawClient({ url: proxy.url, token: await tokenOf('ada') });
    const { session_id } = await client.welcome;
    // From the first to the fifth more time passes than the timeout allows.
    for (let beat = 0, heard = 0; beat < 5; beat++) {
      await client.next('heartbeat', heard);
      heard = client.frames.length;
    }
    client.send({ type: 'ping', id: 'still-there' });
    await client.next('pong');
    expect(service.telemetry.filter(({ kind }) => kind === 'session_opened' || kind === 'session_closed')).toEqual([
      expect.objectContaining({ kind: 'session_opened', session_id }),
    ]);
    client.reset();
  });

  test('S10: that is shorter than the heartbeat cuts again and again: the page resumes, nothing is missing or twice', async ({
    signal,
  }) => {
    await using service = await startTestService();
    await using proxy = await startReverseProxy(program, { signal, upstream: service.port, idleMs: 1_000 });
    using page = openPage({ url: proxy.url, user: 'ada' });
    await page.live();
    const answer = await startDictation(service, 'ada');
    for (const connections of [2, 3]) {
      await answer.say();
      await page.until(() => page.client.status.state === 'offline');
      await answer.say();
      await page.until(() => page.connections >= connections && page.client.status.state === 'live');
    }
    await answer.end();
    expect(await page.ended(answer.run_id)).toMatchObject({ text: answer.said, status: 'succeeded', truncated: false });
    expect(disturbances(page)).toEqual([]);
    expect(await service.told('session_closed')).toMatchObject({ code: 1006 });
  });
});
