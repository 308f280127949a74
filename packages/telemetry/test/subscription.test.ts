import { expect, onTestFinished, test } from 'vitest';
import { openTelemetry, prometheus } from '../src/index.js';
import { subscription } from '../src/subscription.js';
import { isHeard, publish, publishNonsense } from './published.js';

function warnings(): Error[] {
  const heard: Error[] = [];
  const listener = (warning: Error) => {
    if (warning.name === 'ThroughlineTelemetryWarning') heard.push(warning);
  };
  process.on('warning', listener);
  onTestFinished(() => void process.off('warning', listener));
  return heard;
}

test('importing the package listens to nothing', () => {
  expect(isHeard()).toBe(false);
});

test('each output listens from its call until it is disposed of, however often that is done', () => {
  for (const output of [prometheus, openTelemetry]) {
    const first = output();
    const second = output();
    expect(isHeard()).toBe(true);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(isHeard()).toBe(true);
    second[Symbol.dispose]();
    expect(isHeard()).toBe(false);
  }
});

test('what a listener throws ends neither the service nor the process, and is told once', async () => {
  const heard = warnings();
  const uncaught: unknown[] = [];
  const onUncaught = (error: unknown) => void uncaught.push(error);
  process.on('uncaughtException', onUncaught);
  onTestFinished(() => void process.off('uncaughtException', onUncaught));
  using _ = subscription(() => {
    throw new Error('the counter is full');
  });
  for (let count = 0; count < 3; count++) publish({ kind: 'leak', where: 'log', user_id: 'ada' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard.map(({ message }) => message)).toEqual(['An event could not be counted: the counter is full']);
  expect(uncaught).toEqual([]);
});

test('a message on the channel that is none of ours harms nobody', async () => {
  const heard = warnings();
  using page = prometheus();
  for (const message of [undefined, null, 1, 'text', {}, { service: 'x' }, { service: 'x', event: null }]) {
    publishNonsense(message);
  }
  publishNonsense({ service: 'x', event: { kind: 'of the future' } });
  publish({ kind: 'leak', where: 'log', user_id: 'ada' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toHaveLength(1);
  expect(await page.registry.metrics()).toContain('throughline_leaks_total{service="throughline",where="log"} 1');
});
