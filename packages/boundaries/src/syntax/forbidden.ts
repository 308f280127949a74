import { DEFAULT_PLAN } from '../default-plan.js';
import type { Owner } from '../floor-plan.js';
import { matcher } from '../pattern.js';
import type { Project } from '../project.js';
import { packageExpressions } from '../specifier.js';
import { spellingsOf } from '../spelling.js';
import { GAP } from './value.js';

/** A module that a file must not load, whatever way it takes. */
export interface Ban {
  /** The end of a sentence: `ws, which @throughline/core alone may import`. */
  readonly what: string;
  readonly why: string;
  readonly instead: string;
}

/** What the plan has against a specifier, a path or an address that `path` wants to load. */
export function banOn(specifier: string, path: string, project: Project): Ban | undefined {
  const target = plain(specifier);
  return deletedBan(target, path, project) ?? ownedBan(target, path, project) ?? closedBan(target, path, project);
}

/** One way of writing for all: slashes, no query, no `node_modules` behind dots. */
function plain(specifier: string): string {
  const text = specifier
    .replaceAll('\\', '/')
    .replace(/[?#](?=.)[^/]*$/, (query, at: number) => (at === 0 ? query : ''));
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What the plan has against the name of a module that was deleted. */
export function deletedBan(target: string, path: string, project: Project): Ban | undefined {
  if (isTombstone(path, project)) return undefined;
  const row = project.plan.deleted.find(({ module }) => new RegExp(spellingsOf(module)).test(target));
  return (
    row && {
      what: `${row.module}, which was deleted`,
      why: 'It was deleted because a second way to do the same thing broke the first. Under any spelling it would do so again.',
      instead: row.instead,
    }
  );
}

/** A package that fades out keeps the names of what was deleted: they tell old code what to use. */
export function isTombstone(path: string, { plan, workspaceOf }: Project): boolean {
  const name = workspaceOf(path)?.name;
  return plan.deprecated.some((row) => row.package === name);
}

function ownedBan(target: string, path: string, project: Project): Ban | undefined {
  const row = project.plan.owners.findLast(
    (owner) => names(owner.dependency, target) && holdsIn(owner, path, project) && !isOwner(owner, path, project),
  );
  return (
    row && {
      what: `${row.dependency}, which ${row.package ?? row.files?.join(', ')} alone may import`,
      why: row.why,
      instead: row.instead,
    }
  );
}

/** Whether a specifier, a path or an address leads to a package. */
function names(dependency: string, target: string): boolean {
  return packageExpressions(dependency).some((expression) => new RegExp(expression).test(`${target}/`));
}

/** A package's insides, and what fades out: the graph watches those who say what they import. */
function closedBan(target: string, path: string, { plan, workspaceOf }: Project): Ban | undefined {
  const own = workspaceOf(path)?.name;
  const inside = /(?:^|\/node_modules\/|^node_modules\/)((?:@[^/]+\/)?[^/@][^/]*)\/(.+)$/.exec(target);
  const closed = plan.entries.find(
    (row) =>
      inside && inside[1] !== own && matcher([row.package])(inside[1] ?? '') && matcher(row.closed)(inside[2] ?? ''),
  );
  if (closed && inside) {
    return {
      what: `a file inside ${inside[1]}`,
      why: 'A file inside a package can change or vanish without notice: only its entries are promised.',
      instead: `Import an entry of it by name: import … from '${inside[1]}'.`,
    };
  }
  const faded = plan.deprecated.find((row) => row.package !== own && names(row.package, target));
  return (
    faded && {
      what: `${faded.package}, which goes away`,
      why: 'It goes away with the next major version, and every new import makes that later and dearer.',
      instead: faded.instead,
    }
  );
}

function holdsIn({ within }: Owner, path: string, { isProduction }: Project): boolean {
  return within ? matcher(within)(path) : isProduction(path);
}

function isOwner({ files = [], package: name }: Owner, path: string, { workspaceOf }: Project): boolean {
  return matcher(files)(path) || (name !== undefined && workspaceOf(path)?.name === name);
}

/**
 * Whether the rules about sockets hold for a file: it is production code outside the package that owns them. A plan may
 * name further owners of a library, which only narrows: it cannot make a second home for sockets.
 */
export function mayNotOpenSockets(path: string, project: Project): boolean {
  return project.isProduction(path) && DEFAULT_PLAN.owners.some((owner) => !isOwner(owner, path, project));
}

/** Whether the known start of a text with a gap already says that no owned library can be meant. */
export function staysClear(text: string, { plan }: Project): boolean {
  const start = plain(text).slice(0, plain(text).indexOf(GAP));
  if (/node_modules/.test(text)) return false;
  if (/^(\.{1,2}\/|file:)/.test(start)) return true;
  if (!/^[@\w]/.test(start)) return false;
  return plan.owners.every(({ dependency }) => !dependency.startsWith(start) && !start.startsWith(`${dependency}/`));
}
