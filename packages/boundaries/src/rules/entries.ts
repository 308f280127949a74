import { entriesOf } from '../package-entries.js';
import { expressionOf, matcher } from '../pattern.js';
import type { Project } from '../project.js';
import { type Edge, edgesOf, type GraphRule, type Site } from '../rule.js';
import { installedPackageOf, isPath, packageOf } from '../specifier.js';
import type { Finding } from '../syntax-rule.js';
import { filesOf, parentsOf, workspaceFinder } from '../workspace.js';

/** A package is imported through its entries, whatever way leads inside: a deep name, a path, an alias. */
export const entriesOnly: GraphRule = {
  name: 'entries-only',
  why: 'A file inside a package can change or vanish without notice: only its entries are promised.',
  forbid: ({ plan, workspaces }) => {
    const parents = parentsOf(workspaces);
    const opened = workspaces
      .filter(({ folder }) => folder !== '.')
      .flatMap((one) => entriesOf(one)?.flatMap(({ files }) => files) ?? [filesOf(one)]);
    return [
      ...parents.map((parent) => ({
        from: { path: [`^(${parent}/[^/]+)/`] },
        to: { path: parents.map((other) => `^${other}/[^/]+/`), pathNot: ['^$1/', ...opened.map(expressionOf)] },
      })),
      ...plan.entries.map(({ package: name, closed }) => ({
        from: { pathNot: ['(^|/)node_modules/'] },
        to: { path: closed.map((pattern) => expressionOf(`${name}/${pattern}`)) },
      })),
    ];
  },
  judge: (project) => [...insidesOfWorkspaces(project), ...insidesOfInstalled(project), ...insidesByName(project)],
};

/** Another package of this repository, by whatever way it was reached. */
function insidesOfWorkspaces(project: Project): Finding[] {
  const opened = new Map(
    project.workspaces
      .filter(({ folder }) => folder !== '.')
      .map((one) => [one, entriesOf(one)] as const)
      .map(([one, entries]) => [one, entries && matcher(entries.flatMap(({ files }) => files))] as const),
  );
  return [...edgesOf(project)].flatMap((edge) => {
    const target = edge.to.includes('node_modules/') ? undefined : project.workspaceOf(edge.to);
    const isOpen = target && opened.get(target);
    const own = project.workspaceOf(edge.from);
    if (!isOpen || !edge.resolved || own === target || isOpen(edge.to)) return [];
    // The root's own scripts and configuration belong to no package that could be published.
    if (own?.folder === '.' && !/^(src|lib|app)\//.test(edge.from)) return [];
    return [finding(edge, project)];
  });
}

/** A closed subpath of a package, named: where its own `exports` are kept, it leads nowhere. */
function insidesByName(project: Project): Finding[] {
  const isClosed = matcher(
    project.plan.entries.flatMap(({ package: name, closed }) => closed.map((one) => `${name}/${one}`)),
  );
  return [...edgesOf(project)].filter(({ specifier }) => isClosed(specifier)).map((edge) => finding(edge, project));
}

function finding(edge: Edge, site: Site): Finding {
  return { file: edge.from, to: edge.to, specifier: edge.specifier, ...explain(edge, site) };
}

function explain({ specifier, to }: Edge, { workspaces }: Site): Pick<Finding, 'message' | 'instead'> {
  const target = workspaceFinder(workspaces.filter(({ folder }) => folder !== '.'))(to);
  const name = target?.name ?? installedPackageOf(to) ?? packageOf(specifier) ?? to;
  const opened = target && entriesOf(target)?.map((entry) => `'${entry.specifier}'`);
  const choice = opened?.length ? `one of its entries: ${opened.join(', ')}` : `'${name}'`;
  return {
    message: `'${specifier}' reaches inside ${name}: no entry of it opens that file.`,
    instead: `Import ${choice}. What it lacks is opened in "exports" of ${name}.`,
  };
}

/** An installed package is closed to paths and aliases as well, which its own `exports` cannot judge. */
function insidesOfInstalled(project: Project): Finding[] {
  const rows = project.plan.entries.map((row) => ({ isNamed: matcher([row.package]), isClosed: matcher(row.closed) }));
  return [...edgesOf(project)].flatMap((edge) => {
    const name = installedPackageOf(edge.to);
    if (name === undefined || packageOf(edge.specifier) === name) return [];
    const folder = edge.to.slice(0, edge.to.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}`.length);
    const inside = edge.to.slice(folder.length + 1);
    if (!rows.some(({ isNamed, isClosed }) => isNamed(name) && isClosed(inside))) return [];
    const opened = isPath(edge.specifier) ? undefined : project.entriesOfInstalled(folder);
    if (opened?.some((entry) => matcher(entry.files)(edge.to))) return [];
    return [finding(edge, project)];
  });
}
