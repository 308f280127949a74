// Results as SVG, for the README. ECharts draws into a string, without a browser.
import { mkdirSync, writeFileSync } from 'node:fs';
import { type EChartsCoreOption, init } from 'echarts';
import { peers } from '../peers/all.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { Growth, Measurement, Results } from './results.js';

const width = 720;
const ours = '#0f766e';
const theirs = '#94a3b8';
const background = '#ffffff';
const titleOf = (name: string) => peers.find((peer) => peer.name === name)?.title ?? name;

/** @param title for those who hear a page, and for the linter */
function draw(title: string, height: number, option: EChartsCoreOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, silent: true, backgroundColor: background, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // The style is about a pointer, which a picture does not know.
  return svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>\n?/, '')
    .replace(/^<svg [^>]*>/, (tag) => `${tag}\n<title>${title}</title>`);
}

/** Bars: the primary metric of each peer at one size. */
export function bars(scenario: Scenario, size: number, all: readonly Measurement[]): string {
  const metric = scenario.metrics[scenario.primary];
  // The first of a category axis is at the bottom.
  const measured = all
    .filter(({ figures }) => figures[scenario.primary] !== undefined)
    .filter((one) => one.scenario === scenario.name && one.size === size)
    .toReversed();
  const data = measured.map(({ peer, figures }) => {
    const value = figures[scenario.primary]?.median ?? 0;
    const label = {
      show: true,
      position: 'right',
      formatter: `${value.toFixed(metric?.digits ?? 2)} ${metric?.unit ?? ''}`,
    };
    return { value, label, itemStyle: { color: peer === 'throughline' ? ours : theirs } };
  });
  return draw(scenario.title, 110 + 30 * data.length, {
    title: {
      text: `${scenario.title}`,
      subtext: `${metric?.title ?? ''}, ${size} ${scenario.counts}`,
      textStyle: { fontSize: 14 },
    },
    grid: { left: 150, right: 90, top: 70, bottom: 30 },
    xAxis: { type: 'value', min: 0 },
    yAxis: { type: 'category', data: measured.map(({ peer }) => titleOf(peer)), axisTick: { show: false } },
    series: [{ type: 'bar', data, barMaxWidth: 18 }],
  });
}

/** Lines: how the cost of each peer grows, both axes logarithmic. */
export function lines(scenario: Scenario, growth: readonly Growth[]): string {
  const measured = growth.filter((one) => one.scenario === scenario.name && one.values.every((value) => value > 0));
  return draw(`${scenario.title}: growth`, 340, {
    title: { text: scenario.title, subtext: scenario.growth.title, textStyle: { fontSize: 14 } },
    legend: { bottom: 0, type: 'plain' },
    grid: { left: 80, right: 30, top: 70, bottom: 80 },
    xAxis: { type: 'log', name: scenario.counts, nameLocation: 'middle', nameGap: 25 },
    yAxis: { type: 'log' },
    series: measured.map(({ peer, sizes, values, exponent }) => ({
      type: 'line',
      name: `${titleOf(peer)} (${exponent?.toFixed(2) ?? 'no'})`,
      data: sizes.map((size, index) => [size, values[index] as number]),
    })),
  });
}

/** Writes a chart for each scenario that has figures, and one for each whose growth was measured. */
export function writeCharts(
  folder: URL,
  results: Results,
  sized: readonly { scenario: Scenario; size: number }[],
): void {
  mkdirSync(folder, { recursive: true });
  for (const { scenario, size } of sized) {
    writeFileSync(new URL(`${scenario.name}.svg`, folder), bars(scenario, size, results.measurements));
    if (results.growth.some((one) => one.scenario === scenario.name)) {
      writeFileSync(new URL(`${scenario.name}-growth.svg`, folder), lines(scenario, results.growth));
    }
  }
}
