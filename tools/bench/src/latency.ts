// Measures how long an event takes from the agent's send to the handler in a real browser, on loopback.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { getWebSocketManager, startWebSocketService } from '@throughline/core';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const events = Number(process.argv[2] ?? 2_000);
const everyMs = 5;

/** Milliseconds since the epoch, with fractions. */
const now = () => performance.timeOrigin + performance.now();

const bundle = await build({
  entryPoints: [fileURLToPath(new URL('latency-page.ts', import.meta.url))],
  bundle: true,
  format: 'iife',
  conditions: ['@throughline/source'],
  write: false,
});
const script = bundle.outputFiles[0]?.text ?? '';
const server = createServer((request, response) => {
  // Cross-origin isolation gives the page a clock of 5 µs instead of 100.
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
  if (request.url === '/clock') response.end(String(now()));
  else response.setHeader('Content-Type', 'text/html').end(`<!doctype html><script>${script}</script>`);
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const service = await startWebSocketService({ server, authenticate: ({ token }) => ({ user_id: token }) });
const userContext = await service.authenticate({ token: 'ada' });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
try {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction('window.latency?.live');
  await getWebSocketManager(userContext).run({ agent_name: 'clock', thread_id: 'latency' }, async (run) => {
    for (let sent = 0; sent < events; sent++) {
      await run.thinking({ reasoning: String(now()) });
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  });
  await page.waitForFunction('window.latency.done');
  const samples = (await page.evaluate('window.latency.samples')) as number[];
  const sorted = samples.toSorted((a, b) => a - b);
  if (sorted.length !== events) throw new Error(`${sorted.length} of ${events} events arrived`);
  const percentile = (part: number) => (sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN).toFixed(2);
  process.stdout.write(
    `${events} events, one per ${everyMs} ms: p50 ${percentile(0.5)} ms, p95 ${percentile(0.95)} ms, p99 ${percentile(0.99)} ms ` +
      `(Node ${process.version}, Chromium ${browser.version()}, ${cpus().length} × ${cpus()[0]?.model})\n`,
  );
} finally {
  await browser.close();
  await service.close();
  server.close();
}
