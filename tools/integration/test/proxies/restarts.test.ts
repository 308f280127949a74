// S10: a proxy is reloaded or restarted, or has nothing behind it for a while. Pages come back by themselves.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { memoryLog, type ServiceOptions, startWebSocketService } from '@throughline/core';
import type { EventLog } from '@throughline/core/log';
import { describe, expect, test } from 'vitest';
import { startDictation } from '../../src/dictation.js';
import { disturbances, openPage, type Page } from '../../src/page.js';
import { freePort } from '../../src/proxies/free-port.js';
import { proxyPrograms } from '../../src/proxies/programs.js';
import { type ReverseProxy, startReverseProxy } from '../../src/proxies/reverse-proxy.js';
import { openRawClient } from '../../src/raw-client.js';
import { ampleRates, startTestService, testAuthenticator } from '../../src/test-service.js';
import { tokenOf } from '../../src/tokens.js';

/** A service at a port that is known before, and again after it was gone. */
async function startAt(port: number, log: EventLog, onMessage: NonNullable<ServiceOptions['onMessage']>) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const authenticate = testAuthenticator();
  const service = await startWebSocketService({ server, authenticate, log, onMessage, telemetry() {}, ...ampleRates });
  return {
    async [Symbol.asyncDispose]() {
      await service.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const isBack = (page: Page) => page.until(() => page.connections > 1 && page.client.status.state === 'live');

describe.concurrent.each(proxyPrograms)('$name', (program) => {
  test.for(['reload', 'restart'] as const)(
    'S10: a %s in mid-answer is a reconnect and no loss',
    async (what, { signal }) => {
      await using service = await startTestService();
      await using proxy: ReverseProxy = await startReverseProxy(program, { signal, upstream: service.port });
      using page = openPage({ url: proxy.url, user: 'ada' });
      await page.live();
      const answer = await startDictation(service, 'ada');
      await answer.say();
      await page.until(() => page.run(answer.run_id)?.text === answer.said);
      const done = proxy[what]();
      await answer.say();
      await done;
      await answer.say();
      await isBack(page);
      await answer.say();
      await answer.end();
      expect(await page.ended(answer.run_id)).toMatchObject({
        text: answer.said,
        status: 'succeeded',
        truncated: false,
      });
      expect(disturbances(page)).toEqual([]);
    },
  );

  test('S10: with the service down pages get 502 or 503, back off, and come back with what they have to say', async ({
    signal,
  }) => {
    const handled: unknown[] = [];
    const hear = ({ data }: { data: unknown }) => handled.push(data);
    const log = memoryLog();
    const port = await freePort();
    const before = await startAt(port, log, hear);
    await using proxy = await startReverseProxy(program, { signal, upstream: port });
    using page = openPage({ url: proxy.url, user: 'ada' });
    await page.live();
    await before[Symbol.asyncDispose]();
    await page.until(() => page.client.status.state === 'offline');
    const { accepted } = page.client.send({ thread_id: 't-1', data: 'Are you there?' });
    await page.until(() => page.connections === 4 && page.client.status.state === 'offline');
    // Each time it waits, and the bound of the wait doubles.
    const waits = page.statuses.flatMap(({ state, retry_in_ms }) => (state === 'offline' ? [retry_in_ms ?? 0] : []));
    expect(waits).toHaveLength(4);
    for (const [attempt, wait] of waits.entries()) {
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(250 * 2 ** attempt);
    }
    const visitor = openRawClient({ url: proxy.url, token: await tokenOf('bob') });
    expect([502, 503]).toContain((await visitor.response).status);
    await using _after = await startAt(port, log, hear);
    await accepted;
    expect(handled).toEqual(['Are you there?']);
    expect(disturbances(page)).toEqual([]);
    visitor.reset();
    await log.close();
  });
});
