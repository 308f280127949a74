import type { Project } from '../project.js';
import type { GraphRule } from '../rule.js';
import { packageExpressions } from '../specifier.js';
import type { Finding } from '../syntax-rule.js';
import { banOn } from './forbidden.js';
import { type Link, linksOf } from './links.js';
import { readerOf } from './reader.js';

/** Exports of one module that are those of a forbidden package: by name, with the modules on the way. */
type Tainted = ReadonlyMap<string, readonly string[]>;

/**
 * A symbol of a package that only its owner may import, reached through a module that hands it on. The graph shows
 * who imports whom, and not what: one owner that re-exports its library opens it to everybody.
 */
export const noLaunderedSymbol: GraphRule = {
  name: 'no-laundered-symbol',
  why: 'A forbidden import stays forbidden however many modules hand it on: behind the last of them it looks like any other.',
  forbid: () => [],
  judge(project) {
    const packages = new Set([
      ...project.plan.owners.map(({ dependency }) => dependency),
      ...project.plan.deprecated.map((row) => row.package),
    ]);
    const findings = [...packages].flatMap((name) => (name.includes('*') ? [] : launderedFrom(name, project)));
    return findings.filter(
      ({ file, line, message }, index) =>
        findings.findIndex((one) => one.file === file && one.line === line && one.message === message) === index,
    );
  },
};

function launderedFrom(dependency: string, project: Project): Finding[] {
  const { modules } = project.graph;
  const isMeant = new RegExp(packageExpressions(dependency).join('|'));
  const letters = dependency.slice(dependency.indexOf('/') + 1);
  const importers = new Map<string, string[]>();
  const seeds: string[] = [];
  for (const [path, imports] of modules) {
    const isImporter = imports.some(
      // Most imports have not even the letters of the name in them, and the expression is slow.
      ({ to, specifier }) =>
        (to.includes(letters) && isMeant.test(to)) || (specifier.includes(letters) && isMeant.test(specifier)),
    );
    if (isImporter) seeds.push(path);
  }
  if (seeds.length === 0) return [];
  for (const [path, imports] of modules)
    for (const { to } of imports) {
      const known = importers.get(to);
      if (known) known.push(path);
      else importers.set(to, [path]);
    }

  const tainted = new Map<string, Tainted>();
  const waiting = [...seeds];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const exported = taintOf(path, dependency, isMeant, tainted, project);
    if (exported.size <= (tainted.get(path)?.size ?? 0)) continue;
    tainted.set(path, exported);
    waiting.push(...(importers.get(path) ?? []));
  }
  const readers = new Set([...tainted.keys()].flatMap((path) => importers.get(path) ?? []));
  return [...readers].sort().flatMap((path) => usesOf(path, dependency, tainted, project));
}

/** The exports of a module that lead to the package. */
function taintOf(
  path: string,
  dependency: string,
  isMeant: RegExp,
  tainted: ReadonlyMap<string, Tainted>,
  project: Project,
): Tainted {
  const file = project.parse(path);
  const found = new Map<string, readonly string[]>();
  if (!file) return found;
  for (const { name, specifier, imported } of linksOf(readerOf(file, project))) {
    const edge = project.graph.modules.get(path)?.find((one) => sameModule(one.specifier, specifier));
    const isDirect = isMeant.test(specifier) || (edge !== undefined && isMeant.test(edge.to));
    const handed = isDirect ? new Map([['*', [dependency]]]) : edge && tainted.get(edge.to);
    if (!handed) continue;
    for (const [known, way] of taken(handed, { name, specifier, imported })) found.set(known, [path, ...way]);
  }
  return found;
}

/** Node's own modules are named with or without their scheme. */
function sameModule(one: string, other: string): boolean {
  return one.replace(/^node:/, '') === other;
}

/** Which tainted names a link takes over, under the names that it gives them. */
function taken(handed: Tainted, { name, imported }: Link): [string, readonly string[]][] {
  const all = handed.get('*');
  if (imported !== '*') {
    const way = handed.get(imported) ?? all;
    return way ? [[name, way]] : [];
  }
  const [first] = handed.values();
  // `export * from` keeps the names; `export * as name from` puts them all behind one.
  if (name !== '*') return first ? [[name, first]] : [];
  return [...handed].filter(([known]) => known !== 'default');
}

function usesOf(path: string, dependency: string, tainted: ReadonlyMap<string, Tainted>, project: Project): Finding[] {
  const ban = banOn(dependency, path, project);
  const file = ban && project.parse(path);
  if (!file) return [];
  const imports = project.graph.modules.get(path) ?? [];
  return imports.flatMap(({ specifier, to }) => {
    const handed = tainted.get(to);
    if (!handed) return [];
    const names = namesTaken(specifier, file.module, handed);
    const whole =
      names === undefined
        ? [...handed].find(
            ([name]) => name === '*' || new RegExp(`\\b${name.replace(/\$/g, '\\$')}\\b`).test(file.text),
          )
        : undefined;
    const uses = names ?? (whole ? [whole[0]] : []);
    return uses.flatMap((name): Finding[] => {
      const way = handed.get(name) ?? handed.get('*');
      if (!way) return [];
      return [
        {
          file: path,
          specifier,
          to,
          message: `${name === '*' ? `'${specifier}'` : name} is of ${ban.what}: ${[path, ...way].join(' → ')}.`,
          why: ban.why,
          instead: ban.instead,
        },
      ];
    });
  });
}

/** The names that a file takes from a module by statements; undefined where it takes the whole. */
function namesTaken(
  specifier: string,
  { staticImports, staticExports }: NonNullable<ReturnType<Project['parse']>>['module'],
  handed: Tainted,
): string[] | undefined {
  const entries = [
    ...staticImports
      .filter(({ moduleRequest }) => moduleRequest.value === specifier)
      .flatMap((one) => one.entries.map(({ importName }) => importName)),
    ...staticExports.flatMap((one) =>
      one.entries.filter(({ moduleRequest }) => moduleRequest?.value === specifier).map(({ importName }) => importName),
    ),
  ];
  if (entries.length === 0 || entries.some(({ kind }) => kind === 'NamespaceObject' || kind === 'All'))
    return undefined;
  return entries.flatMap(({ kind, name }) => {
    if (kind === 'AllButDefault') return [...handed.keys()].slice(0, 1);
    return [kind === 'Default' ? 'default' : (name ?? '*')];
  });
}
