// One trace, from the span in which an agent works to the handler of an event in a page.
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { activeTraceparent, openTelemetry } from '@throughline/telemetry';
import { expect, onTestFinished, test } from 'vitest';
import { openPage } from '../src/page.js';
import { startTestService } from '../src/test-service.js';

function startTracing(): InMemorySpanExporter {
  const spans = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  onTestFinished(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  return spans;
}

test('a handler in a page continues the trace of the agent, and so does what it reads after a cut', async () => {
  const spans = startTracing();
  using _ = openTelemetry();
  await using service = await startTestService({ traceparent: activeTraceparent });
  const page = openPage({ url: service.url, user: 'ada' });
  let shown = 0;
  page.client.on('event', (event) => {
    const agent = propagation.extract(ROOT_CONTEXT, { traceparent: event.traceparent });
    trace.getTracer('page').startActiveSpan(`show ${event.type}`, {}, agent, (span) => span.end());
    shown += 1;
  });
  await page.live();
  const manager = await service.managerOf('ada');
  await trace.getTracer('agent').startActiveSpan('answer', async (span) => {
    await manager.run({ agent_name: 'answerer', thread_id: 't-1' }, async (run) => {
      await run.thinking({ reasoning: 'Before the cut.' });
      service.cutNewest('reset');
      await run.send('acme.note', 'After the cut.');
    });
    span.end();
  });
  await page.until(() => shown === 4);
  const finished = spans.getFinishedSpans();
  const agent = finished.find(({ name }) => name === 'answer')?.spanContext();
  const children = finished.filter(({ name }) => name !== 'answer');
  expect(children.map(({ name }) => name).sort()).toEqual([
    'run answerer',
    'show acme.note',
    'show agent_completed',
    'show agent_started',
    'show agent_thinking',
  ]);
  for (const child of children) {
    expect(child.parentSpanContext?.spanId).toBe(agent?.spanId);
    expect(child.spanContext().traceId).toBe(agent?.traceId);
  }
});
