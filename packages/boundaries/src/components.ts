/**
 * Circles of a graph, one for each group of nodes that reach each other: the shortest one through the group's first
 * node. Tarjan's algorithm, without recursion: linear in nodes and edges, and as deep as the graph likes.
 */
export function cyclesIn(nodes: readonly string[], next: (node: string) => readonly string[]): string[][] {
  return componentsOf(nodes, next)
    .filter((group) => group.length > 1 || next(group[0] ?? '').includes(group[0] ?? ''))
    .map((group) => shortestCircle([...group].sort()[0] ?? '', new Set(group), next))
    .sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
}

interface Visit {
  readonly node: string;
  readonly edges: readonly string[];
  at: number;
}

function componentsOf(nodes: readonly string[], next: (node: string) => readonly string[]): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const found: string[][] = [];
  const lower = (node: string, to: number): void => void low.set(node, Math.min(low.get(node) ?? to, to));
  const enter = (node: string): Visit => {
    order.set(node, order.size);
    low.set(node, order.size - 1);
    open.push(node);
    isOpen.add(node);
    return { node, edges: next(node), at: 0 };
  };
  for (const start of nodes) {
    if (order.has(start)) continue;
    const path = [enter(start)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const to = visit.edges[visit.at];
      visit.at += 1;
      if (to !== undefined) {
        const seen = order.get(to);
        if (seen === undefined) path.push(enter(to));
        else if (isOpen.has(to)) lower(visit.node, seen);
        continue;
      }
      path.pop();
      const lowest = low.get(visit.node) ?? 0;
      const above = path.at(-1);
      if (above) lower(above.node, lowest);
      if (lowest !== order.get(visit.node)) continue;
      const group = open.splice(open.lastIndexOf(visit.node));
      for (const one of group) isOpen.delete(one);
      found.push(group);
    }
  }
  return found;
}

function shortestCircle(
  start: string,
  group: ReadonlySet<string>,
  next: (node: string) => readonly string[],
): string[] {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const to of next(node)) {
      if (to === start) return pathTo(node, start, cameFrom);
      if (!group.has(to) || cameFrom.has(to)) continue;
      cameFrom.set(to, node);
      queue.push(to);
    }
  }
  return [start];
}

function pathTo(node: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const path = [node];
  for (let at = node; at !== start; path.unshift(at)) at = cameFrom.get(at) ?? start;
  return path;
}
