import { SpanStatusCode } from '@opentelemetry/api';
import { AlwaysOffSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace-base';
import type { TelemetryEvent } from '@throughline/core';
import { expect, test } from 'vitest';
import { openTelemetry } from '../src/index.js';
import { publish } from './published.js';
import { startSdk } from './sdk.js';

type Ended = Extract<TelemetryEvent, { readonly kind: 'run_ended' }>;

const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = `00-${parent.traceId}-${parent.spanId}-01`;

function start(run_id: string, more: { traceparent?: string; parent_run_id?: string; user_id?: string } = {}): void {
  publish({ kind: 'run_started', run_id, user_id: 'ada', thread_id: 't', agent_name: 'researcher', ...more });
}

function end(run_id: string, more: Partial<Ended> = {}): void {
  const usual = { user_id: 'ada', agent_name: 'researcher', outcome: 'succeeded', duration_ms: 5, events: 7 } as const;
  publish({ kind: 'run_ended', run_id, ...usual, ...more });
}

test('a span per run: child of the span it was begun in, with its agent and its outcome', () => {
  const sdk = startSdk();
  using _ = openTelemetry(sdk.providers);
  start('r-1', { traceparent });
  expect(sdk.spans()).toEqual([]);
  end('r-1');
  const [span, ...others] = sdk.spans();
  expect(others).toEqual([]);
  expect(span?.name).toBe('run researcher');
  expect(span?.parentSpanContext).toMatchObject(parent);
  expect(span?.spanContext().traceId).toBe(parent.traceId);
  expect(span?.status).toEqual({ code: SpanStatusCode.UNSET });
  expect(span?.attributes).toEqual({
    'throughline.service': 'throughline',
    'throughline.agent_name': 'researcher',
    'throughline.outcome': 'succeeded',
    'throughline.events': 7,
  });
});

test.each([
  ['failed', 'AGENT_FAILED', 'AGENT_FAILED'],
  ['interrupted', 'RUN_INTERRUPTED', 'RUN_INTERRUPTED'],
  ['failed', undefined, '_OTHER'],
  // An agent that puts a sentence where a code belongs does not bring it into telemetry.
  ['failed', 'Ada Lovelace has no credit left', '_OTHER'],
  ['failed', 'x'.repeat(65), '_OTHER'],
] as const)('a run that %s with the code %s: status error, %s', (outcome, error_code, expected) => {
  const sdk = startSdk();
  using _ = openTelemetry(sdk.providers);
  start('r-1');
  end('r-1', { outcome, ...(error_code !== undefined && { error_code }) });
  expect(sdk.spans()[0]?.status).toEqual({ code: SpanStatusCode.ERROR, message: expected });
  expect(sdk.spans()[0]?.attributes['error.type']).toBe(expected);
});

test('a run that its user cancelled is no error', () => {
  const sdk = startSdk();
  using _ = openTelemetry(sdk.providers);
  start('r-1');
  end('r-1', { outcome: 'cancelled', error_code: 'RUN_CANCELLED' });
  expect(sdk.spans()[0]?.status).toEqual({ code: SpanStatusCode.UNSET });
  expect(sdk.spans()[0]?.attributes).toMatchObject({ 'throughline.outcome': 'cancelled' });
});

test('ids of runs are in spans only when they are asked for', () => {
  const sdk = startSdk();
  using _ = openTelemetry({ ...sdk.providers, runIds: true });
  start('r-2', { parent_run_id: 'r-1' });
  end('r-2');
  expect(sdk.spans()[0]?.attributes).toMatchObject({
    'throughline.run_id': 'r-2',
    'throughline.parent_run_id': 'r-1',
  });
});

test('runs of the same id, of two users and of two services, have each their span', () => {
  const sdk = startSdk();
  using _ = openTelemetry(sdk.providers);
  start('r-1', { user_id: 'ada' });
  start('r-1', { user_id: 'bob' });
  publish({ kind: 'run_started', run_id: 'r-1', user_id: 'ada', thread_id: 't', agent_name: 'other' }, 'search');
  end('r-1', { user_id: 'bob', outcome: 'cancelled' });
  end('r-1', { user_id: 'ada' });
  expect(sdk.spans().map(({ attributes }) => attributes['throughline.outcome'])).toEqual(['cancelled', 'succeeded']);
});

test('a run that nobody saw begin, and one that began twice, leave no span open', () => {
  const sdk = startSdk();
  const output = openTelemetry(sdk.providers);
  end('r-0');
  start('r-1');
  end('r-0');
  start('r-1');
  end('r-1');
  end('r-1');
  expect(sdk.spans()).toHaveLength(2);
  start('r-2');
  output[Symbol.dispose]();
  expect(sdk.spans()).toHaveLength(3);
});

test('a parent that is not sampled, and a sampler that takes none: no span', () => {
  const sdk = startSdk(new ParentBasedSampler({ root: new AlwaysOffSampler() }));
  using _ = openTelemetry(sdk.providers);
  start('r-1');
  end('r-1');
  start('r-2', { traceparent: traceparent.replace(/01$/, '00') });
  end('r-2');
  expect(sdk.spans()).toEqual([]);
  start('r-3', { traceparent });
  end('r-3');
  expect(sdk.spans()).toHaveLength(1);
});
