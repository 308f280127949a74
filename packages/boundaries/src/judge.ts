import type { CruisedImport } from './cruise.js';
import { locate } from './locate.js';
import type { ParsedFile } from './parsed-file.js';
import type { Project } from './project.js';
import type { GraphRule } from './rule.js';
import type { Finding, ManifestRule, SyntaxRule } from './syntax-rule.js';
import type { Violation } from './violation.js';

/** All rules of a check. */
export interface Rules {
  readonly graph: readonly GraphRule[];
  readonly syntax: readonly SyntaxRule[];
  readonly manifest: readonly ManifestRule[];
}

type Named = Pick<GraphRule, 'name' | 'why'>;

/** What the rules of the graph and of manifests find. */
export function judgeGraph(
  modules: ReadonlyMap<string, readonly CruisedImport[]>,
  rules: Pick<Rules, 'graph' | 'manifest'>,
  project: Project,
): Violation[] {
  const byName = new Map(rules.graph.map((rule) => [rule.name, rule]));
  const cruised = [...modules].flatMap(([from, imports]) =>
    imports.flatMap((one) =>
      [...new Set(one.broken)].flatMap((name) => {
        const rule = byName.get(name);
        if (!rule?.explain) return [];
        const { specifier, to } = one;
        return violation(rule, { file: from, to, specifier, ...rule.explain({ ...one, from }, project) }, project);
      }),
    ),
  );
  const judged = rules.graph.flatMap((rule) =>
    (rule.judge?.(project) ?? []).map((finding) => violation(rule, finding, project)),
  );
  const manifests = rules.manifest.flatMap((rule) =>
    project.workspaces.flatMap((workspace) =>
      rule.check(workspace, project).map((finding) => violation(rule, finding, project)),
    ),
  );
  return [...cruised, ...judged, ...manifests];
}

/** What the rules of the syntax find in one file. */
export function judgeSyntax(file: ParsedFile, rules: readonly SyntaxRule[], project: Project): Violation[] {
  return rules.flatMap((rule) => rule.check(file, project).map((finding) => violation(rule, finding, project)));
}

/** By file, line and rule, each once. */
export function sorted(violations: readonly Violation[]): Violation[] {
  const keyOf = ({ file, line = 0, column = 0, rule, to = '', message }: Violation): string =>
    [file, String(line).padStart(7), String(column).padStart(7), rule, to, message].join('\0');
  const unique = new Map(violations.map((one) => [keyOf(one), one]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function violation({ name, why }: Named, { specifier, ...finding }: Finding, project: Project): Violation {
  const wanted = finding.line === undefined ? specifier : undefined;
  const file = wanted === undefined ? undefined : project.parse(finding.file);
  return { why, ...finding, ...(file && wanted !== undefined ? locate(file, wanted) : {}), rule: name };
}
