import type { IReachabilityForbiddenRuleType, IRegularForbiddenRuleType } from 'dependency-cruiser';
import type { Import } from './graph.js';
import type { Project } from './project.js';
import type { Finding } from './syntax-rule.js';

/** What rules are made from: the plan and the packages that it is for. */
export type Site = Pick<Project, 'plan' | 'workspaces'>;

/** A rule in the cruiser's words: expressions on paths relative to the root. Name, comment and severity are added. */
export type Forbidden =
  | Pick<IRegularForbiddenRuleType, 'from' | 'to'>
  | Pick<IReachabilityForbiddenRuleType, 'from' | 'to'>;

/** An import together with the module that it stands in. */
export interface Edge extends Import {
  readonly from: string;
}

/** A rule of the graph of imports. */
export interface GraphRule {
  readonly name: string;
  readonly why: string;
  /** The rule compiled for dependency-cruiser, for the preset and, where `explain` is there, for the check as well. */
  readonly forbid: (site: Site) => readonly Forbidden[];
  /** What to say of an import that the cruiser found. */
  readonly explain?: (edge: Edge, project: Project) => Pick<Finding, 'message' | 'instead'>;
  /** A pass of our own over the graph: where the cruiser's words are too coarse, or its search too slow. */
  readonly judge?: (project: Project) => readonly Finding[];
}

/** All imports of a project, one by one. */
export function* edgesOf({ graph }: Pick<Project, 'graph'>): Generator<Edge> {
  for (const [from, imports] of graph.modules) {
    for (const one of imports) yield { ...one, from };
  }
}
