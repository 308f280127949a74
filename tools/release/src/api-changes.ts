import type ts from 'typescript';
import { closureOf, type Declarations, readDeclarations } from './api-declarations.js';
import { directionsOf } from './api-direction.js';
import { isLess, OPEN_UNIONS, type Pair, pairsOf } from './api-pairs.js';
import { type Comparison, createComparer } from './api-program.js';

/** What an entry no longer promises. */
export interface ApiChange {
  readonly name: string;
  /** `narrowed`: it is there, and takes less, gives other things than it did, or lacks a member. */
  readonly kind: 'removed' | 'narrowed';
  /** The name said so in the report before. */
  readonly wasDeprecated: boolean;
}

/**
 * What was removed or narrowed between two reports of one entry, except what was experimental before.
 *
 * @param folder from where the libraries are found that the reports import
 */
export type ApiJudge = (before: string, after: string, folder: string) => ApiChange[];

/**
 * TypeScript judges: a value must fit where the one before did, a type that is given must fit its old self, and one that
 * is taken must accept it. It reads the libraries once for all reports.
 */
export function createApiJudge(): ApiJudge {
  const compare = createComparer();
  return (before, after, folder) => {
    const [old, now] = [readDeclarations(before), readDeclarations(after)];
    const watched = [...old.opened.keys()].filter((name) => !old.experimental.has(name));
    const removed = watched.filter((name) => !now.opened.has(name));
    const changed = watched.filter((name) => {
      const [was, is] = [old.opened.get(name) ?? '', now.opened.get(name)];
      return is !== undefined && closureOf(old, was) !== closureOf(now, is);
    });
    const narrowed =
      changed.length === 0
        ? []
        : narrowedNames(old, now, changed, (pairs, same, open) => compare(folder, { old, now, pairs, same, open }));
    const change = (kind: ApiChange['kind']) => (name: string) => ({
      name,
      kind,
      wasDeprecated: old.deprecated.has(name),
    });
    return [...removed.map(change('removed')), ...narrowed.map(change('narrowed'))];
  };
}

function narrowedNames(
  old: Declarations,
  now: Declarations,
  names: readonly string[],
  compare: (pairs: readonly Pair[], same: readonly string[], open: readonly string[]) => Comparison,
): string[] {
  const both = [...now.statements.keys()].filter((name) => old.statements.has(name));
  // What promises the same is the same: else no brand and no class would fit its old self.
  const same = both.filter((name) => closureOf(old, name) === closureOf(now, name));
  const open = OPEN_UNIONS.filter((name) => both.includes(name));
  const inner = both.filter((name) => !same.includes(name) && ![...old.opened.values()].includes(name));
  const pairs = [...names, ...inner].flatMap((name) => pairsOf(old, now, name, open));
  const { checker, types } = compare(pairs, same, open);
  const directions = directionsOf(old);
  const narrowed = pairs.filter(({ inside, isType, isOpen, isInner }, index) => {
    const [was, is] = types[index] as readonly [ts.Type, ts.Type];
    if (isType && lacksMember(was, is, checker)) return true;
    // Whoever mentions it is judged with all that it means.
    if (isInner) return false;
    const fits = checker.isTypeAssignableTo(is, was);
    const accepts = checker.isTypeAssignableTo(was, is);
    if (isOpen) return !accepts;
    const { given, taken } = directions.get(inside) ?? { given: true, taken: false };
    return isType ? (given && !fits) || (taken && !accepts) : !fits;
  });
  return [...new Set([...narrowed.map(({ name }) => name), ...names.filter((name) => isLess(old, now, name))])];
}

/** An optional member that goes makes no difference to what fits, and all to those who write it. */
function lacksMember(was: ts.Type, is: ts.Type, checker: ts.TypeChecker): boolean {
  if (was.isUnion() || is.isUnion()) return false;
  const left = new Set(checker.getPropertiesOfType(is).map(({ escapedName }) => escapedName));
  return checker.getPropertiesOfType(was).some(({ escapedName }) => !left.has(escapedName));
}
