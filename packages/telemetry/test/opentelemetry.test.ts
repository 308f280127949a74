import { expect, test } from 'vitest';
import { type ObservedService, openTelemetry } from '../src/index.js';
import { seriesOf } from './exposition.js';
import { publish } from './published.js';
import { startSdk } from './sdk.js';

/** A service that counts how often it is asked. */
function asked(): ObservedService & { readonly times: number } {
  let times = 0;
  return {
    health() {
      times += 1;
      return { level: 'degraded', reasons: ['draining'], ready: false, sessions: 1, runs: 2, refusals: {} };
    },
    lag: () => [{ entries: 3, behind_ms: 1_500 }],
    get times() {
      return times;
    },
  };
}

test('observed services are asked when the SDK collects, until they are observed no more', async () => {
  const { providers, page } = startSdk();
  const output = openTelemetry(providers);
  const chat = asked();
  const search = asked();
  const observed = output.observe(chat, 'chat');
  output.observe(search, 'search');
  expect(chat.times).toBe(0);
  const series = seriesOf(await page());
  for (const [name, value] of [
    ['sessions', 1],
    ['runs', 2],
    ['ready', 0],
    ['health_level', 1],
    ['draining', 1],
    ['cursor_lag_entries', 3],
    ['cursor_lag_seconds', 1.5],
  ] as const) {
    expect(series.get(`throughline_${name}{service="chat"}`), name).toBe(value);
    expect(series.get(`throughline_${name}{service="search"}`), name).toBe(value);
  }
  const once = chat.times;
  observed[Symbol.dispose]();
  await page();
  expect([chat.times, search.times]).toEqual([once, 2 * once]);
  output[Symbol.dispose]();
  await page();
  expect([chat.times, search.times]).toEqual([once, 2 * once]);
});

test('buckets are the ones of the table', async () => {
  const { providers, page } = startSdk();
  using _ = openTelemetry(providers);
  publish({ kind: 'session_closed', session_id: 's', user_id: 'u', code: 1000, reason: '', duration_ms: 61_000 });
  const series = seriesOf(await page());
  const bucket = (bound: number) =>
    series.get(`throughline_session_seconds_bucket{le="${bound}",service="throughline"}`);
  expect([bucket(60), bucket(65)]).toEqual([0, 1]);
});

test('without an SDK it does nothing, and nothing fails', () => {
  using output = openTelemetry();
  using _ = output.observe(asked());
  publish({ kind: 'run_started', run_id: 'r', user_id: 'u', thread_id: 't', agent_name: 'a' });
  publish({
    kind: 'run_ended',
    run_id: 'r',
    user_id: 'u',
    agent_name: 'a',
    outcome: 'succeeded',
    duration_ms: 1,
    events: 2,
  });
  expect(output).toBeDefined();
});

test('options that it cannot work with are refused', () => {
  const invalid = (options: unknown, message: RegExp) =>
    expect(() => openTelemetry(options as object)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(message) }),
    );
  invalid('x', /object/);
  invalid({ meterProvider: {} }, /meterProvider must be a MeterProvider/);
  invalid({ tracerProvider: 1 }, /tracerProvider must be a TracerProvider/);
  invalid({ runIds: 'yes' }, /runIds must be true or false/);
  invalid({ spanProcessor: {} }, /spanProcessor is unknown. Known: meterProvider, tracerProvider, runIds/);
});
