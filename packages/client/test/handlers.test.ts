import type { AgentCompletedData, AgentEvent, CustomEvent } from '@throughline/events';
import { afterEach, expect, expectTypeOf, test, vi } from 'vitest';
import type { ClientError } from '../src/errors.js';
import { createHandlers } from '../src/handlers.js';
import type { Reset } from '../src/reader.js';
import type { Status } from '../src/status.js';
import { event } from './script.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test('an event reaches the handlers of its type, then those of every event', () => {
  const { on, deliver } = createHandlers();
  const heard: string[] = [];
  on('event', ({ type }) => heard.push(`event ${type}`));
  on('partial_result', ({ data }) => heard.push(data.text));
  on('acme.invoice_ready', () => heard.push('invoice'));
  deliver(event(1, 1, 'partial_result', { text: 'a' }));
  deliver(event(2, 0, 'acme.invoice_ready', {}));
  expect(heard).toEqual(['a', 'event partial_result', 'invoice', 'event acme.invoice_ready']);
});

test('each type gives its own shape', () => {
  const { on } = createHandlers();
  on('agent_completed', (one) => expectTypeOf(one.data).toEqualTypeOf<Readonly<AgentCompletedData>>());
  on('tool_executing', (one) => expectTypeOf(one.data.tool_call_id).toEqualTypeOf<string>());
  on('acme.invoice_ready', (one) => {
    expectTypeOf(one).toExtend<CustomEvent>();
    expectTypeOf(one.type).toEqualTypeOf<'acme.invoice_ready'>();
  });
  on('event', (one) => expectTypeOf(one).toEqualTypeOf<AgentEvent>());
  on('status', (one) => expectTypeOf(one).toEqualTypeOf<Status>());
  on('reset', (one) => expectTypeOf(one).toEqualTypeOf<Reset>());
  on('fault', (one) => expectTypeOf(one).toEqualTypeOf<ClientError>());
  // @ts-expect-error: neither a type of event nor an occasion
  on('agent_startde', () => {});
});

test('a handler can be taken off, each registration alone', () => {
  const { on, emit } = createHandlers();
  let heard = 0;
  const handler = () => heard++;
  const off = on('status', handler);
  on('status', handler);
  off();
  off();
  emit('status', { state: 'live' });
  expect(heard).toBe(1);
});

test('handlers may come and go while they are called', () => {
  const { on, emit } = createHandlers();
  const heard: string[] = [];
  const off = on('status', () => {
    heard.push('first');
    off();
    on('status', () => heard.push('late'));
  });
  on('status', () => heard.push('second'));
  emit('status', { state: 'live' });
  expect(heard).toEqual(['first', 'second']);
  emit('status', { state: 'live' });
  expect(heard).toEqual(['first', 'second', 'second', 'late']);
});

test('a handler that throws, or rejects, keeps nothing from the others and becomes a fault', async () => {
  const { on, deliver } = createHandlers();
  const faults: ClientError[] = [];
  const heard: number[] = [];
  const mishap = new Error('mishap');
  on('fault', (fault) => faults.push(fault));
  on('partial_result', () => {
    throw mishap;
  });
  on('partial_result', () => Promise.reject(mishap));
  on('partial_result', ({ offset }) => heard.push(offset));
  deliver(event(1, 1, 'partial_result', { text: 'a' }));
  await vi.waitFor(() => expect(faults).toHaveLength(2));
  expect(heard).toEqual([1]);
  for (const fault of faults) expect(fault).toMatchObject({ code: 'HANDLER_THREW', cause: mishap });
});

test('a handler of faults that throws does not call itself for ever', () => {
  const { on, emit } = createHandlers();
  let heard = 0;
  on('fault', () => {
    heard++;
    throw new Error('mishap');
  });
  on('status', () => {
    throw new Error('mishap');
  });
  emit('status', { state: 'live' });
  expect(heard).toBe(1);
});

test('a fault that nobody listens for is shown', () => {
  const shown = vi.spyOn(console, 'error').mockImplementation(() => {});
  const { on, emit } = createHandlers();
  on('status', () => {
    throw new Error('mishap');
  });
  emit('status', { state: 'live' });
  expect(shown).toHaveBeenCalledWith(expect.objectContaining({ code: 'HANDLER_THREW' }));
});

test.each(['fault', 'status', 'reset', 'event'])(
  'an event that calls itself %s reaches the handlers of events only',
  (type) => {
    const { on, deliver } = createHandlers();
    const heard: unknown[] = [];
    for (const occasion of ['fault', 'status', 'reset'] as const) on(occasion, (value) => heard.push(value));
    on('event', () => heard.push('event'));
    deliver(event(1, 1, type, {}));
    expect(heard).toEqual(['event']);
  },
);
