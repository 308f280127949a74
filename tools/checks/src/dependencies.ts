import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dependenciesPageProblems } from './dependencies-page.js';
import { type Lock, type Locked, readLock, runtimeClosure } from './lock-file.js';
import { type StepContext, type StepOutcome, verdict } from './step.js';
import { readPublishedPackages } from './workspaces.js';

/** What users get with our packages must ask no more of them than that they keep the notice. */
const FOR_USERS = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'];

/** What only we run, and pass on to nobody. */
const FOR_US = [...FOR_USERS, 'MPL-2.0', 'Python-2.0', 'Unlicense', 'WTFPL'];

/** What says its licence in a way that no program reads. Each was read: all are MIT. */
const READ_BY_HAND = ['busboy', 'streamsearch', 'spawndamnit'];

/** Everything that is installed here, each by its own lock. */
function locksOf(root: string): string[] {
  const nodes = 'tools/release/nodes';
  const lines = existsSync(join(root, nodes)) ? readdirSync(join(root, nodes)).map((line) => `${nodes}/${line}`) : [];
  return ['.', 'tools/release/registry', ...lines]
    .map((folder) => (folder === '.' ? 'package-lock.json' : `${folder}/package-lock.json`))
    .filter((path) => existsSync(join(root, path)));
}

/** Judges what we install and what we pass on: licences, scripts that run at installation, pins, and the page about it. */
export async function checkDependencies({ root }: Pick<StepContext, 'root'>): Promise<StepOutcome> {
  const { allowScripts = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly allowScripts?: Readonly<Record<string, boolean>>;
  };
  const lock = readLock(root);
  const published = readPublishedPackages(root).map(({ folder }) => folder);
  const passedOn = runtimeClosure(lock, published);
  const problems = [
    ...locksOf(root).flatMap((path) =>
      lockProblems(readLock(root, path), path, path === 'package-lock.json' ? allowScripts : {}),
    ),
    ...passedOn.filter(({ license }) => !isAllowed(license, FOR_USERS)).map((one) => licenceProblem(one, 'users')),
    ...Object.keys(allowScripts)
      .filter((name) => ![...lock.values()].some((one) => one.name === name && one.hasInstallScript))
      .map((name) => `"allowScripts" of package.json names ${name}, which runs none. Take it out.`),
    ...dependenciesPageProblems(root, lock),
  ];
  return verdict(problems, `${lock.size} pinned, ${passedOn.length} of them for users`);
}

/** What is wrong with a lock: pins without a checksum or from a named host, licences, scripts that nobody decided on. */
function lockProblems(lock: Lock, path: string, allowScripts: Readonly<Record<string, boolean>>): string[] {
  const others = [...lock.values()].filter((one) => one.path.includes('node_modules/') && !one.link);
  return others.flatMap((one) => [
    ...(one.integrity === undefined ? [`${path}: ${one.name} has no checksum.`] : []),
    ...(one.resolved === undefined ? [] : [`${path}: ${one.name} names where it comes from. See .npmrc.`]),
    ...(isAllowed(one.license, FOR_US) || READ_BY_HAND.includes(one.name) ? [] : [licenceProblem(one, 'us')]),
    ...(one.hasInstallScript && allowScripts[one.name] === undefined
      ? [`${path}: ${one.name} wants to run a script when it is installed. Say in "allowScripts" whether it may.`]
      : []),
  ]);
}

function licenceProblem({ name, license }: Locked, whose: string): string {
  return `${name} is under ${license ?? 'no licence that it names'}, which is not on the list for ${whose}. See docs/dependencies.md.`;
}

/** Whether the choice that an SPDX expression gives has one that is on the list. */
function isAllowed(expression: string | undefined, list: readonly string[]): boolean {
  if (expression === undefined) return false;
  const choices = expression.replaceAll(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((one) => list.includes(one.trim())));
}
