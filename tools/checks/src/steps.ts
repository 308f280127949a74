import { build } from './build.js';
import { checkClientSize } from './client-size.js';
import { checkDependencies } from './dependencies.js';
import { checkGeneratedFiles } from './generated-files.js';
import { checkPrerequisites } from './prerequisites.js';
import { checkPublishedPackages } from './published-packages.js';
import { checkSpeed } from './speed.js';
import { checkFormatAndLint, checkTypes, checkUnused } from './static-analysis.js';
import type { Step } from './step.js';
import { runTests } from './test-run.js';

/** All steps, in the order in which they run: what is cheap and explains later failures comes first. */
export const STEPS: readonly Step[] = [
  { name: 'prerequisites', run: checkPrerequisites },
  { name: 'generated', run: checkGeneratedFiles },
  // Loaded when it runs: it brings a compiler along.
  { name: 'documents', run: async (context) => (await import('./documents.js')).checkDocuments(context) },
  { name: 'dependencies', run: checkDependencies },
  { name: 'build', run: build },
  { name: 'types', run: checkTypes },
  { name: 'lint', run: checkFormatAndLint },
  // Loaded when it runs: the cruiser brings a compiler along.
  { name: 'boundaries', run: async ({ root }) => (await import('./boundaries.js')).checkBoundaries(root) },
  { name: 'unused', run: checkUnused },
  { name: 'packages', needs: ['build'], run: checkPublishedPackages },
  // Loaded when it runs: it brings a compiler along.
  {
    name: 'api',
    needs: ['build'],
    run: async (context) => (await import('./api-reports.js')).checkApiReports(context),
  },
  { name: 'size', needs: ['build'], run: checkClientSize },
  { name: 'speed', run: checkSpeed },
  { name: 'tests', needs: ['prerequisites', 'build'], runsAnyway: true, run: runTests },
];

/** The steps of these names and what they need, or all without a name. Throws for a name that is not a step's. */
export function selectSteps(names: readonly string[], steps = STEPS): Step[] {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = steps.map(({ name }) => name).join(', ');
    throw new Error(`No step is called ${unknown.join(', ')}. There are: ${known}.`);
  }
  const needed = steps.filter(({ name }) => names.includes(name)).flatMap(({ needs = [] }) => needs);
  return steps.filter(({ name }) => names.length === 0 || names.includes(name) || needed.includes(name));
}
