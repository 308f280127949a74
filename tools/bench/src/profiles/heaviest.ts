// The functions of a profile that cost most, as a table in Markdown.
import { type Call, keyOf } from './call-tree.js';
import type { Place } from './places.js';

/** A function, whoever called it. Shares are of all that was done, 0 to 1. */
export interface Heavy {
  readonly place: Place;
  /** Of itself. */
  readonly own: number;
  /** Of itself and of what it called; a function that calls itself counts once. */
  readonly all: number;
}

/** Below this share a function is not listed. */
const leastShare = 0.005;

/** The heaviest first; equals by name, so that the same profile has the same table. */
export function heaviest(root: Call): readonly Heavy[] {
  const totals = new Map<string, { place: Place; own: number; all: number }>();
  const add = (call: Call, above: ReadonlySet<string>) => {
    const key = keyOf(call.place);
    const total = totals.get(key) ?? { place: call.place, own: 0, all: 0 };
    totals.set(key, total);
    total.own += call.own / root.all;
    if (!above.has(key)) total.all += call.all / root.all;
    const chain = new Set(above).add(key);
    for (const callee of call.callees.values()) add(callee, chain);
  };
  if (root.all === 0) return [];
  for (const call of root.callees.values()) add(call, new Set());
  return [...totals].sort(([a, one], [b, other]) => other.own - one.own || (a < b ? -1 : 1)).map(([, total]) => total);
}

/**
 * @param cost what one event (or connection, or message) took of the thread in µs, which the shares are of. Absent: shares alone.
 */
export function heaviestTable(root: Call, cost?: number): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const micros = (share: number) => (cost === undefined ? [] : [(share * cost).toFixed(2)]);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['function', 'file', 'itself', 'with what it calls'];
  const dear = cost === undefined ? [] : ['itself, µs', 'with what it calls, µs'];
  const functions = heaviest(root)
    .filter(({ own }) => own >= leastShare)
    .map(({ place, own, all }) => {
      const file = place.file === '' ? '' : `${place.file}:${place.line}`;
      return [`\`${place.name}\``, file, percent(own), percent(all), ...micros(own), ...micros(all)];
    });
  const alignment = ['---', '---', ...Array.from({ length: 2 + dear.length }, () => '---:')];
  return [[...head, ...dear], alignment, ...functions].map(row).join('\n');
}
