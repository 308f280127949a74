// From single runs to verdicts, and to what is kept of them.
import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { bars, lines } from '../src/report/charts.js';
import { machine } from '../src/report/machine.js';
import { type Results, resultsSchema } from '../src/report/results.js';
import { aimsOf, growthOf, measurementOf } from '../src/report/summary.js';
import { aimsTable, growthTable, scenarioTable } from '../src/report/table.js';
import type { Scenario } from '../src/scenarios/scenario.js';

const scenario: Scenario = {
  name: 'example',
  title: 'An example',
  counts: 'users',
  sizes: [1, 2, 4, 8],
  size: 4,
  quickSizes: [1, 2, 4, 8],
  metrics: { cpu: { title: 'CPU', unit: 'µs', digits: 2 }, share: { title: 'share', unit: '', digits: 1 } },
  primary: 'cpu',
  aims: [
    { metric: 'cpu', against: 'ws', atMost: 0.5 },
    { metric: 'cpu', against: 'socket.io', atMost: 0.5 },
    { metric: 'share', atMost: 1.1 },
  ],
  growth: { title: 'CPU of all', of: (figures, size) => (figures['cpu'] ?? Number.NaN) * size },
  takesPart: () => true,
  measure: () => Promise.reject(new Error('nothing is measured here')),
};

const measured = (peer: string, size: number, ...cpu: number[]) =>
  measurementOf(
    scenario,
    peer,
    size,
    cpu.map((value) => ({ cpu: value, share: 1 })),
  );

const measurements = [
  ...[1, 2, 4, 8].map((size) => measured('throughline', size, 2, 3, 40)),
  ...[1, 2, 4, 8].map((size) => measured('ws', size, 10 * size)),
];
const growth = growthOf(scenario, measurements);
const aims = aimsOf(scenario, 4, measurements);

const results: Results = {
  date: new Date(0).toISOString(),
  commit: 'abc',
  machine: { before: machine(), after: machine() },
  versions: { ws: '1.2.3' },
  settings: { seconds: 10, rounds: 3, quick: false, tls: false },
  measurements,
  growth,
  aims,
};

const validate = new Ajv().compile(resultsSchema);

describe('results', () => {
  test('a median with its spread, and runs that failed are counted apart', () => {
    expect(measurements[0]?.figures['cpu']).toEqual({ median: 3, least: 2, most: 40 });
    const half = measurementOf(scenario, 'ws', 4, [{ failure: 'u1: lost\n at x' }, { cpu: 1, share: 1 }]);
    expect(half).toMatchObject({ rounds: 1, failures: ['u1: lost'] });
    expect(measurementOf(scenario, 'ws', 4, [{ failure: 'no' }])).toMatchObject({ rounds: 0, figures: {} });
  });

  test('growth above 1.15 is flagged', () => {
    expect(growth).toEqual([
      expect.objectContaining({ peer: 'throughline', exponent: 1, flagged: false }),
      expect.objectContaining({ peer: 'ws', exponent: 2, flagged: true, values: [10, 40, 160, 640] }),
    ]);
  });

  test('aims are met, missed, or were not measured', () => {
    expect(aims).toEqual([
      expect.objectContaining({ against: 'ws', ratio: 0.075, met: true }),
      expect.objectContaining({ against: 'socket.io', ratio: null, met: false }),
      expect.objectContaining({ against: null, ratio: 1, met: true }),
    ]);
    expect(aimsOf(scenario, 1, measurements)[0]).toMatchObject({ ratio: 0.3, met: true });
    expect(
      aimsOf({ ...scenario, aims: [{ metric: 'cpu', against: 'ws', atMost: 0.2 }] }, 1, measurements)[0],
    ).toMatchObject({
      met: false,
    });
  });

  test('follow their schema, and nothing else does', () => {
    expect(validate(JSON.parse(JSON.stringify(results))), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...results, commit: undefined })).toBe(false);
    expect(validate({ ...results, measurements: [{ ...measurements[0], figures: { cpu: 3 } }] })).toBe(false);
    expect(validate({ ...results, more: 1 })).toBe(false);
  });

  test('those that are kept follow it too', () => {
    const kept = new URL('../results/latest.json', import.meta.url);
    expect(existsSync(kept)).toBe(true);
    expect(validate(JSON.parse(readFileSync(kept, 'utf8'))), JSON.stringify(validate.errors)).toBe(true);
  });
});

describe('reports', () => {
  test('tables name every peer, ratio and verdict', () => {
    const table = scenarioTable(scenario, 4, measurements);
    expect(table).toContain('An example (4 users)');
    expect(table).toMatch(/Throughline\s+3\.00\s+2\.00–40\.00\s+0\.07×/);
    expect(table).toMatch(/plain ws\s+40\.00\s+40\.00–40\.00\s+1\.00×/);
    expect(aimsTable(aims)).toMatch(/example: cpu\s+ws\s+≤ 0\.5×\s+0\.075×\s+met/);
    expect(growthTable(growth, [scenario])).toMatch(/ws\s+1 2 4 8\s+10\.0 40\.0 160 640\s+2\.00\s+above 1\.15/);
    const failed = measurementOf(scenario, 'ws', 4, [{ failure: 'u7: event 3 instead of 2' }]);
    expect(scenarioTable(scenario, 4, [failed])).toContain('ws: u7: event 3 instead of 2');
  });

  test('charts are SVG that names the peers', () => {
    for (const svg of [bars(scenario, 4, measurements), lines(scenario, growth)]) {
      expect(svg).toMatch(/^<svg /);
      expect(svg).toContain('Throughline');
      expect(svg).toContain('plain ws');
    }
  });
});
