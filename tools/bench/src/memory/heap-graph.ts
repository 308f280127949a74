// A heap snapshot as a graph: read, and its dominators found, by the code of Chromium's own heap profiler.
import type { Readable } from 'node:stream';
import { parse } from 'heap-snapshot-toolkit';

/** What keeps a node alive: who, and by which property, variable or slot. Slots without a name have the edge `[]`. */
export interface Retainer {
  readonly from: number;
  readonly edge: string;
}

/** The nodes of a heap, by their number from 0 on. */
export interface HeapGraph {
  readonly count: number;
  /** As V8 names it: `object`, `closure`, `string`, `array`, `code`, `hidden`, `native` and others. */
  typeOf(node: number): string;
  /** The constructor of an object, the name of a function, the text of a string. */
  nameOf(node: number): string;
  /** Its own bytes. Those of an internal array, such as the table of a map, count with the only object that has it. */
  bytesOf(node: number): number;
  /** The nearest node through which every way from the roots leads. That of the root is itself. */
  dominatorOf(node: number): number;
  /** Steps from the roots. */
  distanceOf(node: number): number;
  /** Without those that hold it weakly. */
  retainersOf(node: number): readonly Retainer[];
}

/** @param snapshot what V8 writes into a `.heapsnapshot` */
export async function readHeap(snapshot: Readable): Promise<HeapGraph> {
  const heap = await parse(snapshot.setEncoding('utf8') as Parameters<typeof parse>[0]);
  const { nodes, containmentEdges, strings, nodeTypes, edgeTypes, nodeFieldCount } = heap;
  const { firstRetainerIndex, retainingNodes, retainingEdges } = heap;
  const field = (node: number, offset: number) => nodes.getValue(node * nodeFieldCount + offset);
  const retainer = (index: number): Retainer & { readonly type: string } => {
    const edge = retainingEdges[index] as number;
    const type = edgeTypes[containmentEdges.getValue(edge + heap.edgeTypeOffset)] as string;
    const name = containmentEdges.getValue(edge + heap.edgeNameOffset);
    const text = type === 'element' || type === 'hidden' ? '' : (strings[name] as string);
    const from = (retainingNodes[index] as number) / nodeFieldCount;
    // Slots of internal arrays have numbers where others have names.
    return { type, from, edge: /^\d*$/.test(text) ? '[]' : text };
  };
  return {
    count: heap.nodeCount,
    typeOf: (node) => nodeTypes[field(node, heap.nodeTypeOffset)] as string,
    nameOf: (node) => strings[field(node, heap.nodeNameOffset)] as string,
    bytesOf: (node) => field(node, heap.nodeSelfSizeOffset),
    dominatorOf: (node) => heap.dominatorsTree[node] as number,
    distanceOf: (node) => heap.nodeDistances[node] as number,
    retainersOf(node) {
      const from = firstRetainerIndex[node] as number;
      const to = firstRetainerIndex[node + 1] as number;
      return Array.from({ length: to - from }, (_, index) => retainer(from + index)).filter(
        ({ type }) => type !== 'weak',
      );
    },
  };
}
