import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { activeTraceparent } from '../src/index.js';
import { contextOf } from '../src/traceparent.js';
import { registerSdk, startSdk } from './sdk.js';

test('without an SDK, and without an active span, there is no traceparent', () => {
  expect(activeTraceparent()).toBeUndefined();
  registerSdk(startSdk());
  expect(activeTraceparent()).toBeUndefined();
});

test('it is what the propagator of OpenTelemetry writes, and what it reads', async () => {
  const sdk = startSdk();
  registerSdk(sdk);
  await sdk.providers.tracerProvider.getTracer('test').startActiveSpan('agent', async (span) => {
    // The active span is found behind an await, as it is in an agent.
    await new Promise((resolve) => setImmediate(resolve));
    const carrier: Record<string, string> = {};
    propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
    expect(activeTraceparent()).toBe(carrier['traceparent']);
    const read = trace.getSpanContext(contextOf(activeTraceparent()));
    expect(read).toEqual({ ...trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrier)), isRemote: true });
    span.end();
  });
});

test.each([
  '',
  'nonsense',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
])('%s stands for no context', (text) => {
  expect(contextOf(text)).toBe(ROOT_CONTEXT);
});
