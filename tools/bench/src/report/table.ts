// Results as text, for the terminal.
import { peers } from '../peers/all.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { AimVerdict, Growth, Measurement } from './results.js';
import { mostExponent } from './statistics.js';

const titleOf = (name: string) => peers.find((peer) => peer.name === name)?.title ?? name;

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return rows.map(line).join('\n');
}

/** All peers at one size: medians, for the primary metric with spread, and its ratio to plain `ws`. */
export function scenarioTable(scenario: Scenario, size: number, all: readonly Measurement[]): string {
  const measured = all.filter((one) => one.scenario === scenario.name && one.size === size);
  const primary = scenario.metrics[scenario.primary];
  const reference = measured.find(({ peer }) => peer === 'ws') ?? measured.find(({ peer }) => peer !== 'throughline');
  const base = reference?.figures[scenario.primary]?.median ?? Number.NaN;
  const others = Object.entries(scenario.metrics).filter(([name]) => name !== scenario.primary);
  const unit = (metric: { readonly title: string; readonly unit: string } | undefined) =>
    metric?.unit ? `${metric.title}, ${metric.unit}` : (metric?.title ?? '');
  const head = ['', unit(primary), 'least–most', `to ${reference?.peer ?? 'nobody'}`];
  const rows = measured.map(({ peer, figures, failures }) => {
    const spread = figures[scenario.primary];
    const digits = primary?.digits ?? 2;
    const cells = spread
      ? [
          spread.median.toFixed(digits),
          `${spread.least.toFixed(digits)}–${spread.most.toFixed(digits)}`,
          `${(spread.median / base).toFixed(2)}×`,
        ]
      : ['failed', '', ''];
    const more = others.map(([name, metric]) => figures[name]?.median.toFixed(metric.digits) ?? '');
    return { row: [titleOf(peer), ...cells, ...more], failures: failures.map((failure) => `  ${peer}: ${failure}`) };
  });
  return [
    `\n${scenario.title} (${size} ${scenario.counts})`,
    columns([[...head, ...others.map(([, metric]) => unit(metric))], ...rows.map(({ row }) => row)]),
    ...rows.flatMap(({ failures }) => failures),
  ].join('\n');
}

export function growthTable(growth: readonly Growth[], scenarios: readonly Scenario[]): string {
  const rows = growth.map(({ scenario, peer, sizes, values, exponent, flagged }) => [
    `${scenario}: ${scenarios.find(({ name }) => name === scenario)?.growth.title ?? ''}`,
    peer,
    sizes.join(' '),
    values.map((value) => value.toPrecision(3)).join(' '),
    exponent === null ? 'none' : exponent.toFixed(2),
    flagged ? `above ${mostExponent}` : '',
  ]);
  return `\nGrowth\n${columns([['scenario', 'peer', 'sizes', 'values', 'exponent', ''], ...rows])}`;
}

export function aimsTable(aims: readonly AimVerdict[]): string {
  const rows = aims.map(({ scenario, metric, against, atMost, ratio, met }) => [
    `${scenario}: ${metric}`,
    against ?? '',
    `≤ ${atMost}×`,
    ratio === null ? 'not measured' : `${ratio.toFixed(3)}×`,
    ratio === null ? '' : met ? 'met' : 'MISSED',
  ]);
  return `\nAims\n${columns([['of Throughline', 'against', 'aim', 'measured', ''], ...rows])}`;
}
