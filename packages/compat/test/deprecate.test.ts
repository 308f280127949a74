import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, onTestFinished, test } from 'vitest';
import { countedLines, deprecate } from '../src/deprecate.js';
import { type UsageEvent, usageChannel } from '../src/usage.js';

function shim(): void {
  deprecate('TL_DEP0016', shim);
}

function published(): readonly UsageEvent[] {
  process.noDeprecation = true;
  const events: UsageEvent[] = [];
  const listen = (event: unknown) => void events.push(event as UsageEvent);
  subscribe(usageChannel, listen);
  onTestFinished(() => void unsubscribe(usageChannel, listen));
  return events;
}

test('S13 a use is told with its line and nothing else, the first hundred one by one, then each hundredth', () => {
  const events = published();
  for (let call = 1; call <= 250; call += 1) shim();
  expect(events.map(({ calls }) => calls)).toEqual([...Array.from({ length: 100 }, (_, index) => index + 1), 200]);
  expect(events[0]).toEqual({
    kind: 'shim_used',
    code: 'TL_DEP0016',
    symbol: 'sendToUser',
    file: import.meta.filename,
    line: expect.any(Number),
    calls: 1,
  });
  expect(countedLines().find(({ file }) => file === import.meta.filename)?.calls).toBe(250);
});

test('S13 another line is told from its first use on', () => {
  const events = published();
  shim();
  shim();
  expect(events.map(({ calls }) => calls)).toEqual([1, 1]);
  expect(events[1]?.line).toBe((events[0]?.line ?? 0) + 1);
});
