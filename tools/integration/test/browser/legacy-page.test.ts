// S3, R7: an old page in a real browser, which opens no connection whose subprotocol it did not offer.
import { legacyDialect } from '@throughline/compat/legacy-dialect';
import { getWebSocketManager } from '@throughline/core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../../src/browser/chromium.js';
import { startTestService, type TestService } from '../../src/test-service.js';
import { tokenOf } from '../../src/tokens.js';

let browser: Browser;
let service: TestService;
beforeAll(async () => {
  process.noDeprecation = true;
  browser = await launchChromium();
  service = await startTestService({
    dialects: [legacyDialect()],
    onMessage: async ({ thread_id }, userContext) => {
      await getWebSocketManager(userContext).run({ agent_name: 'adder', thread_id }, async (run) => {
        for (const piece of ['One and one ', 'is two.']) run.text(piece);
        return { final_response: 'One and one is two.' };
      });
    },
  });
  // A page of the same host: what it shows is of no matter.
  service.server.removeAllListeners('request');
  service.server.on('request', (_, response) =>
    response.setHeader('Content-Type', 'text/html').end('<title>old</title>'),
  );
}, 60_000);
afterAll(async () => {
  await browser.close();
  await service[Symbol.asyncDispose]();
});

/** What the script of an old page does, in the page: it connects, asks, and tells what it saw. */
async function visit(offering: readonly string[]): Promise<{ protocol: string; types: string[]; shown: string }> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${service.port}/`);
    return await page.evaluate(
      ([url, items]) =>
        new Promise<{ protocol: string; types: string[]; shown: string }>((resolve) => {
          const types: string[] = [];
          let shown = '';
          const socket = new WebSocket(url, [...items]);
          socket.onclose = () => resolve({ protocol: socket.protocol, types, shown });
          socket.onmessage = ({ data }: MessageEvent<string>) => {
            const { type, payload } = JSON.parse(data) as { type: string; payload: Record<string, string> };
            types.push(type);
            if (type === 'connection_established') {
              socket.send(JSON.stringify({ type: 'user_message', payload: { content: '1 + 1?', thread_id: 't-1' } }));
            }
            if (type === 'agent_started') shown = '';
            if (type === 'partial_result') shown += payload['content'];
            if (type === 'agent_completed') socket.close();
          };
        }),
      [service.url, offering] as const,
    );
  } finally {
    await context.close();
  }
}

test('connects with its token in a subprotocol item, asks and reads the answer', { timeout: 60_000 }, async () => {
  const { protocol, types, shown } = await visit(['jwt-auth', `jwt.${await tokenOf('ada')}`]);
  expect(protocol).toBe('jwt-auth');
  expect(types[0]).toBe('connection_established');
  expect(types[1]).toBe('agent_started');
  expect(types.at(-1)).toBe('agent_completed');
  expect(shown).toBe('One and one is two.');
});

test('cannot connect when it offers its token alone; the operator reads what it should offer', {
  timeout: 60_000,
}, async () => {
  const { types } = await visit([`jwt.${await tokenOf('ada')}`]);
  expect(types).toEqual([]);
  expect(service.telemetry.at(-1)).toMatchObject({ kind: 'refused', hint: expect.stringContaining('Offer jwt-auth') });
});
