import type { AgentEvent } from '@throughline/events';
import { expect, test } from 'vitest';
import { createHandlers } from '../src/handlers.js';
import { createRunStore, fold, noRuns, type RunStoreOptions } from '../src/store.js';
import { at, event, wholeRun } from './script.js';

function setUp(options?: RunStoreOptions) {
  const { on, deliver, emit } = createHandlers();
  const store = createRunStore({ on }, options);
  return {
    store,
    emit,
    give: (events: readonly AgentEvent[]) => events.forEach(deliver),
    runIds: () => [...store.getSnapshot().runs.keys()],
  };
}

test('it holds what the pure fold would', () => {
  const { store, give } = setUp();
  const events = [...wholeRun(['a', 'b']), ...wholeRun(['c'], 'r-2', 100), event(200, 0, 'acme.invoice_ready', {})];
  give(events);
  expect(store.getSnapshot()).toEqual(events.reduce<typeof noRuns>((state, one) => fold(state, one), noRuns));
});

test('a snapshot stays the same object until something changes, and then stays as it was', () => {
  const { store, give } = setUp();
  const empty = store.getSnapshot();
  expect(store.getSnapshot()).toBe(empty);
  const events = wholeRun(['a', 'b']);
  give(events.slice(0, 6));
  const first = store.getSnapshot();
  expect(first).not.toBe(empty);
  expect(store.getSnapshot()).toBe(first);
  const copy = structuredClone(first);
  give(events.slice(0, 6));
  give([event(200, 0, 'acme.invoice_ready', {})]);
  expect(store.getSnapshot()).toBe(first);
  give(events.slice(6));
  expect(store.getSnapshot()).not.toBe(first);
  expect(first).toEqual(copy);
  expect(empty.runs.size).toBe(0);
});

test('a run that an event does not touch keeps its identity', () => {
  const { store, give } = setUp();
  give([...wholeRun(['a']), ...wholeRun(['b'], 'r-2', 100).slice(0, 3)]);
  const before = store.getSnapshot().runs.get('r-1');
  give(wholeRun(['b'], 'r-2', 100).slice(3));
  expect(store.getSnapshot().runs.get('r-1')).toBe(before);
});

test('listeners are called for each change, and only for changes', () => {
  const { store, give } = setUp();
  const texts: (string | undefined)[] = [];
  const listener = () => texts.push(store.getSnapshot().runs.get('r-1')?.text);
  const unsubscribe = store.subscribe(listener);
  const other = store.subscribe(listener);
  other();
  const events = wholeRun(['a', 'b']);
  give(events.slice(0, 7));
  give(events.slice(0, 7));
  expect(texts).toEqual(['', '', '', '', '', 'a', 'ab']);
  unsubscribe();
  give(events);
  expect(texts).toHaveLength(7);
});

test('a reset empties it', () => {
  const { store, give, emit, runIds } = setUp();
  give(wholeRun(['a']));
  let told = 0;
  store.subscribe(() => told++);
  emit('reset', { cause: 'unknown_epoch', position: at(0, 'other') });
  expect(runIds()).toEqual([]);
  expect(told).toBe(1);
  give(wholeRun(['b']));
  expect(store.getSnapshot().runs.get('r-1')?.text).toBe('b');
});

test('of the runs that have ended the oldest are let go; those that run stay', () => {
  const { give, emit, runIds } = setUp({ endedRuns: 2 });
  give(wholeRun(['a'], 'running', 0).slice(0, 3));
  for (let run = 1; run <= 4; run++) give(wholeRun(['a'], `r-${run}`, run * 100));
  expect(runIds()).toEqual(['running', 'r-3', 'r-4']);
  give(wholeRun(['a'], 'running', 0));
  expect(runIds()).toEqual(['r-3', 'r-4']);
  emit('reset', { cause: 'lagged', position: at(0) });
  for (let run = 5; run <= 7; run++) give(wholeRun(['a'], `r-${run}`, run * 100));
  expect(runIds()).toEqual(['r-6', 'r-7']);
});

test('unless told otherwise a hundred are kept', () => {
  const { give, runIds } = setUp();
  for (let run = 0; run < 150; run++) give(wholeRun([], `r-${run}`, run * 100));
  expect(runIds()).toHaveLength(100);
  expect(runIds()[0]).toBe('r-50');
});

test('disposed it changes no more', () => {
  const { store, give, emit } = setUp();
  give(wholeRun(['a']));
  const last = store.getSnapshot();
  store.dispose();
  give(wholeRun(['b'], 'r-2', 100));
  emit('reset', { cause: 'lagged', position: at(0) });
  expect(store.getSnapshot()).toBe(last);
});
