import { posix } from 'node:path';
import type { Project } from '../project.js';
import type { Finding, ManifestRule, SyntaxRule } from '../syntax-rule.js';
import type { Workspace } from '../workspace.js';
import { banOn, deletedBan } from './forbidden.js';
import { type JsonString, stringsOfJson } from './json-tree.js';
import { readerOf } from './reader.js';
import { stringsOf } from './reading.js';
import { nameOf } from './scope.js';

const NAME = 'no-forbidden-alias';
const WHY = 'Under another name a forbidden module is imported by files that no longer look as if they did.';

/** Fields of a manifest that give a module a name, or put one module in the place of another. */
const FIELDS = new Set([
  'imports',
  'exports',
  'browser',
  'overrides',
  'resolutions',
  'pnpm',
  '_moduleAliases',
  'alias',
  'jest',
  'dependencies',
  'peerDependencies',
  'optionalDependencies',
  'bundledDependencies',
]);

const CONFIGURATIONS = [
  'tsconfig.json',
  'tsconfig.base.json',
  'tsconfig.app.json',
  'tsconfig.node.json',
  'tsconfig.build.json',
  'tsconfig.lib.json',
  'jsconfig.json',
  'deno.json',
  'import_map.json',
];

/** A name in `package.json` or tsconfig that leads to a deleted or owned module. */
export const noForbiddenAlias: ManifestRule = {
  name: NAME,
  why: WHY,
  check(workspace, project) {
    const { manifestPath, manifestText } = workspace;
    const user = userOf(workspace, project);
    const fields = stringsOfJson(manifestPath, manifestText).filter(({ path }) => FIELDS.has(path[0] ?? ''));
    return [
      ...fields.flatMap((one) => judge(manifestPath, one, user, project)),
      ...[...configurationsOf(workspace, project)].flatMap(([path, text]) =>
        stringsOfJson(path, text)
          .filter(
            ({ path: [first, second] }) => first === 'imports' || (first === 'compilerOptions' && second === 'paths'),
          )
          .flatMap((one) => judge(path, one, user, project)),
      ),
    ];
  },
};

function judge(file: string, { path, value, line, column }: JsonString, user: string, project: Project): Finding[] {
  const key = path.at(-1) ?? '';
  const found = targetsOf(value)
    .map((target) => ({ target, ban: target === key ? undefined : banOn(target, user, project) }))
    .find(({ ban }) => ban);
  const ban = found?.ban ?? deletedBan(key, user, project);
  if (!ban) return [];
  const to = found?.target ?? key;
  return [
    {
      file,
      line,
      column,
      to,
      message: `"${path.join('.')}" leads to ${ban.what}.`,
      instead: `Remove the name. ${ban.instead}`,
    },
  ];
}

/** What a value may name: itself, the package behind `npm:`, and the repository or archive that an address ends with. */
function targetsOf(value: string): string[] {
  const [, npm] = /^(?:npm|workspace|jsr|catalog):(@?[^@]+)/.exec(value) ?? [];
  const isAddress =
    /^(?:github|gitlab|bitbucket|git|git\+\w+|https?|file|link|portal|patch):|^[\w-]+\/[\w.-]+(?:#|$)/.test(value);
  const last = posix.basename(value.replace(/[#?].*$/, '')).replace(/\.git$|(?:-\d[\w.-]*)?\.t(?:ar\.)?gz$/, '');
  return [value, ...(npm ? [npm] : []), ...(isAddress ? [last] : [])];
}

/** A file for which the names of a package are: the first of its production code, since tests may do more. */
function userOf(workspace: Workspace, { graph, isProduction, workspaceOf }: Project): string {
  for (const path of graph.modules.keys()) if (workspaceOf(path) === workspace && isProduction(path)) return path;
  return workspace.manifestPath;
}

/** The configurations of a package and those that they extend. */
function configurationsOf({ folder }: Workspace, { read }: Project): Map<string, string> {
  const found = new Map<string, string>();
  const waiting = CONFIGURATIONS.map((name) => posix.join(folder, name));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = found.has(path) ? undefined : read(path);
    if (text === undefined) continue;
    found.set(path, text);
    for (const { path: keys, value } of stringsOfJson(path, text)) {
      if (keys[0] === 'extends' && value.startsWith('.')) {
        const base = posix.join(posix.dirname(path), value);
        waiting.push(base, `${base}.json`);
      }
    }
  }
  return found;
}

const ALIASES = new Set(['alias', 'moduleNameMapper', 'replacement', 'paths']);

/** A name in the configuration of a bundler or of a test runner. */
export const noForbiddenAliasInConfiguration: SyntaxRule = {
  name: NAME,
  why: WHY,
  check(file, project) {
    if (!/\.config\.[cm]?[jt]s$|(^|\/)(webpack|vite|rollup|babel|jest|metro)[^/]*\.[cm]?[jt]s$/.test(file.path))
      return [];
    if (!/alias|moduleNameMapper|replacement|paths/.test(file.text)) return [];
    const workspace = project.workspaceOf(file.path);
    if (!workspace) return [];
    const reader = readerOf(file, project);
    const user = userOf(workspace, project);
    return file.tree.of('Property').flatMap((property): Finding[] => {
      if (!ALIASES.has(nameOf(property.key))) return [];
      const { value } = property;
      const targets =
        value.type === 'ObjectExpression'
          ? value.properties.flatMap((one) => (one.type === 'Property' ? [one.value] : []))
          : [value];
      return targets.flatMap((target): Finding[] => {
        const found = stringsOf(target, reader)
          .map((to) => ({ to, ban: banOn(to, user, project) }))
          .find(({ ban }) => ban);
        if (!found?.ban) return [];
        return [
          {
            file: file.path,
            ...file.lineOf(target.start),
            to: found.to,
            message: `An alias leads to ${found.ban.what}.`,
            instead: `Remove the alias. ${found.ban.instead}`,
          },
        ];
      });
    });
  },
};
