import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cyclesIn } from '../src/components.js';

type Edges = Readonly<Record<string, readonly string[]>>;

const cycles = (edges: Edges): string[][] => cyclesIn(Object.keys(edges), (node) => edges[node] ?? []);

function reaches(edges: Edges, from: string, to: string): boolean {
  const queue = [...(edges[from] ?? [])];
  const seen = new Set(queue);
  for (const node of queue) {
    for (const next of edges[node] ?? []) if (!seen.has(next)) queue.push(...[next].filter(() => seen.add(next)));
  }
  return seen.has(to);
}

describe('cycles', () => {
  it('are the shortest circle through the first node of each group', () => {
    expect(cycles({ a: ['b'], b: ['c'], c: ['b', 'd'], d: ['e', 'b'], e: ['f'], f: ['f'] })).toEqual([
      ['b', 'c'],
      ['f'],
    ]);
    expect(cycles({ a: ['b', 'c'], b: ['c'], c: [] })).toEqual([]);
  });

  it('are found on a chain of a hundred thousand, which no recursion survives', () => {
    const nodes = Array.from({ length: 100_000 }, (_, index) => String(index));
    const next = (node: string): string[] => [String((Number(node) + 1) % nodes.length)];
    expect(cyclesIn(nodes, next)[0]).toHaveLength(nodes.length);
  });

  it('are there exactly where a node reaches itself', () => {
    const names = 'abcdefg'.split('');
    const graph = fc.record(Object.fromEntries(names.map((name) => [name, fc.uniqueArray(fc.constantFrom(...names))])));
    fc.assert(
      fc.property(graph, (edges) => {
        const found = cycles(edges);
        for (const cycle of found) {
          const closed = [...cycle, cycle[0] ?? ''];
          for (const [index, node] of cycle.entries()) expect(edges[node]).toContain(closed[index + 1]);
        }
        // Each group once: nodes of two cycles do not reach each other both ways.
        const inCycles = names.filter((name) => reaches(edges, name, name));
        const groups = new Set(
          inCycles.map((name) =>
            inCycles.filter((other) => reaches(edges, name, other) && reaches(edges, other, name)).join(),
          ),
        );
        expect(found).toHaveLength(groups.size);
      }),
    );
  });
});
