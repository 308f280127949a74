import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Registry, type RegistryContentType } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { type ObservedService, type Prometheus, prometheus } from '../src/index.js';
import { eventMetrics, serviceMetrics } from '../src/metrics.js';
import { seriesOf } from './exposition.js';
import { publish } from './published.js';

const names = [...eventMetrics, ...serviceMetrics].map(({ name }) => name);

async function serve({ handler }: Prometheus): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') handler(request, response);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

function idle(sessions: number): ObservedService {
  return {
    health: () => ({ level: 'healthy', reasons: [], ready: true, sessions, runs: 0, refusals: {} }),
    lag: () => [],
  };
}

test('GET is answered with the page, HEAD without it, all else with 405', async () => {
  using page = prometheus();
  const url = await serve(page);
  publish({ kind: 'leak', where: 'log', user_id: 'ada' });
  const got = await fetch(url);
  expect(got.status).toBe(200);
  expect(got.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(got.headers.get('cache-control')).toBe('no-store');
  const text = await got.text();
  expect(seriesOf(text).get('throughline_leaks_total{service="throughline",where="log"}')).toBe(1);
  const asked = await fetch(url, { method: 'HEAD' });
  expect([asked.status, await asked.text()]).toEqual([200, '']);
  expect(asked.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
  const posted = await fetch(url, { method: 'POST', body: 'x' });
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('a metric of somebody else that throws is a 500 without its words', async () => {
  const registry = new Registry();
  using page = prometheus({ registry });
  new Counter({
    name: 'theirs_total',
    help: 'Not ours',
    registers: [registry],
    collect() {
      throw new Error('password of the database: hunter2');
    },
  });
  const got = await fetch(await serve(page));
  expect([got.status, await got.text()]).toEqual([500, '']);
});

test('an answer that somebody else has given meanwhile stands', async () => {
  using page = prometheus();
  const url = await serve({
    ...page,
    handler(request, response) {
      page.handler(request, response);
      response.writeHead(504).end('too late');
    },
  });
  expect((await fetch(url)).status).toBe(504);
  expect((await fetch(url)).status).toBe(504);
});

test('it takes the registry of the caller, and leaves it as it was', async () => {
  const registry = new Registry();
  new Counter({ name: 'theirs_total', help: 'Not ours', registers: [registry] });
  const page = prometheus({ registry });
  expect(page.registry).toBe(registry);
  expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual(['theirs_total', ...names]);
  expect(() => prometheus({ registry })).toThrow(
    expect.objectContaining({ name: 'TelemetryError', code: 'METRIC_TAKEN' }),
  );
  page[Symbol.dispose]();
  expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual(['theirs_total']);
  using again = prometheus({ registry });
  page[Symbol.dispose]();
  expect(again.registry.getMetricsAsArray().map(({ name }) => name)).toEqual(['theirs_total', ...names]);
});

test('a registry that speaks OpenMetrics keeps the names, and is left as it was', async () => {
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const page = prometheus({ registry });
  const got = await fetch(await serve(page));
  expect(got.headers.get('content-type')).toBe(Registry.OPENMETRICS_CONTENT_TYPE);
  publish({ kind: 'leak', where: 'log', user_id: 'ada' });
  expect(await registry.metrics()).toContain('throughline_leaks_total{service="throughline",where="log"} 1');
  page[Symbol.dispose]();
  expect(registry.getMetricsAsArray()).toEqual([]);
});

test('services are told apart by their names, and one that is observed no more leaves no value behind', async () => {
  using page = prometheus();
  const chat = page.observe(idle(1), 'chat');
  using _ = page.observe(idle(2), 'search');
  publish({ kind: 'leak', where: 'log', user_id: 'ada' }, 'chat');
  const sessions = async () => {
    const series = seriesOf(await page.registry.metrics());
    return ['chat', 'search'].map((service) => series.get(`throughline_sessions{service="${service}"}`));
  };
  expect(await sessions()).toEqual([1, 2]);
  const series = seriesOf(await page.registry.metrics());
  expect(series.get('throughline_leaks_total{service="chat",where="log"}')).toBe(1);
  // Seen at 0 before it happens: the first increase is an increase.
  expect(series.get('throughline_leaks_total{service="search",where="log"}')).toBe(0);
  expect(series.get('throughline_recovery_seconds_count{service="search"}')).toBe(0);
  chat[Symbol.dispose]();
  expect(await sessions()).toEqual([undefined, 2]);
  // The name is free again, and what the first was given is spent.
  using again = page.observe(idle(3), 'chat');
  chat[Symbol.dispose]();
  expect(await sessions()).toEqual([3, 2]);
  expect(again).toBeDefined();
});

test('a service that cannot tell takes nothing else off the page', async () => {
  using page = prometheus();
  const broken = {
    ...idle(0),
    health: () => {
      throw new Error('closed');
    },
  };
  using _ = page.observe(broken, 'broken');
  using __ = page.observe(idle(4));
  const series = seriesOf(await page.registry.metrics());
  expect(series.get('throughline_sessions{service="throughline"}')).toBe(4);
  expect(series.has('throughline_sessions{service="broken"}')).toBe(false);
});

test('the lag on the page is that of the slowest readers, each by its own measure', async () => {
  using page = prometheus();
  const lag = () => [
    { session_id: 's-1', user_id: 'ada', entries: 3, behind_ms: 9_500 },
    { session_id: 's-2', user_id: 'bob', entries: 700, behind_ms: 100 },
  ];
  using _ = page.observe({ ...idle(0), lag });
  const series = seriesOf(await page.registry.metrics());
  expect(series.get('throughline_cursor_lag_entries{service="throughline"}')).toBe(700);
  expect(series.get('throughline_cursor_lag_seconds{service="throughline"}')).toBe(9.5);
});

test('what it cannot work with is refused with a word about what to do', () => {
  const refused = (code: string, message: RegExp) =>
    expect.objectContaining({ name: 'TelemetryError', code, message: expect.stringMatching(message) });
  const invalid = (options: unknown) => () => prometheus(options as object);
  expect(invalid(null)).toThrow(refused('OPTION_INVALID', /object/));
  expect(invalid({ registy: 1 })).toThrow(refused('OPTION_INVALID', /registy is unknown. Known: registry/));
  expect(invalid({ registry: {} })).toThrow(refused('OPTION_INVALID', /registry must be a Registry/));
  using page = prometheus({});
  const observe = (service: unknown, name?: unknown) => () => page.observe(service as ObservedService, name as string);
  expect(observe({})).toThrow(refused('OPTION_INVALID', /startWebSocketService/));
  expect(observe(idle(1), '')).toThrow(refused('OPTION_INVALID', /name/));
  using _ = page.observe(idle(1));
  expect(observe(idle(2))).toThrow(refused('SERVICE_TAKEN', /"throughline"/));
});
