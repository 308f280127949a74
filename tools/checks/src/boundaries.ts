import { join } from 'node:path';
import { checkBoundaries as check, type FloorPlan, readBaseline, type Violation } from '@throughline/boundaries';
import { FLOOR_PLAN } from './floor-plan.js';
import { type StepOutcome, verdict } from './step.js';
import { entriesOf, readPublishedPackages } from './workspaces.js';

/** What may stay until `@throughline/compat` goes: its own shims, and the tests that use them. It may only shrink. */
const BASELINE = 'throughline.boundaries.baseline.json';

/**
 * Holds every module of the repository against the floor plan, with the package that we publish for it. What must be
 * true here beyond that: something is published, each entry says where its source is, and imports were seen.
 */
export async function checkBoundaries(root: string, plan: FloorPlan = FLOOR_PLAN): Promise<StepOutcome> {
  for (const published of readPublishedPackages(root)) entriesOf(published);
  const baseline = readBaseline(join(root, BASELINE));
  const outcome = await check({ root, plan, ...(baseline && { baseline }) });
  const { violations, gone, problems, files, imports, rules } = outcome;
  const found = [
    ...problems,
    ...(imports === 0 ? ['No import was found in any module: they were not parsed.'] : []),
    ...violations.map(describe),
    ...gone.map(
      ({ file, rule }) => `${BASELINE} knows ${rule} in ${file}, which is there no longer: take the row out.`,
    ),
  ];
  return verdict(found, `${files} modules, ${imports} imports, ${rules.length} rules`);
}

function describe({ rule, file, line, to, message, why, instead }: Violation): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return `${rule}: ${place}${to === undefined ? '' : ` → ${to}`}\n  ${message} ${why} ${instead}`;
}
