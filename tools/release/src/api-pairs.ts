import ts from 'typescript';
import type { Declarations } from './api-declarations.js';
import { isType, isValue } from './api-direction.js';
import { REAL } from './api-module.js';

/** Unions that may get new members in any version: docs/support.md says so to those who switch over them. */
export const OPEN_UNIONS: readonly string[] = [
  'ClientErrorCode',
  'CloseCode',
  'ErrorCode',
  'ResetCause',
  'ServerFrame',
  'TelemetryErrorCode',
  'TelemetryEvent',
];

/** What something was and what it is, to be compared. */
export interface Pair {
  readonly name: string;
  /** What the report before calls it. */
  readonly inside: string;
  readonly isType: boolean;
  readonly isOpen: boolean;
  /** The entry does not open it: only others mention it. */
  readonly isInner: boolean;
  /** A tuple of both, over the modules `Before` and `After`. */
  readonly text: string;
}

/** Nothing for what another entry declares: its own report judges it. */
export function pairsOf(old: Declarations, now: Declarations, name: string, open: readonly string[]): Pair[] {
  const isInner = !old.opened.has(name);
  const [inside, after] = [old.opened.get(name) ?? name, now.opened.get(name) ?? name];
  const [was, is] = [sidesOf(old, inside), sidesOf(now, after)];
  const isOpen = open.includes(inside);
  const pair = (asType: boolean, text: string): Pair => ({ name, inside, isType: asType, isOpen, isInner, text });
  const types = `[Before.${inside}${anyOf(was)}, After.${after}${isOpen ? REAL : ''}${anyOf(is)}]`;
  return [
    ...(was.isValue && is.isValue && !isInner ? [pair(false, `[typeof Before.${inside}, typeof After.${after}]`)] : []),
    ...(was.isType && is.isType ? [pair(true, types)] : []),
  ];
}

function anyOf({ parameters }: Sides): string {
  return parameters.length === 0 ? '' : `<${parameters.map(() => 'any').join(', ')}>`;
}

/** It is no value any more, or no type, or what is written as `Handler<Data>` has become wrong. */
export function isLess(old: Declarations, now: Declarations, name: string): boolean {
  const [was, is] = [sidesOf(old, old.opened.get(name) ?? ''), sidesOf(now, now.opened.get(name) ?? '')];
  const needed = ({ parameters }: Sides): number => parameters.filter((one) => one.default === undefined).length;
  if (is.isElsewhere || was.isElsewhere) return false;
  return (
    (was.isValue && !is.isValue) ||
    (was.isType && !is.isType) ||
    needed(is) > needed(was) ||
    is.parameters.length < was.parameters.length
  );
}

interface Sides {
  readonly isValue: boolean;
  readonly isType: boolean;
  /** Another entry's. */
  readonly isElsewhere: boolean;
  readonly parameters: readonly ts.TypeParameterDeclaration[];
}

function sidesOf({ statements }: Declarations, name: string): Sides {
  const all = statements.get(name) ?? [];
  const types = all.filter(isType);
  return {
    isValue: all.some(isValue),
    isType: types.length > 0,
    isElsewhere: all.some(ts.isImportDeclaration),
    parameters: types[0]?.typeParameters ?? [],
  };
}
