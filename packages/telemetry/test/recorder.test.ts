import { expect, test } from 'vitest';
import { eventMetrics } from '../src/metrics.js';
import { openTelemetry } from '../src/opentelemetry.js';
import { prometheus } from '../src/prometheus.js';
import { createRecorder } from '../src/recorder.js';
import { movedSince, seriesOf } from './exposition.js';
import { hostile, publish } from './published.js';
import { startSdk } from './sdk.js';

/** One event of each kind that has labels, with a text of somebody else's choice wherever one could be. */
function eventsWith(text: string): object[] {
  return [
    { kind: 'refused', code: text, status: 400, path: text, carrier: text, hint: text },
    { kind: 'session_opened', session_id: text, user_id: text, from: text },
    { kind: 'session_closed', session_id: text, user_id: text, code: text, reason: text, duration_ms: 1 },
    { kind: 'reset', session_id: text, user_id: text, cause: text },
    { kind: 'slow_reader', session_id: text, user_id: text, policy: text, entries: 1, behind_ms: 1 },
    { kind: 'message', user_id: text, message_id: text, outcome: text },
    { kind: 'message_handled', user_id: text, message_id: text, ok: text, duration_ms: 1 },
    { kind: 'run_ended', run_id: text, user_id: text, agent_name: text, outcome: text, duration_ms: 1, events: 1 },
    { kind: 'health', level: text, reasons: [text] },
    { kind: 'leak', where: text, user_id: text },
    { kind: 'fault', where: text, message: text },
  ];
}

test('10,000 different codes, causes and reasons make no series that was not there before', async () => {
  const sdk = startSdk();
  using page = prometheus();
  using _ = openTelemetry(sdk.providers);
  for (const event of eventsWith('first')) publish(hostile(event));
  const before = seriesOf(await page.registry.metrics());
  const otelBefore = seriesOf(await sdk.page());
  for (let count = 0; count < 10_000; count++) {
    for (const event of eventsWith(`text-${count}`)) publish(hostile(event));
    publish({ kind: 'session_closed', session_id: 's', user_id: 'u', code: 3000 + count, reason: '', duration_ms: 1 });
  }
  const after = seriesOf(await page.registry.metrics());
  expect([...after.keys()]).toEqual([...before.keys()]);
  // Of these 10,000 codes, the protocol has seven.
  expect(movedSince(before, after).get('throughline_session_closed_total{code="other",service="throughline"}')).toBe(
    19_993,
  );
  expect(after.get('throughline_refusals_total{code="other",service="throughline"}')).toBe(10_001);
  const otelAfter = seriesOf(await sdk.page());
  const seven = [...otelAfter.keys()].filter((name) => !otelBefore.has(name));
  expect(seven).toHaveLength(7);
  expect(seven.every((name) => name.startsWith('throughline_session_closed_total{code="44'))).toBe(true);
});

test('R11 what takes time is told in seconds, and a recovery is the absence and the catching up', async () => {
  using page = prometheus();
  const session = { session_id: 's', user_id: 'u' };
  publish({ kind: 'session_caught_up', ...session, entries: 3, duration_ms: 500, away_ms: 2_000 });
  // Nobody had to recover here: another session was open, or there never was one.
  publish({ kind: 'session_caught_up', ...session, entries: 3, duration_ms: 700 });
  publish({ kind: 'session_closed', ...session, code: 1000, reason: '', duration_ms: 1_000 });
  publish({ kind: 'message_handled', user_id: 'u', message_id: 'm', ok: true, duration_ms: 3_000 });
  publish({
    kind: 'run_ended',
    run_id: 'r',
    user_id: 'u',
    agent_name: 'a',
    outcome: 'succeeded',
    duration_ms: 4_000,
    events: 9,
  });
  publish({ kind: 'run_delivered', run_id: 'r', ...session, duration_ms: 50 });
  publish({ kind: 'draining', sessions: 12, runs: 1, closed: 5 });
  const series = seriesOf(await page.registry.metrics());
  const sums = [...series].filter(([name, value]) => /_sum\{|events_total|drained/.test(name) && value > 0);
  expect(Object.fromEntries(sums)).toEqual({
    'throughline_recovery_seconds_sum{service="throughline"}': 2.5,
    'throughline_session_seconds_sum{service="throughline"}': 1,
    'throughline_message_seconds_sum{outcome="succeeded",service="throughline"}': 3,
    'throughline_run_seconds_sum{outcome="succeeded",service="throughline"}': 4,
    'throughline_run_events_total{service="throughline"}': 9,
    'throughline_terminal_delivery_seconds_sum{service="throughline"}': 0.05,
    'throughline_drained_sessions_total{service="throughline"}': 5,
  });
  expect(series.get('throughline_recovery_seconds_count{service="throughline"}')).toBe(1);
});

test('labels named like members of objects are but others', async () => {
  using page = prometheus();
  for (const text of ['__proto__', 'constructor', 'toString', 'other']) {
    publish({ kind: 'reset', session_id: 's', user_id: 'u', cause: text });
  }
  const series = seriesOf(await page.registry.metrics());
  expect(series.get('throughline_resets_total{cause="other",service="throughline"}')).toBe(4);
});

test('a value that is no amount is left out, and spoils nothing', async () => {
  using page = prometheus();
  const close = (duration_ms: number) =>
    publish({ kind: 'session_closed', session_id: 's', user_id: 'u', code: 1000, reason: '', duration_ms });
  const observe = (gaps: number) =>
    publish({ kind: 'client_observed', session_id: 's', user_id: 'u', gaps, duplicates: 0 });
  for (const nonsense of [Number.NaN, Number.POSITIVE_INFINITY, -1, undefined as unknown as number]) {
    close(nonsense);
    observe(-Math.abs(nonsense));
  }
  close(2_000);
  observe(3);
  const series = seriesOf(await page.registry.metrics());
  expect(series.get('throughline_session_seconds_sum{service="throughline"}')).toBe(2);
  expect(series.get('throughline_session_seconds_count{service="throughline"}')).toBe(1);
  expect(series.get('throughline_client_gaps_total{service="throughline"}')).toBe(3);
});

test('a client that claims a million gaps at once is believed a thousand', async () => {
  using page = prometheus();
  publish({ kind: 'client_observed', session_id: 's', user_id: 'u', gaps: 1_000_000, duplicates: 2 ** 53 - 1 });
  const series = seriesOf(await page.registry.metrics());
  expect(series.get('throughline_client_gaps_total{service="throughline"}')).toBe(1_000);
  expect(series.get('throughline_client_duplicates_total{service="throughline"}')).toBe(1_000);
});

test('all series of a service are made at its first event: later ones make nothing', () => {
  let made = 0;
  const recorder = createRecorder(() => () => {
    made += 1;
    return () => {};
  });
  recorder.prepare('chat');
  const first = made;
  expect(first).toBeGreaterThan(eventMetrics.length);
  for (const text of ['a', 'b']) for (const event of eventsWith(text)) recorder.record('chat', hostile(event));
  expect(made).toBe(first);
  recorder.record('search', hostile({ kind: 'fault', where: 'storage', message: '' }));
  expect(made).toBe(2 * first);
});
