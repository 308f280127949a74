import { entriesOf, startsOf } from '../package-entries.js';
import { expressionOf, matcher } from '../pattern.js';
import type { GraphRule, Site } from '../rule.js';

/** Every file that the plan names is used from somewhere. */
export const nothingUnreachable: GraphRule = {
  name: 'nothing-unreachable',
  why: 'What nothing uses is dead, or was forgotten: it is read, kept and repaired for nobody.',
  forbid: (site) =>
    site.plan.reachable.files.length === 0
      ? []
      : [
          {
            from: { path: startPatterns(site).map(expressionOf) },
            to: { path: site.plan.reachable.files.map(expressionOf), reachable: false },
          },
        ],
  judge(project) {
    const { modules } = project.graph;
    const isStart = matcher(startPatterns(project));
    const queue = [...modules.keys()].filter(isStart);
    const reached = new Set(queue);
    for (const path of queue) {
      for (const { to } of modules.get(path) ?? []) {
        if (reached.has(to) || !modules.has(to)) continue;
        reached.add(to);
        queue.push(to);
      }
    }
    const isJudged = matcher(project.plan.reachable.files);
    return [...modules.keys()]
      .filter((path) => isJudged(path) && !reached.has(path) && !/\.d\.[cm]?ts$/.test(path))
      .map((file) => ({
        file,
        message: 'Nothing leads to this module, from no entry, no bin and no start that the plan names.',
        instead: 'Import it where it is needed, delete it, or name it in "reachable.from" of the plan.',
      }));
  },
};

/** Entries, bins, what is no production code (tests use what they like), and what the plan names. */
function startPatterns({ plan, workspaces }: Site): string[] {
  const entries = workspaces.flatMap((one) => [
    ...(entriesOf(one) ?? []).flatMap(({ files }) => files),
    ...startsOf(one),
  ]);
  return [...entries, ...plan.reachable.from];
}
