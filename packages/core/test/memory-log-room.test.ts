// What a memory log lets go of: what is too old, and what makes room for others.
import { expect, test } from 'vitest';
import type { NewEntry, UserLog } from '../src/log.js';
import { type MemoryLogOptions, memoryLog } from '../src/memory-log.js';
import { ada, aside, entryOf, said } from './agent-events.js';
import { fakeScheduler } from './fake-scheduler.js';

const minute = 60_000;
const hour = 60 * minute;

function makeStore(options: MemoryLogOptions) {
  const scheduler = fakeScheduler();
  const store = memoryLog(options, scheduler);
  return { scheduler, open: (user_id = 'ada') => store.open({ ...ada, user_id }) as UserLog };
}

test.each([
  ['half an hour', 30 * minute, 'x'],
  ['half an hour, and long', 30 * minute, 'x'.repeat(3_000)],
  ['five minutes', 5 * minute, 'x'],
  ['twenty seconds', minute / 3, 'x'],
])('S7: what is said every %s is kept for maxAgeMs, and for two minutes more at most', (_, everyMs, text) => {
  const { scheduler, open } = makeStore({ maxAgeMs: hour });
  const log = open();
  const saidAt: number[] = [];
  for (let until = scheduler.now() + 12 * hour; scheduler.now() < until; ) {
    void log.append([entryOf(aside(text))]);
    saidAt.push(scheduler.now());
    for (let waited = 0; waited < everyMs; waited += minute / 3) {
      scheduler.advance(minute / 3);
      const [dropped, oldest] = [saidAt[log.floor - 1], saidAt[log.floor]];
      if (dropped !== undefined) expect(scheduler.now() - dropped).toBeGreaterThan(hour);
      if (oldest !== undefined) expect(scheduler.now() - oldest).toBeLessThanOrEqual(hour + 2 * minute);
    }
  }
  expect(log.floor).toBeGreaterThan(0);
});

test('a log that is emptied to make room for others forgets its runs, and keeps those that have not ended', () => {
  const { open } = makeStore({ bytesInAll: 60_000 });
  const idle = open('idle');
  const busy = open('busy');
  busy.subscribe({ wake: () => {} });
  const fill = (log: UserLog, entry: NewEntry) => log.append([{ ...entry, key: log.key }]);
  const started = entryOf(said('agent_started', 'r', 1, {}));
  for (const entry of [started, entryOf(said('agent_completed', 'r', 2, {}))]) void fill(idle, entry);
  for (let count = 0; count < 400; count++) void fill(busy, entryOf(aside('x'.repeat(200))));
  expect(idle.floor).toBe(idle.head);
  expect(idle.find('r', 1)).toEqual({ state: 'unknown' });
  expect(fill(idle, started)).toMatchObject({ offset: 3 });
});
