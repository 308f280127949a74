import { checkBoundaries as check, type FloorPlan, type Violation } from '@throughline/boundaries';
import { FLOOR_PLAN } from './floor-plan.js';
import { type StepOutcome, verdict } from './step.js';
import { entriesOf, readPublishedPackages } from './workspaces.js';

/**
 * Holds every module of the repository against the floor plan, with the package that we publish for it. What must be
 * true here beyond that: something is published, each entry says where its source is, and imports were seen.
 */
export async function checkBoundaries(root: string, plan: FloorPlan = FLOOR_PLAN): Promise<StepOutcome> {
  for (const published of readPublishedPackages(root)) entriesOf(published);
  const { violations, problems, files, imports, rules } = await check({ root, plan });
  const found = [
    ...problems,
    ...(imports === 0 ? ['No import was found in any module: they were not parsed.'] : []),
    ...violations.map(describe),
  ];
  return verdict(found, `${files} modules, ${imports} imports, ${rules.length} rules`);
}

function describe({ rule, file, line, to, message, why, instead }: Violation): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return `${rule}: ${place}${to === undefined ? '' : ` → ${to}`}\n  ${message} ${why} ${instead}`;
}
