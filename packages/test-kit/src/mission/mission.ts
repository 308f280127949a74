// Makes the checks, and always comes home: bounded in time and in connections, and nothing is left open.
import type { Check, Stage } from './check.js';
import { checks } from './checks.js';
import { beginJourney, type Journey } from './journey.js';
import { type CheckResult, cleaned, type MissionReport } from './report.js';
import { type Settings, shownUrl } from './settings.js';
import { isNotChecked } from './verdict.js';

export interface MissionPorts {
  /** Milliseconds that only grow. */
  now(): number;
  today(): Date;
}

/** What a mission comes to: a report, or why there is none. */
export type Outcome = { readonly report: MissionReport } | { readonly unreachable: string };

export async function runMission(settings: Settings, { now, today }: MissionPorts): Promise<Outcome> {
  const journey = beginJourney(settings, now);
  const started_at = today().toISOString();
  try {
    const unreachable = await reach(journey);
    if (unreachable !== undefined) return { unreachable };
    const results = new Map<string, CheckResult>();
    for (const stage of ['arrival', 'stay', 'departure'] as const) {
      const due = checks.filter((check) => check.stage === stage);
      const hasArrived = [...results.values()].every(({ name, status }) => name !== 'arrival' || status === 'passed');
      const made = hasArrived
        ? await Promise.all(due.map((check) => make(check, journey)))
        : due.map((check) => left(check, stage));
      for (const result of made) results.set(result.name, result);
    }
    return { report: reportOf(results, journey, started_at) };
  } finally {
    await journey.visits.end();
  }
}

/** Whether anybody answers, whatever they say. */
async function reach({ visits }: Journey): Promise<string | undefined> {
  const client = visits.open('nobody');
  visits.expectEnd(client);
  try {
    await client.answered();
    return undefined;
  } catch (error) {
    return client.ending?.reason || (error as Error).message;
  }
}

async function make(check: Check, journey: Journey): Promise<CheckResult> {
  const { name, why } = check;
  if (journey.settings.skip.includes(name))
    return { name, why, status: 'skipped', detail: 'By --skip.', duration_ms: 0 };
  const { clock, tokens } = journey;
  const begun = clock.elapsed();
  const result = (status: CheckResult['status'], detail?: string): CheckResult => ({
    name,
    why,
    status,
    ...(detail !== undefined && { detail: cleaned(detail, tokens) }),
    duration_ms: clock.elapsed() - begun,
  });
  try {
    return result('passed', await check.run(journey));
  } catch (error) {
    // Whatever is thrown is a failure, a fault of the check too: nothing passes because it could not be judged.
    return result(isNotChecked(error) ? 'skipped' : 'failed', error instanceof Error ? error.message : String(error));
  }
}

function left({ name, why }: Check, stage: Stage): CheckResult {
  return { name, why, status: 'skipped', detail: `There is no ${stage} without the arrival.`, duration_ms: 0 };
}

function reportOf(results: ReadonlyMap<string, CheckResult>, journey: Journey, started_at: string): MissionReport {
  const { settings, measures, visits, clock } = journey;
  const made = checks.flatMap(({ name }) => results.get(name) ?? []);
  return {
    version: 1,
    url: shownUrl(settings.url),
    started_at,
    duration_ms: clock.elapsed(),
    verdict: made.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
    connections: visits.all.length,
    checks: made,
    measures: Object.fromEntries(measures),
  };
}
