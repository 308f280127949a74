import { cyclesIn } from '../components.js';
import type { Import } from '../graph.js';
import type { Project } from '../project.js';
import type { GraphRule } from '../rule.js';
import type { Finding } from '../syntax-rule.js';

const ONLY_TYPES = ['type-only', 'type-import'] as const;

/** Modules that load each other. The cruiser's own search took a minute on ten thousand files; this pass is linear. */
export const noCycle: GraphRule = {
  name: 'no-cycle',
  why: 'Modules that load each other run in an order that nobody chose, and fail at start when it changes.',
  forbid: () => [{ from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: [...ONLY_TYPES] } } }],
  judge: (project) =>
    findings(
      project,
      (one) => !one.typeOnly,
      'These modules load each other',
      'Move what both need to a third module, or hand it in as an argument; write "import type" where a type is all that is needed.',
    ),
};

/** Modules that know each other by type. Asked for by `cyclesOfTypes`. */
export const noCycleOfTypes: GraphRule = {
  name: 'no-cycle-of-types',
  why: 'Modules that know each other by type alone load well, but none can be read, moved or replaced without the other.',
  forbid: ({ plan }) =>
    plan.cyclesOfTypes ? [{ from: {}, to: { circular: true, via: { dependencyTypes: [...ONLY_TYPES] } } }] : [],
  judge(project) {
    if (!project.plan.cyclesOfTypes) return [];
    const found = findings(
      project,
      () => true,
      'These modules know each other',
      'Move the type that both need to a module of its own.',
    );
    const values = new Set(noCycle.judge?.(project).flatMap(({ file }) => file));
    return found.filter(({ file }) => !values.has(file));
  },
};

function findings(project: Project, counts: (one: Import) => boolean, what: string, instead: string): Finding[] {
  const { modules } = project.graph;
  const next = (path: string): string[] =>
    (modules.get(path) ?? []).filter((one) => counts(one) && modules.has(one.to)).map(({ to }) => to);
  return cyclesIn([...modules.keys()], next).map((cycle) => {
    const [file = '', to = file] = cycle;
    const path = [...cycle, file].slice(0, SHOWN);
    const rest = cycle.length + 1 - path.length;
    return { file, to, message: `${what}: ${path.join(' → ')}${rest > 0 ? ` → … ${rest} more` : ''}.`, instead };
  });
}

/** Modules of one cycle that a message names. */
const SHOWN = 12;
