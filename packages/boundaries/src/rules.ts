import { graphRules } from './graph-rules.js';
import type { Rules } from './judge.js';
import { packagesFreeOfSideEffects } from './rules/side-effects.js';
import { manifestRules, symbolRules, syntaxRules } from './syntax/rules.js';

/** A rule, as documentation and reports need it. */
export interface RuleDescription {
  readonly name: string;
  readonly why: string;
  /** What it reads: the graph of imports, the syntax of each file, names handed on from file to file, or each `package.json`. */
  readonly reads: 'imports' | 'syntax' | 'symbols' | 'manifests';
}

/** All rules. */
export const ALL_RULES: Rules = {
  graph: [...graphRules, ...symbolRules],
  syntax: syntaxRules,
  manifest: [packagesFreeOfSideEffects, ...manifestRules],
};

/** All rules, each once, in the order in which they are documented. */
export function describeRules(): RuleDescription[] {
  const { syntax, manifest } = ALL_RULES;
  const described = [
    ...graphRules.map(({ name, why }) => ({ name, why, reads: 'imports' as const })),
    ...syntax.map(({ name, why }) => ({ name, why, reads: 'syntax' as const })),
    ...symbolRules.map(({ name, why }) => ({ name, why, reads: 'symbols' as const })),
    ...manifest.map(({ name, why }) => ({ name, why, reads: 'manifests' as const })),
  ];
  return described.filter((rule, index) => described.findIndex(({ name }) => name === rule.name) === index);
}
