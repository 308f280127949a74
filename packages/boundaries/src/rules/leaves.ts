import { expressionOf } from '../pattern.js';
import type { GraphRule } from '../rule.js';

/** Tools and examples use everything and are used by nobody. */
export const leavesImportedByNobody: GraphRule = {
  name: 'leaves-imported-by-nobody',
  why: 'Tools and examples may change or go at any time: what others rely on belongs in a package.',
  forbid: ({ plan, workspaces }) =>
    plan.leaves.flatMap(({ folders, except = [] }) =>
      folders.map((folder) => {
        // The cruiser puts the group of `from` for $1: a leaf may import itself.
        const one = expressionOf(folder).slice(0, -1);
        const names = workspaces.filter((workspace) => new RegExp(expressionOf(folder)).test(workspace.folder));
        return {
          from: { path: ['^([^/]+/[^/]+)/'], pathNot: except.map(expressionOf) },
          to: { path: [`${one}/`, ...names.map(({ name }) => `^${name}(/|$)`)], pathNot: ['^$1/'] },
        };
      }),
    ),
  explain: ({ specifier, to }) => ({
    message: `'${specifier}' belongs to ${to.split('/').slice(0, 2).join('/')}, which nobody may import.`,
    instead: 'Move what is needed into a package.',
  }),
};
