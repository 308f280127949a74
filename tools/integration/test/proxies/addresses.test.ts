// Limits count per address. Behind a proxy that is the page's, and what a page says about its address counts for nothing.
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { proxyPrograms } from '../../src/proxies/programs.js';
import { startReverseProxy } from '../../src/proxies/reverse-proxy.js';
import { startTestService } from '../../src/test-service.js';
import { tokenOf } from '../../src/tokens.js';

/** Two, and then none for longer than any test. */
const handshakesPerAddress = { burst: 2, perSecond: 0.000_1 };

/** The status that an upgrade from an address of loopback (Linux answers on all of 127.0.0.0/8) is answered with. */
async function knock(url: string, localAddress: string, forged: string): Promise<number | undefined> {
  const protocols = ['throughline.v1', `bearer.${await tokenOf('ada')}`];
  const socket = new WebSocket(url, protocols, { localAddress, headers: { 'X-Forwarded-For': forged } });
  socket.on('error', () => {});
  const status = await new Promise<number | undefined>((resolve) => {
    socket.once('upgrade', (response: IncomingMessage) => resolve(response.statusCode));
    socket.once('unexpected-response', (_, response: IncomingMessage) => resolve(response.statusCode));
  });
  socket.terminate();
  return status;
}

describe.concurrent.each(proxyPrograms)('behind $name', (program) => {
  test('with trustProxy 1 the page’s own address counts, whatever it writes into X-Forwarded-For', async ({
    signal,
  }) => {
    await using service = await startTestService({ trustProxy: 1, handshakesPerAddress });
    await using proxy = await startReverseProxy(program, { signal, upstream: service.port });
    expect(await knock(proxy.url, '127.0.0.1', '198.51.100.1')).toBe(101);
    expect(await knock(proxy.url, '127.0.0.1', '127.0.0.2')).toBe(101);
    expect(await knock(proxy.url, '127.0.0.1', '198.51.100.2')).toBe(429);
    expect(await knock(proxy.url, '127.0.0.1', '127.0.0.2')).toBe(429);
    expect(await knock(proxy.url, '127.0.0.2', '198.51.100.3')).toBe(101);
    expect(await knock(proxy.url, '127.0.0.2', '')).toBe(101);
    expect(await knock(proxy.url, '127.0.0.2', '198.51.100.4, 198.51.100.5')).toBe(429);
  });

  test('with trustProxy 0 all pages are one address: the proxy’s', async ({ signal }) => {
    await using service = await startTestService({ handshakesPerAddress });
    await using proxy = await startReverseProxy(program, { signal, upstream: service.port });
    expect(await knock(proxy.url, '127.0.0.1', '198.51.100.1')).toBe(101);
    expect(await knock(proxy.url, '127.0.0.2', '198.51.100.2')).toBe(101);
    expect(await knock(proxy.url, '127.0.0.3', '198.51.100.3')).toBe(429);
  });
});
