// From the figures of single runs to what is reported: spread, growth, aims.
import type { Figures, Scenario } from '../scenarios/scenario.js';
import type { AimVerdict, Growth, Measurement, Spread } from './results.js';
import { fittedExponent, median, mostExponent } from './statistics.js';

/** A run: its figures, or why it has none. */
export type Outcome = Figures | { readonly failure: string };

export const hasFailed = (outcome: Outcome): outcome is { readonly failure: string } => 'failure' in outcome;

/** Five digits say more than any machine repeats. */
const rounded = (value: number) => Number(value.toPrecision(5));

function spreadOf(values: readonly number[]): Spread {
  return { median: rounded(median(values)), least: rounded(Math.min(...values)), most: rounded(Math.max(...values)) };
}

/** Brings the rounds of one peer at one size together. */
export function measurementOf(
  scenario: Scenario,
  peer: string,
  size: number,
  outcomes: readonly Outcome[],
): Measurement {
  const sound = outcomes.filter((outcome) => !hasFailed(outcome)) as Figures[];
  const figures: Record<string, Spread> = {};
  if (sound.length > 0) {
    for (const metric of Object.keys(scenario.metrics)) {
      const values = sound.map((one) => one[metric] as number);
      if (values.every(Number.isFinite)) figures[metric] = spreadOf(values);
    }
  }
  // The first line: where in the code it was found says nothing about the peer.
  const failures = outcomes.filter(hasFailed).map(({ failure }) => failure.split('\n')[0] ?? 'unknown');
  return { scenario: scenario.name, peer, size, rounds: sound.length, figures, failures };
}

const ofScenario = (measurements: readonly Measurement[], { name }: Scenario) =>
  measurements.filter(({ scenario }) => scenario === name);

/** How cost grows, of each peer that was measured at two sizes or more. */
export function growthOf(scenario: Scenario, measurements: readonly Measurement[]): Growth[] {
  const ours = ofScenario(measurements, scenario);
  const growth: Growth[] = [];
  for (const peer of new Set(ours.map((one) => one.peer))) {
    const points = ours
      .filter((one) => one.peer === peer)
      .toSorted((a, b) => a.size - b.size)
      .map(({ size, figures }) => {
        const medians = Object.fromEntries(Object.entries(figures).map(([name, spread]) => [name, spread.median]));
        return { size, value: scenario.growth.of(medians, size) };
      })
      .filter(({ value }) => Number.isFinite(value));
    if (points.length < 2) continue;
    const exponent = fittedExponent(points);
    growth.push({
      scenario: scenario.name,
      peer,
      sizes: points.map(({ size }) => size),
      values: points.map(({ value }) => rounded(value)),
      exponent: Number.isFinite(exponent) ? rounded(exponent) : null,
      flagged: exponent > mostExponent,
    });
  }
  return growth;
}

/** What became of the aims of a scenario, at the size that is compared. */
export function aimsOf(scenario: Scenario, size: number, measurements: readonly Measurement[]): AimVerdict[] {
  const figure = (peer: string, metric: string) =>
    ofScenario(measurements, scenario).find((one) => one.peer === peer && one.size === size)?.figures[metric]?.median;
  return scenario.aims.map(({ metric, against, atMost }) => {
    const ours = figure('throughline', metric);
    const theirs = against === undefined ? 1 : figure(against, metric);
    const ratio = ours === undefined || theirs === undefined || theirs === 0 ? null : rounded(ours / theirs);
    const met = ratio !== null && ratio <= atMost;
    return { scenario: scenario.name, metric, against: against ?? null, atMost, ratio, met };
  });
}
