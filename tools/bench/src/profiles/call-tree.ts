// What a .cpuprofile says, added up: one tree of calls, without the time in which there was nothing to do.
import type { Profiler } from 'node:inspector';
import type { Place, Places } from './places.js';

/** A function as it was called from one chain of callers. Counts are of samples. */
export interface Call {
  readonly place: Place;
  /** Samples taken in the function itself. */
  own: number;
  /** Samples taken in it or in what it called. */
  all: number;
  readonly callees: Map<string, Call>;
}

/** A stretch of the machine's monotonic clock, in µs. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a profile comes to. */
export interface CallTree {
  readonly root: Call;
  /** Time from sample to sample in µs, those without anything to do included. */
  readonly interval: number;
}

const everything: Place = { name: 'all', file: '', line: 0, origin: 'native' };
const idle = '(idle)';

const newCall = (place: Place): Call => ({ place, own: 0, all: 0, callees: new Map() });

/** Tells functions apart: not every line of a caller makes another callee. */
export const keyOf = ({ name, file, line }: Place): string => `${name} ${file}:${line}`;

/**
 * Adds a profile up.
 *
 * Samples are counted, not the time between them: on a busy machine that holds what other processes did meanwhile.
 *
 * @param span samples out of it do not count: they are of a warm-up, of loading, of a check. Absent: all count.
 */
export function callTree(profile: Profiler.Profile, places: Places, span?: Span): CallTree {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const { counts, interval } = countsOf(profile, span);
  const root = newCall(everything);

  /** @returns the samples that were added in and below */
  const add = (node: Profiler.ProfileNode, call: Call): number => {
    const own = counts.get(node.id) ?? 0;
    let all = own;
    call.own += own;
    for (const id of node.children ?? []) {
      const child = nodes.get(id);
      if (!child || child.callFrame.functionName === idle) continue;
      const place = places(child.callFrame);
      const key = keyOf(place);
      const callee = call.callees.get(key) ?? newCall(place);
      call.callees.set(key, callee);
      all += add(child, callee);
    }
    call.all += all;
    return all;
  };

  // The first node is the root.
  const first = profile.nodes[0];
  if (first) add(first, root);
  return { root, interval };
}

function countsOf({ startTime, samples = [], timeDeltas = [] }: Profiler.Profile, span?: Span) {
  const counts = new Map<number, number>();
  let at = startTime;
  let taken = 0;
  let micros = 0;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    at += delta;
    if (span && (at < span.from || at > span.to)) continue;
    counts.set(id, (counts.get(id) ?? 0) + 1);
    taken += 1;
    micros += delta;
  }
  return { counts, interval: taken === 0 ? 0 : micros / taken };
}
