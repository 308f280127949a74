import { expressionOf } from '../pattern.js';
import type { GraphRule } from '../rule.js';
import { packageExpressions } from '../specifier.js';
import { filesOf } from '../workspace.js';

/** What fades out gets no new users: those it has are in the baseline, which only shrinks. */
export const noDeprecatedImport: GraphRule = {
  name: 'no-deprecated-import',
  why: 'It goes away with the next major version, and every new import makes that later and dearer.',
  forbid: ({ plan, workspaces }) =>
    plan.deprecated.map(({ package: name }) => {
      const own = workspaces.filter((one) => one.name === name).map((one) => expressionOf(filesOf(one)));
      return { from: { pathNot: ['(^|/)node_modules/', ...own] }, to: { path: [...packageExpressions(name), ...own] } };
    }),
  explain({ specifier, to }, { plan, workspaces }) {
    const row = plan.deprecated.find(({ package: name }) => {
      const own = workspaces.filter((one) => one.name === name).map((one) => expressionOf(filesOf(one)));
      return [...packageExpressions(name), ...own].some((expression) => new RegExp(expression).test(to));
    });
    return { message: `'${specifier}' is deprecated: ${row?.package} goes away.`, instead: row?.instead ?? '' };
  },
};
