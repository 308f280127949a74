import { expect, test } from 'vitest';
import { eventMetrics } from '../src/metrics.js';
import { causes } from './causes.js';
import { seriesOf } from './exposition.js';
import { observe } from './observed.js';

test('each metric that events feed has a cause here, and no other has', () => {
  expect(Object.keys(causes).sort()).toEqual(eventMetrics.map(({ name }) => name).sort());
});

test.each(eventMetrics.map(({ name, type }) => ({ name, type })))(
  '$name moves when its cause happens, on both outputs alike',
  async ({ name, type }) => {
    const cause = causes[name];
    const observed = await observe(cause?.options?.());
    const counted = type === 'histogram' ? `${name}_count` : name;
    expect(await observed.value(counted, cause?.labels)).toBe(0);
    await cause?.happen(observed);
    await expect.poll(() => observed.value(counted, cause?.labels)).toBeGreaterThan(0);
    // When the service is closed nothing moves any more, and the two can be compared.
    await observed.service.close();
    const prometheus = seriesOf(await observed.page());
    const others = seriesOf(await observed.sdk.page());
    expect(others.size).toBeGreaterThan(0);
    for (const [series, value] of others) expect(prometheus.get(series), series).toBeCloseTo(value, 9);
    for (const [series, value] of prometheus) expect(others.get(series) ?? 0, series).toBeCloseTo(value, 9);
  },
);
