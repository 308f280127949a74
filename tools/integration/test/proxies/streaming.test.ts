// S8, S11: through a real reverse proxy, configured as documented, an answer is what it is without.
import { describe, expect, test } from 'vitest';
import { startDictation } from '../../src/dictation.js';
import { disturbances, openPage, sharedState } from '../../src/page.js';
import { proxyPrograms } from '../../src/proxies/programs.js';
import { startReverseProxy } from '../../src/proxies/reverse-proxy.js';
import { openRawClient } from '../../src/raw-client.js';
import { startTestService } from '../../src/test-service.js';
import { tokenOf } from '../../src/tokens.js';

describe.concurrent.each(proxyPrograms)('through $name', (program) => {
  test('S8: an answer arrives piece by piece, each when it is said, and whole', async ({ signal }) => {
    await using service = await startTestService();
    await using proxy = await startReverseProxy(program, { signal, upstream: service.port });
    using direct = openPage({ url: service.url, user: 'ada' });
    using page = openPage({ url: proxy.url, user: 'ada' });
    await Promise.all([direct.live(), page.live()]);
    const answer = await startDictation(service, 'ada');
    for (let part = 0; part < 5; part++) {
      await answer.say();
      // Nothing more is said before this has come: a proxy that waits for more, or for the end, waits for ever.
      await page.until(() => page.run(answer.run_id)?.tools.at(-1)?.results === 5 * (part + 1));
    }
    for (let part = 0; part < 20; part++) await answer.run.send('test.large', '.'.repeat(100_000));
    await answer.end();
    expect(await sharedState([page, direct], answer.run_id)).toMatchObject({ text: answer.said, status: 'succeeded' });
    expect(page.events).toEqual(direct.events);
    expect([disturbances(page), page.connections]).toEqual([[], 1]);
  });

  test('R7: a page of the proxy’s own address is let in, a token may come in a header, others’ pages stay out', async ({
    signal,
  }) => {
    await using service = await startTestService();
    await using proxy = await startReverseProxy(program, { signal, upstream: service.port });
    const protocols = ['throughline.v1'];
    const headers = { Authorization: `Bearer ${await tokenOf('ada')}`, Origin: `http://127.0.0.1:${proxy.port}` };
    const own = openRawClient({ url: proxy.url, protocols, headers });
    expect((await own.welcome).user_id).toBe('ada');
    const foreign = openRawClient({
      url: proxy.url,
      protocols,
      headers: { ...headers, Origin: 'http://evil.example' },
    });
    expect((await foreign.response).status).toBe(403);
    own.reset();
  });
});
