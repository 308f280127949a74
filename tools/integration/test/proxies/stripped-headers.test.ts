// R7: proxies are known to take credentials out of requests. The page is told that it has none, the operator which hop to look at.
import { describe, expect, test } from 'vitest';
import { openPage } from '../../src/page.js';
import { proxyPrograms } from '../../src/proxies/programs.js';
import { startReverseProxy } from '../../src/proxies/reverse-proxy.js';
import { openRawClient } from '../../src/raw-client.js';
import { startTestService } from '../../src/test-service.js';
import { tokenOf } from '../../src/tokens.js';

const protocols = ['throughline.v1'];

describe.concurrent.each(proxyPrograms)('R7: $name takes out', (program) => {
  /** What the operator is told, and nobody else. */
  const refused = {
    code: 'CREDENTIAL_MISSING',
    status: 4401,
    carrier: 'none',
    hint: expect.stringMatching(`taken out by a proxy\\? via: 1.1 ${program.name}$`) as string,
  };

  test('Authorization: 4401, and telemetry names the hop; a token in the subprotocol passes', async ({ signal }) => {
    await using service = await startTestService();
    await using proxy = await startReverseProxy(program, { signal, upstream: service.port, strips: 'authorization' });
    const token = await tokenOf('ada');
    const headers = { Authorization: `Bearer ${token}` };
    const client = openRawClient({ url: proxy.url, protocols, headers });
    expect(await client.closed).toMatchObject({ code: 4401, reason: 'no credential' });
    expect(await service.told('refused')).toMatchObject(refused);
    const other = openRawClient({ url: proxy.url, token, headers });
    expect((await other.welcome).user_id).toBe('ada');
    other.reset();
  });

  test('the token from Sec-WebSocket-Protocol: the page is signed out and does not loop; a header passes', async ({
    signal,
  }) => {
    await using service = await startTestService();
    await using proxy = await startReverseProxy(program, {
      signal,
      upstream: service.port,
      strips: 'subprotocol items',
    });
    using page = openPage({ url: proxy.url, user: 'ada' });
    await page.until(() => page.client.status.state === 'signed_out');
    expect([page.client.status.code, page.connections]).toEqual([4401, 2]);
    expect(service.telemetry.filter(({ kind }) => kind === 'refused')).toMatchObject([refused, refused]);
    const headers = { Authorization: `Bearer ${await tokenOf('ada')}` };
    const other = openRawClient({ url: proxy.url, protocols, headers });
    expect((await other.welcome).user_id).toBe('ada');
    other.reset();
  });
});
