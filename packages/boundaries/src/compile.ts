import type { IForbiddenRuleType } from 'dependency-cruiser';
import { graphRules } from './graph-rules.js';
import type { GraphRule, Site } from './rule.js';

/** A rule as dependency-cruiser takes it, with the name that a violation shows and the sentence that goes with it. */
export type CompiledRule = IForbiddenRuleType & { readonly name: string; readonly comment: string };

/** Compiles rules for the cruiser. Several of one name are one rule with several parts. */
export function compileRules(site: Site, rules: readonly GraphRule[] = graphRules): CompiledRule[] {
  return rules.flatMap(({ name, why, forbid }) =>
    forbid(site).map((ends) => ({ ...ends, name, comment: why, severity: 'error' }) as CompiledRule),
  );
}
