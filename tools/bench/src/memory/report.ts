// The tables of the memory measurement, as markdown.
import type { Amount, Holdings } from './holdings.js';

/** What was found of one peer, for each session. */
export interface PeerMemory {
  readonly title: string;
  /** Bytes, of a process without snapshots. */
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  /** What two snapshots differ by. */
  readonly holdings: Holdings;
}

/** What comes to less than this, in bytes per session, is told in one row. */
const leastBytes = 4;

const nothing: Amount = { bytes: 0, objects: 0 };

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

const cellsOf = ({ bytes, objects }: Amount) => [bytes.toFixed(0), objects.toFixed(2)];
const columnsOf = (peers: readonly PeerMemory[]) => peers.flatMap(({ title }) => [`${title}, bytes`, 'objects']);

/** The figures of the processes. */
export function processTable(peers: readonly PeerMemory[]): string {
  const row = (title: string, of: (peer: PeerMemory) => number) => [title, ...peers.map((one) => of(one).toFixed(0))];
  return table(
    ['bytes per session', ...peers.map(({ title }) => title)],
    [
      row('RSS', ({ rss }) => rss),
      row('heap', ({ heapUsed }) => heapUsed),
      row('outside of the heap, held by it', ({ external }) => external),
      row('what the snapshots differ by', ({ holdings }) => holdings.all.bytes),
    ],
  );
}

/** All peers side by side, in one way of dividing. The last row is the sum of all above it, and what the snapshots differ by. */
export function sideBySide(title: string, peers: readonly PeerMemory[], way: 'byOwner' | 'byKind'): string {
  const names = [...new Set(peers.flatMap(({ holdings }) => [...holdings[way].keys()]))];
  const amounts = (name: string) => peers.map(({ holdings }) => holdings[way].get(name) ?? nothing);
  const counts = (name: string) =>
    amounts(name).some(({ bytes, objects }) => Math.abs(bytes) >= leastBytes || objects >= 0.5);
  const size = (name: string) => Math.max(...amounts(name).map(({ bytes }) => Math.abs(bytes)));
  const shown = names.filter(counts).sort((a, b) => size(b) - size(a));
  const others = names.filter((name) => !counts(name));
  const rest = peers.map(({ holdings }) => sum(others.map((name) => holdings[way].get(name) ?? nothing)));
  return table(
    [title, ...columnsOf(peers)],
    [
      ...shown.map((name) => [`\`${name}\``, ...amounts(name).flatMap(cellsOf)]),
      [`${others.length} others`, ...rest.flatMap(cellsOf)],
      ['**all**', ...peers.flatMap(({ holdings }) => cellsOf(holdings.all))],
    ],
  );
}

/** The heaviest paths of one peer. */
export function pathTable({ title, holdings }: PeerMemory, most: number): string {
  const sorted = [...holdings.byPath].sort(([, a], [, b]) => b.bytes - a.bytes);
  const shown = sorted.slice(0, most).filter(([, { bytes }]) => bytes >= leastBytes);
  const rest = sum(sorted.slice(shown.length).map(([, amount]) => amount));
  return table(
    [`${title}: where it hangs`, 'bytes', 'objects'],
    [
      ...shown.map(([name, amount]) => [`\`${name}\``, ...cellsOf(amount)]),
      ['all others', ...cellsOf(rest)],
      ['**all**', ...cellsOf(holdings.all)],
    ],
  );
}

function sum(amounts: readonly Amount[]): Amount {
  return amounts.reduce(
    (all, { bytes, objects }) => ({ bytes: all.bytes + bytes, objects: all.objects + objects }),
    nothing,
  );
}
