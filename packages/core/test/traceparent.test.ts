// The trace context that travels with events: what is one is sent along, what is none is left out and harms nothing.
import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceOptions } from '../src/options.js';
import { traceparentOf } from '../src/traceparent.js';
import { place, startManager } from './running-manager.js';
import { turn } from './running-service.js';
import { expectWholeRun } from './stored-events.js';

const good = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const other = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

/** Values that are none, from careless to hostile. */
const wrong: readonly [string, unknown][] = [
  ['nothing', ''],
  ['upper case', good.toUpperCase()],
  ['a trace of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
  ['a parent of zeros', `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`],
  ['the version that is forbidden', `ff${good.slice(2)}`],
  ['more than there is', `${good}-what-the-future-will-be`],
  ['less', good.slice(0, -1)],
  ['a quotation mark, to end the text', `${good}","data":"mine`],
  ['a quotation mark in its place', good.replace('b7-01', 'b"-01')],
  ['a newline behind it', `${good}\n`],
  ['a newline before it', `\n${good}`],
  ['space around it', ` ${good} `],
  ['a NUL', `${good}\0`],
  ['a megabyte', good.padEnd(1_048_576, '0')],
  ['null', null],
  ['a number', 7],
  ['a list of one', [good]],
  ['an object that says so', { toString: () => good }],
  ['a String that is no text', new String(good)],
  ['a promise of one', Promise.resolve(good)],
  ['a rejection', Promise.reject(new Error('no span'))],
];
for (const [, value] of wrong) if (value instanceof Promise) value.catch(() => {});

/** A run with all there is to send, and an event outside it. */
async function sendAll(options: Partial<ServiceOptions>, traceparent?: unknown) {
  const running = await startManager(options);
  const { manager, events } = running;
  const given = traceparent === undefined ? {} : { traceparent: traceparent as string };
  await manager.run({ ...place, run_id: 'r-1', ...given }, async (run) => {
    await run.thinking({ reasoning: 'x' });
    await (await run.toolExecuting({ tool_name: 'sql' })).completed({ results: 1 });
    run.text('a');
    await run.send('acme.note', 1);
  });
  expectWholeRun(events(), 'r-1');
  await manager.send('acme.outside', 1, { thread_id: 't-1' });
  const traces = () => events().map((event) => event.traceparent);
  return { ...running, traces };
}

test('what is a trace context is taken as it is', () => {
  for (const value of [good, other, `01${good.slice(2)}`, `fe${good.slice(2)}`, good.replace(/01$/, 'ff')]) {
    expect(traceparentOf(value)).toBe(value);
  }
  for (const [, value] of wrong) expect(traceparentOf(value)).toBeUndefined();
});

test('whatever is taken needs no escape, in JSON or anywhere', () => {
  const hex = fc.string({
    unit: fc.constantFrom('0', '1', '9', 'a', 'f', 'F', '-', '"', '\\', '\n'),
    minLength: 1,
    maxLength: 33,
  });
  const nearly = fc
    .tuple(fc.constantFrom('00', '01', 'ff', '0'), hex, hex, fc.constantFrom('00', '01', '"'))
    .map((parts) => parts.join('-'));
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string(), fc.constant(good)), (value) => {
      expect(traceparentOf(value) ?? good).toMatch(/^[0-9a-f-]{55}$/);
    }),
    { numRuns: 2_000 },
  );
});

describe('the option traceparent', () => {
  test('goes into every event of a run, from its first to its last, and into events outside one', async () => {
    const { traces, telemetry } = await sendAll({ traceparent: () => good });
    expect(traces()).toEqual(Array(8).fill(good));
    expect(telemetry).toContainEqual(expect.objectContaining({ kind: 'run_started', traceparent: good }));
  });

  test('is asked once at the beginning of a run, in the context that began it, and once for each event outside', async () => {
    const current = new AsyncLocalStorage<string>();
    let asked = 0;
    const traceparent = () => {
      asked += 1;
      return current.getStore();
    };
    const { manager, events } = await startManager({ traceparent });
    const runs = [good, other].map((trace) =>
      current.run(trace, () =>
        manager.run({ ...place, run_id: trace }, async (run) => {
          await turn();
          await current.exit(() => run.thinking({ reasoning: 'elsewhere' }));
          await current.exit(() => run.send('acme.note', 1));
        }),
      ),
    );
    await Promise.all(runs);
    expect(asked).toBe(2);
    expect(events()).toHaveLength(8);
    for (const event of events()) expect(event.traceparent).toBe(event.run_id);
    await current.run(good, () => manager.send('acme.note', 1, { thread_id: 't' }));
    await manager.send('acme.note', 1, { thread_id: 't' });
    expect(
      events()
        .slice(8)
        .map((event) => 'traceparent' in event && event.traceparent),
    ).toEqual([good, false]);
    expect(asked).toBe(4);
  });

  test.each(wrong)('that says %s is left out, and nothing else changes', async (_, value) => {
    const { events, telemetry } = await sendAll({ traceparent: () => value as string });
    expect(events()).toHaveLength(8);
    for (const event of events()) expect(Object.keys(event)).not.toContain('traceparent');
    expect(telemetry.find(({ kind }) => kind === 'run_started')).not.toHaveProperty('traceparent');
  });

  test('R18: that throws stops no work: it is left out, and told as a fault', async () => {
    const traceparent = () => {
      throw new Error('no tracer is set up');
    };
    const { events, telemetry, enter } = await sendAll({ traceparent });
    expect(events()).toHaveLength(8);
    const fault = { kind: 'fault', where: 'traceparent', message: 'no tracer is set up' };
    expect(telemetry.filter(({ kind }) => kind === 'fault')).toEqual([fault, fault]);
    expect(await enter('ada')).toBeDefined();
  });

  test('R17: that is async and rejects ends no process', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => void rejections.push(reason);
    process.on('unhandledRejection', note);
    const traceparent = (async () => {
      throw new Error('no span');
    }) as unknown as () => string;
    const { events, telemetry } = await sendAll({ traceparent });
    await turn();
    process.off('unhandledRejection', note);
    expect([events().length, rejections]).toEqual([8, []]);
    expect(telemetry).toContainEqual({ kind: 'fault', where: 'traceparent', message: 'no span' });
  });
});

describe('RunOptions.traceparent', () => {
  test('goes into the events of that run alone, instead of what the option says', async () => {
    const { traces } = await sendAll({ traceparent: () => good }, other);
    expect(traces()).toEqual([...Array(7).fill(other), good]);
  });

  test.each(wrong)('of %s is left out, and nothing else changes', async (_, value) => {
    const { traces } = await sendAll({}, value);
    expect(traces()).toEqual(Array(8).fill(undefined));
  });
});

test('S9 a trace context moves nothing in the envelope: readers know whom an event is for', async () => {
  const { manager, enter, telemetry } = await startManager({ traceparent: () => good });
  const page = await enter('ada', { threads: ['t-1'] });
  await manager.send('acme.note', { type: 'acme.fake', thread_id: 't-2' }, { thread_id: 't-1' });
  await manager.send('acme.note', 2, { thread_id: 't-2' });
  await manager.run(place, async (run) => {
    run.text('a');
    await run.flushed();
  });
  await page.until('agent_completed');
  const seen = page.frames
    .filter(({ offset }) => offset !== undefined)
    .map((event) => [event.offset, event.traceparent]);
  expect(seen).toEqual([1, 3, 4, 5].map((offset) => [offset, good]));
  expect(telemetry.filter(({ kind }) => kind === 'leak' || kind === 'fault')).toEqual([]);
});
