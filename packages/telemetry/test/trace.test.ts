import { propagation, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { activeTraceparent } from '../src/index.js';
import { observe } from './observed.js';
import type { Frame, Peer } from './peer.js';
import { registerSdk } from './sdk.js';

const place = { agent_name: 'researcher', thread_id: 't-1' };

/** What the README tells a page to do with an event: go on where the agent was. */
function showAnswer(event: Frame): void {
  const agent = propagation.extract(ROOT_CONTEXT, { traceparent: event['traceparent'] });
  trace.getTracer('page').startActiveSpan('show answer', {}, agent, (span) => span.end());
}

async function within<T>(name: string, work: (span: Span) => Promise<T>): Promise<T> {
  return trace.getTracer('agent').startActiveSpan(name, async (span) => {
    try {
      return await work(span);
    } finally {
      span.end();
    }
  });
}

async function handleNext(peer: Peer, type: string): Promise<Frame> {
  const event = await peer.until(type);
  showAnswer(event);
  return event;
}

test('a trace goes on from the span of the agent, through its run and the socket, to the handler of the client', async () => {
  const { enter, managerOf, sdk } = await observe({ traceparent: activeTraceparent });
  registerSdk(sdk);
  const peer = await enter('ada');
  const manager = await managerOf('ada');
  await within('answer a question', () =>
    manager.run(place, async (run) => {
      // In a span of its own: what an event carries is the context in which its run began.
      await within('think', () => run.thinking({ reasoning: 'Somebody is there.' }));
      run.text('Hello');
    }),
  );
  for (const type of ['agent_started', 'agent_thinking', 'partial_result', 'agent_completed']) {
    expect((await handleNext(peer, type))['traceparent'], type).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  }
  const spans = sdk.spans();
  const agent = spans.find(({ name }) => name === 'answer a question');
  const children = spans.filter(({ name }) => name === 'run researcher' || name === 'show answer');
  expect(children).toHaveLength(5);
  for (const { parentSpanContext, spanContext } of children.map((span) => ({
    ...span,
    spanContext: span.spanContext(),
  }))) {
    expect(parentSpanContext?.spanId).toBe(agent?.spanContext().spanId);
    expect(spanContext.traceId).toBe(agent?.spanContext().traceId);
  }
});

test('an event outside a run carries the context in which it was sent', async () => {
  const { enter, managerOf, sdk } = await observe({ traceparent: activeTraceparent });
  registerSdk(sdk);
  const peer = await enter('ada');
  const manager = await managerOf('ada');
  await within('nightly report', () => manager.send('acme.report', { rows: 3 }, { thread_id: 't-1' }));
  await handleNext(peer, 'acme.report');
  const [report, shown] = ['nightly report', 'show answer'].map((name) =>
    sdk.spans().find((span) => span.name === name),
  );
  expect(shown?.parentSpanContext?.spanId).toBe(report?.spanContext().spanId);
});

test('without a span there is nothing to carry, and the run is a trace of its own', async () => {
  const { enter, managerOf, sdk } = await observe({ traceparent: activeTraceparent });
  registerSdk(sdk);
  const peer = await enter('ada');
  await (await managerOf('ada')).run(place, () => Promise.resolve());
  expect(await handleNext(peer, 'agent_completed')).not.toHaveProperty('traceparent');
  expect(sdk.spans().map(({ name, parentSpanContext }) => [name, parentSpanContext])).toEqual([
    ['run researcher', undefined],
    ['show answer', undefined],
  ]);
});

test('a run is a child of the span it was begun in even where events carry no context', async () => {
  const { enter, managerOf, sdk } = await observe();
  registerSdk(sdk);
  const peer = await enter('ada');
  const manager = await managerOf('ada');
  await within('answer a question', () => manager.run(place, () => Promise.resolve()));
  expect(await peer.until('agent_completed')).not.toHaveProperty('traceparent');
  const [run, agent] = ['run researcher', 'answer a question'].map((name) =>
    sdk.spans().find((span) => span.name === name),
  );
  expect(run?.parentSpanContext?.spanId).toBe(agent?.spanContext().spanId);
});

test('a run that was given a context of its own is a child of that', async () => {
  const { managerOf, sdk } = await observe({ traceparent: activeTraceparent });
  registerSdk(sdk);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const manager = await managerOf('ada');
  await within('a worker', () => manager.run({ ...place, traceparent }, () => Promise.resolve()));
  const run = sdk.spans().find(({ name }) => name === 'run researcher');
  expect(run?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
});
