import { type Node, type Program, visitorKeys } from 'oxc-parser';
import { type Binding, declarations, type Scope } from './scope.js';
import type { Value } from './value.js';

/** The nodes of one kind. Some, such as classes, are of several kinds with one shape. */
export type NodeOf<Kind extends Node['type'], One = Node> = One extends { type: infer Kinds }
  ? Kind extends Kinds
    ? One
    : never
  : never;

/** A syntax tree as rules ask for it: by the kind of node, never by a walk of their own. */
export interface Tree {
  /** All nodes of one kind, in the order of the text. */
  readonly of: <Kind extends Node['type']>(kind: Kind) => readonly NodeOf<Kind>[];
  readonly parentOf: (node: Node) => Node | undefined;
  /** What a name means where it stands; undefined for what the platform brings (`require`, `WebSocket`). */
  readonly bindingOf: (name: string, at: Node) => Binding | undefined;
  /** Names that are written by a pattern or a loop somewhere: nobody can say what they hold. */
  readonly rewritten: ReadonlySet<string>;
  /** What readers found out already, for all rules: names stand for names, and each is followed once. */
  readonly origins: Map<Node, string | undefined>;
  readonly values: Map<Binding, readonly Value[]>;
}

/** Walks a tree once. */
export function treeOf(program: Program): Tree {
  const byKind = new Map<string, Node[]>();
  const parents = new Map<Node, Node>();
  const scopes = new Map<Node, Scope>();
  const rewritten = new Set<string>();

  const global: Scope = { names: new Map(), ofFunction: true, outer: undefined };
  scopes.set(program, global);
  // Not recursive: a sum of ten thousand strings is a tree ten thousand nodes deep. Three lists, since an object for
  // each node that waits costs as much as the rest.
  const waiting: Node[] = [program];
  const above: (Node | undefined)[] = [undefined];
  const around: Scope[] = [global];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const parent = above.pop();
    const outer = around.pop() ?? global;
    if (parent) parents.set(node, parent);
    const nodes = byKind.get(node.type);
    if (nodes) nodes.push(node);
    else byKind.set(node.type, [node]);
    const scope = declarations(node, parent, outer, rewritten);
    if (scope !== outer) scopes.set(node, scope);
    const fields = node as unknown as Readonly<Record<string, Node | (Node | null)[] | null | undefined>>;
    const keys = visitorKeys[node.type] ?? [];
    // The last child first, so that the first is taken next.
    for (let key = keys.length - 1; key >= 0; key--) {
      const child = fields[keys[key] ?? ''];
      const children = Array.isArray(child) ? child : undefined;
      for (let index = children ? children.length - 1 : 0; index >= 0; index--) {
        const one = children ? children[index] : (child as Node | null | undefined);
        if (!one) continue;
        waiting.push(one);
        above.push(node);
        around.push(scope);
      }
    }
  }

  return {
    of: <Kind extends Node['type']>(kind: Kind) => (byKind.get(kind) ?? []) as NodeOf<Kind>[],
    parentOf: (node) => parents.get(node),
    rewritten,
    origins: new Map(),
    values: new Map(),
    bindingOf(name, at) {
      for (let node: Node | undefined = at; node; node = parents.get(node)) {
        const found = scopes.get(node)?.names.get(name);
        if (found) return found;
      }
      return undefined;
    },
  };
}
