// What holds a heap: each node of a graph has an owner, a kind, and a path on which it hangs.
import type { HeapGraph, Retainer } from './heap-graph.js';

/** Bytes and nodes. */
export interface Amount {
  readonly bytes: number;
  readonly objects: number;
}

/** A heap, divided in three ways. Each adds up to all of it. */
export interface Holdings {
  readonly all: Amount;
  /** By the nearest dominator that is of a class, with which it would go; where there is none, by who is nearest. */
  readonly byOwner: ReadonlyMap<string, Amount>;
  /** By what it is: the class of an object, closure, context, string. */
  readonly byKind: ReadonlyMap<string, Amount>;
  /** By where it hangs: the owner, and the properties from there on. */
  readonly byPath: ReadonlyMap<string, Amount>;
}

/** Objects of these say nothing about whose they are. */
const nobodys = new Set([
  'Object',
  'Array',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'Promise',
  'Function',
  'Generator',
  'AsyncFunction',
  'ArrayBuffer',
  'Uint8Array',
  'FastBuffer',
  'Buffer',
]);

const strings = new Set(['string', 'concatenated string', 'sliced string']);
/** What the engine made of the program, and keeps making: no session's, however many come. */
const compiled = new Set(['code', 'object shape']);
const compiledCode = 'compiled code';
/** So many properties a path has beyond its owner. */
const longestPath = 4;
const nobody = 'nobody';
const inner = new Set(['table', 'elements', 'properties']);

/** The class of a node; `undefined` when it is of none that tells whose it is. */
function classOf(graph: HeapGraph, node: number): string | undefined {
  const type = graph.typeOf(node);
  const name = graph.nameOf(node);
  if (type === 'native') return name;
  if (type !== 'object' || nobodys.has(name) || name === '' || /^(system|symbol)\b|[ ()]/.test(name)) return undefined;
  // Bundled classes that name themselves have an inner name.
  return name.replace(/^_(?=[A-Z])/, '');
}

function kindOf(graph: HeapGraph, node: number): string {
  const type = graph.typeOf(node);
  const name = graph.nameOf(node);
  if (strings.has(type)) return 'string';
  if (compiled.has(type)) return compiledCode;
  if (name === 'system / Context') return 'context';
  if (type === 'object' && name === 'Object') return 'plain object';
  if (type === 'object') return classOf(graph, node) ?? name;
  if (type === 'array') return 'internal array';
  if (type === 'hidden') return name.startsWith('system / ') ? name : 'hidden';
  return type === 'native' ? name : type;
}

/** Divides a heap. */
export function divide(graph: HeapGraph): Holdings {
  const stepsTo = stepsIn(graph);
  const ownerOf = ownersIn(graph, stepsTo);
  const byOwner = new Map<string, Amount>();
  const byKind = new Map<string, Amount>();
  const byPath = new Map<string, Amount>();
  let all: Amount = { bytes: 0, objects: 0 };
  for (let node = 0; node < graph.count; node++) {
    if (graph.typeOf(node) === 'synthetic') continue;
    const amount = { bytes: graph.bytesOf(node), objects: 1 };
    all = plus(all, amount);
    add(byOwner, ownerOf(node), amount);
    add(byKind, kindOf(graph, node), amount);
    add(byPath, pathTo(graph, node, stepsTo), amount);
  }
  return { all, byOwner, byKind, byPath };
}

/** The steps on which a node hangs: an owner, then properties. */
type Steps = (node: number) => readonly string[];

function ownersIn(graph: HeapGraph, stepsTo: Steps): (node: number) => string {
  const known = new Map<number, string | undefined>();

  /** The class of the nearest dominator that has one. */
  const dominatorsClass = (node: number): string | undefined => {
    const way: number[] = [];
    let owner: string | undefined;
    for (let at = node; ; at = graph.dominatorOf(at)) {
      owner = known.get(at) ?? classOf(graph, at);
      if (owner !== undefined || known.has(at)) break;
      way.push(at);
      if (graph.dominatorOf(at) === at) break;
    }
    for (const one of way) known.set(one, owner);
    return owner;
  };

  return (node) => {
    if (compiled.has(graph.typeOf(node))) return compiledCode;
    return dominatorsClass(node) ?? stepsTo(node)[0] ?? nobody;
  };
}

function stepsIn(graph: HeapGraph): Steps {
  const known = new Map<number, readonly string[]>();

  const stepsTo: Steps = (node) => {
    const before = known.get(node);
    if (before) return before;
    const own = compiled.has(graph.typeOf(node)) ? compiledCode : classOf(graph, node);
    if (own !== undefined) return [own];
    // Who comes back to itself on its way up hangs on nothing that is known.
    known.set(node, [nobody]);
    const holder = holderOf(graph, node);
    const steps = holder ? stepsVia(holder, node) : [nobody];
    known.set(node, steps);
    return steps;
  };

  const stepsVia = ({ from, edge }: Retainer, node: number): readonly string[] => {
    const steps = stepsTo(from);
    // The table of a map is part of it, and its entries are the map's.
    if (inner.has(edge)) return steps;
    if (steps.length > longestPath) return [...steps.slice(0, longestPath), '…'];
    return [...steps, graph.typeOf(node) === 'closure' ? `${edge}()` : edge];
  };

  return stepsTo;
}

/** The steps, joined; an object of a class also tells who holds it. */
function pathTo(graph: HeapGraph, node: number, stepsTo: Steps): string {
  const own = classOf(graph, node);
  if (own === undefined) return stepsTo(node).join('.');
  const holder = holderOf(graph, node);
  return holder ? `${own} (${[...stepsTo(holder.from).slice(0, 2), holder.edge].join('.')})` : own;
}

/** Who is said to hold it: its dominator, where that does so itself; else the retainer that is nearest to the roots. */
function holderOf(graph: HeapGraph, node: number): Retainer | undefined {
  const dominator = graph.dominatorOf(node);
  const retainers = graph.retainersOf(node).filter(({ from }) => from !== node);
  const direct = retainers.find(({ from }) => from === dominator);
  if (direct) return direct;
  const distance = (retainer: Retainer) => graph.distanceOf(retainer.from);
  return retainers.reduce<Retainer | undefined>(
    (nearest, one) => (!nearest || distance(one) < distance(nearest) ? one : nearest),
    undefined,
  );
}

/** What came between two moments, for each of so many. */
export function growth(before: Holdings, after: Holdings, each: number): Holdings {
  const less = (then: Amount = { bytes: 0, objects: 0 }, now: Amount = { bytes: 0, objects: 0 }): Amount => ({
    bytes: (now.bytes - then.bytes) / each,
    objects: (now.objects - then.objects) / each,
  });
  const by = (way: 'byOwner' | 'byKind' | 'byPath') => {
    const names = new Set([...before[way].keys(), ...after[way].keys()]);
    return new Map([...names].map((name) => [name, less(before[way].get(name), after[way].get(name))]));
  };
  return { all: less(before.all, after.all), byOwner: by('byOwner'), byKind: by('byKind'), byPath: by('byPath') };
}

function plus(one: Amount, other: Amount): Amount {
  return { bytes: one.bytes + other.bytes, objects: one.objects + other.objects };
}

function add(amounts: Map<string, Amount>, name: string, amount: Amount): void {
  const known = amounts.get(name);
  amounts.set(name, known ? plus(known, amount) : amount);
}
