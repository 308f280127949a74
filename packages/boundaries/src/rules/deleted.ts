import type { Deleted } from '../floor-plan.js';
import { edgesOf, type GraphRule } from '../rule.js';
import { spellingsOf } from '../spelling.js';
import type { Finding } from '../syntax-rule.js';

/** What was deleted stays deleted: no file has its name, nothing imports it, whether it exists or not. */
export const noDeletedModule: GraphRule = {
  name: 'no-deleted-module',
  why: 'It was deleted because a second way to do the same thing broke the first. Under any spelling it would do so again.',
  forbid: ({ plan }) =>
    plan.deleted.flatMap(({ module }) => {
      const path = spellingsOf(module);
      return [
        { from: {}, to: { path } },
        { from: { path }, to: {} },
        { from: { path, orphan: true }, to: {} },
      ];
    }),
  judge(project) {
    return project.plan.deleted.flatMap((row): Finding[] => {
      const expression = new RegExp(spellingsOf(row.module));
      const reborn = [...project.graph.modules.keys()].filter((path) => expression.test(path));
      const imported = [...edgesOf(project)].filter(
        ({ to, specifier }) => expression.test(specifier) || expression.test(to),
      );
      return [
        ...reborn.map((file) => finding(row, file, `This module has the name of ${row.module}, which was deleted.`)),
        ...imported.map(({ from, to, specifier }) => ({
          ...finding(row, from, `'${specifier}' is ${row.module}, which was deleted.`),
          to,
          specifier,
        })),
      ];
    });
  },
};

function finding({ instead }: Deleted, file: string, message: string): Finding {
  return { file, message, instead };
}
