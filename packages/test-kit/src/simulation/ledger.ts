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
  opened(threads: readonly string[] | null, position: Position, head: number): void;
  /** The client has taken the reading for its own: from now on a later one must join it. */
  adopted(): void;
  /** The client said that everything is void. */
  reset(position: Position): void;
  event(event: SeenEvent): void;
  /** The threads that are read. */
  readonly reading: readonly string[];
  /** What is missing of what the page should hold by now; undefined when nothing is. */
  missing(): string | undefined;
  /** The page is told that it is live. What speaks against that: of what was there when the reading opened something is missing. */
  early(): string | undefined;
  readonly epoch: string;
}

/**
 * @param threads all threads of the user
 * @param begun whether the client stands anywhere: until then another log may take the place of the first, and voids nothing
 */
export function createLedger(
  user_id: string,
  threads: readonly string[],
  truths: Truths,
  accuse: Accuse,
  begun: () => boolean,
): Ledger {
  let epoch = '';
  let reading: readonly string[] = threads;
  /** Behind which offset everything of a thread is owed. */
  const owedFrom = new Map<string, number>();
  /** Threads of which the client knows that. */
  const known = new Set<string>();
  /** Threads of which something has come. */
  const held = new Set<string>();
  const runs = new Map<string, number>();
  const others = new Set<number>();
  /** The highest offset that has come of a thread. */
  const highest = new Map<string, number>();

  /** Runs that were unfinished when the reading was asked for from the oldest of them on. */
  let awaited: readonly string[] = [];

  /** What the log held when the reading opened, where that was, and which log it was. */
  let head = 0;
  let opensAt = 0;
  let headEpoch = '';
  /** The truth of `epoch`, once it was looked for. */
  let ofEpoch: Truth | undefined;
  /** Up to which offset nothing is missing, for certain. */
  let complete = 0;

  function opened(named: readonly string[] | null, position: Position, newHead: number): void {
    const [opens, offset] = partsOf(position);
    const before = reading;
    reading = named ?? threads;
    let isWider = !reading.every((thread) => before.includes(thread));
    head = newHead;
    opensAt = offset;
    headEpoch = opens;
    const of = truths.of(user_id, opens);
    for (const run_id of awaited) {
      const first = of?.unfinished.has(run_id) ? of.runs.get(run_id)?.[0] : undefined;
      if (!of || !first || !reading.includes(first.thread_id) || first.offset <= of.floor) continue;
      if (first.offset <= offset)
        accuse('gap', `reading opens at ${offset}, behind the beginning of unfinished run ${run_id}`);
    }
    // Until the client says so itself, by a reset, what it holds is of the incarnation before.
    if (epoch === '' || (epoch !== opens && held.size === 0 && !begun())) {
      epoch = opens;
      owedFrom.clear();
      known.clear();
    }
    for (const thread of epoch === opens ? reading : []) {
      const owed = owedFrom.get(thread);
      if (held.has(thread) || (owed !== undefined && known.has(thread))) continue;
      owedFrom.set(thread, offset);
      isWider ||= offset < (owed ?? Number.POSITIVE_INFINITY);
    }
    if (isWider) look();
  }

  /** Other threads are read, or they are owed from elsewhere on: what was complete may be so no more. */
  function look(): void {
    complete = Math.min(...reading.map((thread) => owedFrom.get(thread) ?? 0));
  }

  function truth(): Truth | undefined {
    if (ofEpoch?.epoch !== epoch) ofEpoch = truths.of(user_id, epoch);
    return ofEpoch;
  }

  /** The first event up to an offset that is owed and has not come. */
  function missing(of: Truth, last: number): StoredEvent | undefined {
    for (; complete < last; complete++) {
      const event = of.events[complete] as StoredEvent;
      const { offset, thread_id, run_id, seq } = event;
      if (!reading.includes(thread_id) || offset <= (owedFrom.get(thread_id) ?? Number.POSITIVE_INFINITY)) continue;
      const has = run_id === undefined ? others.has(offset) : (runs.get(run_id) ?? 0) >= (seq ?? 0);
      if (!has) return event;
    }
    return undefined;
  }

  function judge(event: SeenEvent, of: Truth): void {
    const { offset, type, thread_id, run_id, seq = 0, first_seq = seq } = event;
    const name = () =>
      `${type} at offset ${offset}${run_id === undefined ? '' : `, ${first_seq} to ${seq} of run ${run_id}`}`;
    const run = run_id === undefined ? undefined : of.runs.get(run_id);
    const last = run_id === undefined ? of.events[offset - 1] : run?.[seq - 1];
    if (event.user_id !== user_id) accuse('foreign event', `${name()} is of ${event.user_id}`);
    if (!last || last.offset !== offset || last.run_id !== run_id || first_seq > seq) {
      accuse('foreign event', `${name()} was never stored in this log`);
      return;
    }
    const parts = run && first_seq < seq ? run.slice(first_seq - 1, seq) : [last];
    if (parts.some((part) => part.type !== type || part.thread_id !== thread_id)) {
      accuse('altered event', `${name()} was stored as ${parts.map((part) => part.type).join(', ')}`);
    }
    const expected = parts.length === 1 ? last.data : joined(parts);
    if (!isAlike(event.data, expected)) {
      accuse('altered event', `${name()} holds ${brief(event.data)}, stored was ${brief(expected)}`);
    }
    if (!reading.includes(thread_id)) accuse('foreign thread', `${name()} is of ${thread_id}, which is not read`);
    if (!run || run_id === undefined) {
      if (others.has(offset)) accuse('duplicate', `${name()} came before`);
    } else {
      const before = runs.get(run_id);
      if (before !== undefined && first_seq <= before) accuse('duplicate', `${name()} after ${before}`);
      if (before !== undefined && first_seq > before + 1) accuse('gap', `${name()} after ${before}`);
      if (before === undefined && first_seq > 1) {
        const first = run[0] as StoredEvent;
        const owed = first.offset > (owedFrom.get(thread_id) ?? 0) && first.offset > of.floor;
        if (owed) accuse('gap', `${name()} came without the beginning`);
      }
    }
    const latest = highest.get(thread_id) ?? 0;
    if (offset <= latest) accuse('reorder', `${name()} after offset ${latest}`);
  }

  return {
    asks(active) {
      awaited = active ? [...(truths.latest(user_id)?.unfinished ?? [])] : [];
    },
    opened,
    adopted() {
      if (headEpoch === epoch) for (const thread of reading) known.add(thread);
    },
    get reading() {
      return reading;
    },
    get epoch() {
      return epoch;
    },
    reset(position) {
      const [resets, offset] = partsOf(position);
      epoch = resets;
      for (const memory of [owedFrom, held, runs, others, highest]) memory.clear();
      known.clear();
      for (const thread of reading) {
        owedFrom.set(thread, offset);
        known.add(thread);
      }
      look();
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
      const event = missing(of, of.events.length);
      return event && nameOf(event);
    },
    early() {
      const of = truth();
      if (!of || headEpoch !== epoch) return undefined;
      const event = missing(of, Math.min(head, of.events.length));
      // A reading that opens further on does not join what the page holds: that is void, which it is told next.
      return event && event.offset > opensAt ? nameOf(event) : undefined;
    },
  };
}

function nameOf({ offset, type, run_id, seq }: StoredEvent): string {
  return `${type} at offset ${offset}${run_id === undefined ? '' : `, ${seq} of run ${run_id}`}`;
}

/** What of an event is joined. */
interface Pieces {
  text?: string;
  reasoning?: string;
  progress?: number;
}

/** What events give when they are joined: section 4.1 of the protocol. */
function joined(parts: readonly StoredEvent[]): unknown {
  const [first, ...rest] = parts.map(({ data }) => data);
  const whole: Pieces = { ...first };
  for (const { text, reasoning, progress } of rest as readonly Pieces[]) {
    if (text !== undefined) whole.text = (whole.text ?? '') + text;
    if (reasoning !== undefined) whole.reasoning = (whole.reasoning ?? '') + reasoning;
    if (progress !== undefined) whole.progress = progress;
  }
  return whole;
}

/** Whether two values that came out of JSON would give the same JSON, the order of their fields included. */
function isAlike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  const others = Object.keys(other);
  const values = one as Record<string, unknown>;
  const otherValues = other as Record<string, unknown>;
  return (
    names.length === others.length &&
    names.every((name, index) => name === others[index] && isAlike(values[name], otherValues[name]))
  );
}

function brief(data: unknown): string {
  const text = JSON.stringify(data);
  return text.length > 120 ? `${text.slice(0, 120)}… (${text.length})` : text;
}

function partsOf(position: Position): readonly [epoch: string, offset: number] {
  const [epoch = '', offset] = position.split('.');
  return [epoch, Number(offset)];
}
