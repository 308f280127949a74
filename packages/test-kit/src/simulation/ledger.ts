// What one page was told, judged event by event against what was stored.
import type { Position } from '@throughline/core';
import type { StoredEvent, Truth, Truths } from './truth.js';

/** An event as a client hands it on. */
export interface SeenEvent {
  readonly offset: number;
  readonly type: string;
  readonly user_id: string;
  readonly thread_id: string;
  readonly run_id?: string | undefined;
  readonly seq?: number | undefined;
  readonly first_seq?: number | undefined;
  readonly data: unknown;
}

/** Told of a broken promise. */
export type Accuse = (invariant: string, what: string) => void;

export interface Ledger {
  /** A reading is asked for: from the oldest unfinished run on, alone or among others, or not. */
  asks(active: boolean): void;
  /** A reading has opened: of these threads, or of all. */
  opened(threads: readonly string[] | null, position: Position): void;
  /** The client said that everything is void. */
  reset(position: Position): void;
  event(event: SeenEvent): void;
  /** What is missing of what the page should hold by now; undefined when nothing is. */
  missing(): string | undefined;
  readonly epoch: string;
}

/**
 * @param threads all threads of the user
 * @param known whether the client has taken a reading for its own: from then on a later one must join it
 */
export function createLedger(
  user_id: string,
  threads: readonly string[],
  truths: Truths,
  accuse: Accuse,
  known: () => boolean,
): Ledger {
  let epoch = '';
  let reading: readonly string[] = threads;
  /** Behind which offset everything of a thread is owed. */
  const owedFrom = new Map<string, number>();
  /** Threads of which something has come. */
  const held = new Set<string>();
  const runs = new Map<string, number>();
  const others = new Set<number>();
  /** The highest offset that has come of a thread. */
  const highest = new Map<string, number>();

  /** Runs that were unfinished when the reading was asked for from the oldest of them on. */
  let awaited: readonly string[] = [];

  const truth = (): Truth | undefined => truths.of(user_id, epoch);

  function opened(named: readonly string[] | null, position: Position): void {
    const [opens, offset] = partsOf(position);
    reading = named ?? threads;
    const of = truths.of(user_id, opens);
    for (const run_id of awaited) {
      const first = of?.unfinished.has(run_id) ? of.runs.get(run_id)?.[0] : undefined;
      if (!of || !first || !reading.includes(first.thread_id) || first.offset <= of.floor) continue;
      if (first.offset <= offset)
        accuse('gap', `reading opens at ${offset}, behind the beginning of unfinished run ${run_id}`);
    }
    // Until the client says so itself, by a reset, what it holds is of the incarnation before.
    if (epoch !== '' && epoch !== opens) return;
    epoch = opens;
    for (const thread of reading) {
      if (!held.has(thread) && !(known() && owedFrom.has(thread))) owedFrom.set(thread, offset);
    }
  }

  function stored(event: SeenEvent, of: Truth): readonly StoredEvent[] {
    const { run_id, seq = 0, first_seq = seq, offset } = event;
    const found =
      run_id === undefined ? [of.events[offset - 1]] : (of.runs.get(run_id) ?? []).slice(first_seq - 1, seq);
    return found.filter((one) => one !== undefined);
  }

  function judge(event: SeenEvent, of: Truth): void {
    const { offset, type, thread_id, run_id, seq = 0, first_seq = seq } = event;
    const name = `${type} at offset ${offset}${run_id === undefined ? '' : `, ${first_seq} to ${seq} of run ${run_id}`}`;
    const parts = stored(event, of);
    const last = parts.at(-1);
    if (event.user_id !== user_id) accuse('foreign event', `${name} is of ${event.user_id}`);
    if (!last || last.offset !== offset || last.run_id !== run_id) {
      accuse('foreign event', `${name} was never stored in this log`);
      return;
    }
    if (parts.some((part) => part.type !== type || part.thread_id !== thread_id)) {
      accuse('altered event', `${name} was stored as ${parts.map((part) => part.type).join(', ')}`);
    }
    const expected = joined(parts);
    if (JSON.stringify(event.data) !== expected) {
      accuse('altered event', `${name} holds ${brief(JSON.stringify(event.data))}, stored was ${brief(expected)}`);
    }
    if (!reading.includes(thread_id)) accuse('foreign thread', `${name} is of ${thread_id}, which is not read`);
    if (run_id === undefined) {
      if (others.has(offset)) accuse('duplicate', `${name} came before`);
    } else {
      const before = runs.get(run_id);
      if (before !== undefined && first_seq <= before) accuse('duplicate', `${name} after ${before}`);
      if (before !== undefined && first_seq > before + 1) accuse('gap', `${name} after ${before}`);
      const first = of.runs.get(run_id)?.[0] as StoredEvent;
      const owed = first.offset > (owedFrom.get(thread_id) ?? 0) && first.offset > of.floor;
      if (before === undefined && first_seq > 1 && owed) accuse('gap', `${name} came without the beginning`);
    }
    if (offset <= (highest.get(thread_id) ?? 0)) accuse('reorder', `${name} after offset ${highest.get(thread_id)}`);
  }

  return {
    asks(active) {
      awaited = active ? [...(truths.latest(user_id)?.unfinished ?? [])] : [];
    },
    opened,
    get epoch() {
      return epoch;
    },
    reset(position) {
      const [resets, offset] = partsOf(position);
      epoch = resets;
      for (const memory of [owedFrom, held, runs, others, highest]) memory.clear();
      for (const thread of reading) owedFrom.set(thread, offset);
    },
    event(event) {
      const of = truth();
      if (of) judge(event, of);
      else accuse('foreign event', `offset ${event.offset} is of epoch ${epoch}, which no log ever had`);
      const { run_id, seq, offset, thread_id } = event;
      held.add(thread_id);
      highest.set(thread_id, offset);
      if (run_id === undefined || seq === undefined) others.add(offset);
      else runs.set(run_id, seq);
    },
    missing() {
      const of = truth();
      if (!of || truths.latest(user_id)?.epoch !== epoch) return `it stands in epoch ${epoch}, which is over`;
      for (const { offset, type, thread_id, run_id, seq } of of.events) {
        if (!reading.includes(thread_id) || offset <= (owedFrom.get(thread_id) ?? Number.POSITIVE_INFINITY)) continue;
        const has = run_id === undefined ? others.has(offset) : (runs.get(run_id) ?? 0) >= (seq ?? 0);
        if (!has) return `${type} at offset ${offset}${run_id === undefined ? '' : `, ${seq} of run ${run_id}`}`;
      }
      return undefined;
    },
  };
}

/** What of an event is joined. */
interface Pieces {
  text?: string;
  reasoning?: string;
  progress?: number;
}

/** What events give when they are joined: section 4.1 of the protocol. */
function joined(parts: readonly StoredEvent[]): string {
  const [first, ...rest] = parts.map(({ data }) => data);
  if (rest.length === 0) return JSON.stringify(first);
  const whole: Pieces = { ...first };
  for (const { text, reasoning, progress } of rest as readonly Pieces[]) {
    if (text !== undefined) whole.text = (whole.text ?? '') + text;
    if (reasoning !== undefined) whole.reasoning = (whole.reasoning ?? '') + reasoning;
    if (progress !== undefined) whole.progress = progress;
  }
  return JSON.stringify(whole);
}

function brief(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}… (${text.length})` : text;
}

function partsOf(position: Position): readonly [epoch: string, offset: number] {
  const [epoch = '', offset] = position.split('.');
  return [epoch, Number(offset)];
}
