// A heap made by hand: everything in it must be somebody's, once.
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type HeapGraph, readHeap } from '../src/memory/heap-graph.js';
import { divide, growth, type Holdings } from '../src/memory/holdings.js';
import { pathTable, sideBySide } from '../src/memory/report.js';

const nodeTypes = ['hidden', 'array', 'string', 'object', 'code', 'closure', 'native', 'synthetic'] as const;
const edgeTypes = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'] as const;

/** A node, and the edges that leave it: `type name` to the name of another. */
interface Drawn {
  readonly type: (typeof nodeTypes)[number];
  readonly name: string;
  readonly bytes: number;
  readonly edges?: Readonly<Record<string, string>>;
}

/** The file that V8 would write of it. The first node is the root. */
function snapshotOf(drawn: Readonly<Record<string, Drawn>>): string {
  const fields = ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'];
  const names = Object.keys(drawn);
  const strings: string[] = [];
  const text = (value: string) => (strings.includes(value) ? strings.indexOf(value) : strings.push(value) - 1);
  const nodes: number[] = [];
  const edges: number[] = [];
  for (const [index, { type, name, bytes, edges: own = {} }] of Object.values(drawn).entries()) {
    nodes.push(nodeTypes.indexOf(type), text(name), 2 * index + 1, bytes, Object.keys(own).length, 0, 0);
    for (const [edge, to] of Object.entries(own)) {
      const [kind = '', label = ''] = edge.split(' ');
      const place = kind === 'element' ? Number(label) : text(label);
      edges.push(edgeTypes.indexOf(kind as (typeof edgeTypes)[number]), place, names.indexOf(to) * fields.length);
    }
  }
  const meta = {
    node_fields: fields,
    node_types: [nodeTypes, 'string', 'number', 'number', 'number', 'number', 'number'],
    edge_fields: ['type', 'name_or_index', 'to_node'],
    edge_types: [edgeTypes, 'string_or_number', 'node'],
    location_fields: ['object_index', 'script_id', 'line', 'column'],
  };
  const snapshot = {
    snapshot: { meta, node_count: names.length, edge_count: edges.length / 3, trace_function_count: 0 },
    nodes,
    edges,
    trace_function_infos: [],
    trace_tree: [],
    samples: [],
    locations: [],
    strings,
  };
  return JSON.stringify(snapshot);
}

const read = (drawn: Readonly<Record<string, Drawn>>): Promise<HeapGraph> =>
  readHeap(Readable.from([Buffer.from(snapshotOf(drawn))]));

const object = (name: string, bytes: number, edges: Drawn['edges'] = {}): Drawn => ({
  type: 'object',
  name,
  bytes,
  edges,
});

/** Roots and a service; `sessions` are in its map, each with what it has; both share a grant. */
function serving(sessions: number): Readonly<Record<string, Drawn>> {
  const all = Array.from({ length: sessions }, (_, n): [string, Drawn][] => [
    [
      `s${n}`,
      object('_Session', 100, { 'property #parts': `parts${n}`, 'property #grant': 'grant', 'weak #last': 'late' }),
    ],
    [`parts${n}`, object('Object', 40, { 'property say': `say${n}`, 'property id': `id${n}` })],
    [`say${n}`, { type: 'closure', name: '', bytes: 56, edges: { 'internal context': `context${n}` } }],
    [`context${n}`, object('system / Context', 24, { 'context session': `s${n}` })],
    [`id${n}`, { type: 'string', name: `id-${n}`, bytes: 32 }],
  ]).flat();
  const entries = Object.fromEntries(Array.from({ length: sessions }, (_, n) => [`element ${n}`, `s${n}`]));
  return {
    root: { type: 'synthetic', name: '', bytes: 0, edges: { 'element 1': 'gc' } },
    gc: { type: 'synthetic', name: '(GC roots)', bytes: 0, edges: { 'element 0': 'service', 'element 1': 'late' } },
    service: object('Service', 80, { 'property #sessions': 'map', 'property run': 'code' }),
    map: object('Map', 32, { 'internal table': 'table' }),
    table: { type: 'array', name: '', bytes: 16 * sessions, edges: entries },
    ...Object.fromEntries(all),
    grant: object('Object', 28),
    late: object('Array', 16),
    code: { type: 'code', name: '(compiled)', bytes: 500 + sessions },
  };
}

const sums = ({ byOwner, byKind, byPath }: Holdings) =>
  [byOwner, byKind, byPath].map((way) => [...way.values()].reduce((sum, { bytes }) => sum + bytes, 0));

describe('what holds a heap', () => {
  test('is the nearest class through which every way leads', async () => {
    const { byOwner } = divide(await read(serving(2)));
    expect(byOwner.get('Session')).toEqual({ bytes: 2 * (100 + 40 + 56 + 24 + 32), objects: 10 });
    // What both sessions have goes with neither of them; the map and its table go with the service.
    expect(byOwner.get('Service')).toEqual({ bytes: 80 + 32 + 2 * 16 + 28, objects: 4 });
    expect(byOwner.get('compiled code')).toEqual({ bytes: 502, objects: 1 });
    expect(byOwner.get('nobody')).toEqual({ bytes: 16, objects: 1 });
  });

  test('is told by kind and by path too, and each way adds up to all of it', async () => {
    const holdings = divide(await read(serving(3)));
    expect(holdings.byKind.get('closure')).toEqual({ bytes: 3 * 56, objects: 3 });
    expect(holdings.byKind.get('context')).toEqual({ bytes: 3 * 24, objects: 3 });
    expect(holdings.byPath.get('Session.#parts.say()')).toEqual({ bytes: 3 * 56, objects: 3 });
    expect(holdings.byPath.get('Session (Service.#sessions.[])')).toEqual({ bytes: 300, objects: 3 });
    expect(sums(holdings)).toEqual([holdings.all.bytes, holdings.all.bytes, holdings.all.bytes]);
    expect(holdings.all.bytes).toBe(80 + 32 + 28 + 16 + 503 + 3 * (16 + 100 + 40 + 56 + 24 + 32));
  });

  test('grows by what came, no more and no less', async () => {
    const [before, after] = [divide(await read(serving(2))), divide(await read(serving(12)))];
    const each = growth(before, after, 10);
    expect(each.all.bytes).toBe(16 + 100 + 40 + 56 + 24 + 32 + 1);
    expect(each.byOwner.get('Session')).toEqual({ bytes: 252, objects: 5 });
    expect(each.byOwner.get('Service')).toEqual({ bytes: 16, objects: 0 });
    expect(sums(each)).toEqual([269, 269, 269]);
  });

  test('less than before is told as such', async () => {
    const each = growth(divide(await read(serving(4))), divide(await read(serving(2))), 1);
    expect(each.byOwner.get('Session')).toEqual({ bytes: -504, objects: -10 });
  });
});

describe('the tables', () => {
  test('name the heaviest first, and end with a sum that is the sum', async () => {
    const holdings = growth(divide(await read(serving(2))), divide(await read(serving(7))), 5);
    const peer = { title: 'Ours', rss: 0, heapUsed: 0, external: 0, holdings };
    expect(sideBySide('owner', [peer], 'byOwner').split('\n')).toEqual([
      '| owner | Ours, bytes | objects |',
      '|---|---|---|',
      '| `Session` | 252 | 5.00 |',
      '| `Service` | 16 | 0.00 |',
      '| 2 others | 1 | 0.00 |',
      '| **all** | 269 | 5.00 |',
    ]);
    expect(pathTable(peer, 2).split('\n').slice(2)).toEqual([
      '| `Session (Service.#sessions.[])` | 100 | 1.00 |',
      '| `Session.#parts.say()` | 56 | 1.00 |',
      '| all others | 113 | 3.00 |',
      '| **all** | 269 | 5.00 |',
    ]);
  });
});
