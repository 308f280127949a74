// A profile that was taken becomes a flame graph and a table.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { flameGraph } from '../report/flame-graph.js';
import { commit, machine } from '../report/machine.js';
import { callTree, type Span } from './call-tree.js';
import { heaviestTable } from './heaviest.js';
import { placesIn } from './places.js';

/** What is profiled. */
export interface Subject {
  /** Of the files, without an ending. */
  readonly name: string;
  readonly title: string;
}

/** A profile as it can be looked at. */
export interface Picture {
  readonly name: string;
  readonly svg: string;
  /** Markdown. */
  readonly table: string;
  /** CPU time of an event (or connection, or message) with all threads in µs; absent where a scenario does not tell it. */
  readonly cpu?: number;
}

/** What was done while the profile was taken. */
export interface Done {
  /** Events, connections or messages. */
  readonly count: number;
  /** CPU time of one with all threads in µs, and what that is called. */
  readonly cpu: number;
  readonly title: string;
}

const folder = new URL('../../profiles/', import.meta.url);

/** Flags of Node for a process that is to leave a profile when it ends. */
export function profileFlags(name: string): readonly string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${fileURLToPath(folder)}`, `--cpu-prof-name=${name}.cpuprofile`];
}

/**
 * Reads the profile that a process with {@link profileFlags} left.
 *
 * @param programs the folder of the compiled processes, which must still be there
 */
export function pictureOf({ name, title }: Subject, programs: URL, span?: Span, done?: Done): Picture {
  const file = new URL(`${name}.cpuprofile`, folder);
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile;
  const { root, interval } = callTree(profile, placesIn(programs), span);
  // The main thread's. The time between samples is more than was worked when other processes were in the way.
  const each = done && Math.min(done.cpu, (root.all * interval) / done.count);
  const price = each === undefined ? '' : `; ${each.toFixed(2)} µs each`;
  const { cpu, cores, node } = machine();
  const table = [
    `# ${title}`,
    '',
    `${root.all} samples of work on the main thread, one per ${(interval / 1_000).toFixed(2)} ms${price}.`,
    ...(done ? [`${done.title}, all threads and the profiler included: ${done.cpu.toFixed(2)} µs.`] : []),
    `Commit ${commit()}, Node ${node.slice(1)}, ${cores} × ${cpu}.`,
    '',
    heaviestTable(root, each),
    '',
  ].join('\n');
  return { name, svg: flameGraph(`${title}${price}`, root), table, ...(done && { cpu: done.cpu }) };
}

/** Writes the flame graph and the table into profiles/. */
export function keepPicture({ name, svg, table }: Picture): void {
  writeFileSync(new URL(`${name}.svg`, folder), svg);
  writeFileSync(new URL(`${name}.md`, folder), table);
}
