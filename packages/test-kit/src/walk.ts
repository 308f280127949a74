// Walks through a history as PROTOCOL.md, section 4.2, says a client must, and notes everything that is not as it should be.
import type { AgentEvent, ResetFrame } from '@throughline/events/protocol';
import { parseFrom, parsePosition } from '@throughline/events/protocol';
import { firstSeq, isRunEvent, type Piece, piecesOf, type RunEvent, saysTheSame } from './event-pieces.js';
import { type Frame, isEvent, short } from './frame.js';
import type { Finding, Wrong } from './history-error.js';
import type { Connection, Passage } from './history-source.js';

/** A run as it was read. */
export interface ReadRun {
  readonly run_id: string;
  readonly thread_id: string;
  readonly agent_name: string | undefined;
  /** Its beginning lies before where reading opened. */
  readonly truncated: boolean;
  /** By `seq`, in order. */
  readonly pieces: Map<number, Piece>;
  /** `seq` of its last event. */
  last: number;
  /** When its last event was appended. */
  timestamp: string;
}

/** What a history comes to. */
export interface Walk {
  readonly findings: readonly Finding[];
  /** Every frame of all connections, in order: what an `index` is of. */
  readonly frames: readonly Frame[];
  /** The events that were news and are not void. */
  readonly events: readonly AgentEvent[];
  readonly runs: ReadonlyMap<string, ReadRun>;
  readonly resets: readonly ResetFrame[];
}

export function walk(passage: Passage): Walk {
  const walker = new Walker(passage.kind);
  for (const connection of passage.connections) walker.connect(connection);
  return walker;
}

class Walker implements Walk {
  readonly findings: Finding[] = [];
  readonly frames: Frame[] = [];
  events: AgentEvent[] = [];
  runs = new Map<string, ReadRun>();
  readonly resets: ResetFrame[] = [];
  readonly #kind: Passage['kind'];
  /** What stood at an offset, in the present epoch. */
  #marks = new Map<number, AgentEvent>();
  #epoch: string | undefined;
  /** Where the latest reading opened; `undefined` when nobody said. */
  #opening: number | undefined;
  /** The highest offset of this reading; of a page: by thread, for between threads the order is that of reading. */
  #reached = new Map<string, number>();
  /** The highest offset that was held when this reading opened: up to there it may be sent again. */
  #held = 0;
  #highest = 0;
  /** All threads are read: no offset may be missing. */
  #readsAll = false;
  /** A position was asked for and not honoured: a reset must come before any event. */
  #owesReset = false;

  constructor(kind: Passage['kind']) {
    this.#kind = kind;
  }

  connect({ frames, options }: Connection): void {
    this.#readsAll = this.#kind === 'wire' && options !== undefined && options.threads === undefined;
    let welcomed = this.#kind === 'page' || options === undefined;
    for (const frame of frames) {
      this.frames.push(frame);
      if (isEvent(frame) && !welcomed) this.#note('PROTOCOL', 'An event came before welcome.');
      if (frame.type === 'welcome') welcomed = true;
      this.#take(frame, options?.from);
    }
  }

  #note(code: Wrong, what: string): void {
    this.findings.push({ code, what, index: this.frames.length - 1 });
  }

  #take(frame: Frame, from: string | undefined): void {
    if (isEvent(frame)) {
      this.#onEvent(frame);
    } else if (frame.type === 'welcome') {
      this.#open(frame.position, from);
    } else if (frame.type === 'reading') {
      this.#readsAll = frame.threads === null;
      this.#open(frame.position, undefined);
    } else if (frame.type === 'reset') {
      this.resets.push(frame);
      this.#void(frame.position);
    } else if (frame.type === 'heartbeat') {
      this.#onHeartbeat(frame.position);
    }
  }

  #open(position: string, asked: string | undefined): void {
    const opening = parsePosition(position);
    if (!opening) {
      this.#note('PROTOCOL', `The position ${short(position)} is none.`);
      return;
    }
    const wanted = asked === undefined ? undefined : parseFrom(asked);
    this.#owesReset = wanted?.position !== undefined && !isHonoured(wanted.position, wanted.active, position);
    if (this.#kind === 'page') {
      this.#opening = Math.max(this.#opening ?? 0, opening.offset);
      return;
    }
    // Another log, and nobody had asked for more of the one before: whoever reads begins anew.
    if (this.#epoch !== undefined && this.#epoch !== opening.epoch && !this.#owesReset) this.#void(position);
    this.#epoch = opening.epoch;
    this.#opening = opening.offset;
    this.#held = this.#highest;
    this.#reached = new Map();
  }

  /** Everything is void, and reading goes on behind a position. */
  #void(position: string): void {
    const { epoch, offset = 0 } = parsePosition(position) ?? {};
    this.events = [];
    this.runs = new Map();
    this.#marks = new Map();
    this.#reached = new Map();
    this.#epoch = epoch;
    this.#opening = offset;
    this.#held = 0;
    this.#highest = 0;
    this.#owesReset = false;
  }

  #onHeartbeat(position: string): void {
    const { offset = 0 } = parsePosition(position) ?? {};
    const reached = Math.max(this.#reached.get('') ?? 0, this.#opening ?? 0);
    if (this.#readsAll && offset > reached) {
      this.#note(
        'GAP',
        `Everything up to offset ${offset} was sent, says this heartbeat; offset ${reached} was the last that came.`,
      );
    }
  }

  #onEvent(event: AgentEvent): void {
    if (this.#owesReset) {
      this.#note('PROTOCOL', 'The position that was asked for is not where reading opened, and no reset came.');
      this.#owesReset = false;
    }
    const isKnown = this.#checkPlace(event);
    const isNews = isRunEvent(event) ? this.#readRunEvent(event) : !isKnown;
    if (isNews) this.events.push(event);
    this.#marks.set(event.offset, event);
    this.#highest = Math.max(this.#highest, event.offset);
  }

  /** Checks where an event stands in the log. @returns whether it came before */
  #checkPlace(event: AgentEvent): boolean {
    const { offset, mark, thread_id } = event;
    const lane = this.#kind === 'page' ? thread_id : '';
    const reached = this.#reached.get(lane) ?? (this.#kind === 'page' ? 0 : (this.#opening ?? 0));
    const known = this.#marks.get(offset);
    if (known && known.mark !== mark) {
      this.#note('CHANGED', `Offset ${offset} held another entry before: ${known.mark}, now ${mark}.`);
    }
    if (offset <= reached && !known) {
      this.#note('ORDER', `Offset ${offset} comes behind offset ${reached}.`);
    } else if (offset <= reached) {
      this.#note('DUPLICATE', `Offset ${offset} came already, and no reading has opened before it since.`);
    }
    const first = isRunEvent(event) ? offset - (event.seq - firstSeq(event)) : offset;
    if (this.#readsAll && offset > reached && first > reached + 1) {
      this.#note('GAP', `Offset ${first} follows offset ${reached}: ${first - reached - 1} are missing.`);
    }
    this.#reached.set(lane, Math.max(offset, this.#reached.get(lane) ?? 0));
    return known !== undefined;
  }

  #readRunEvent(event: RunEvent): boolean {
    const { run_id, seq, timestamp } = event;
    const first = firstSeq(event);
    const pieces = piecesOf(event, this.frames.length - 1);
    if (typeof pieces === 'string') {
      this.#note('CHANGED', pieces);
      return false;
    }
    const run = this.runs.get(run_id) ?? this.#begin(event, first);
    const expected = run.last + 1;
    if (first > expected && run.pieces.size > 0) {
      this.#note('GAP', `Run ${run_id} goes on with seq ${first} where ${expected} should be.`);
    }
    const repeated = run.pieces.get(first);
    if (repeated && !this.#mayRepeat(repeated)) {
      this.#note('DUPLICATE', `Seq ${first} of run ${run_id} is there already.`);
    }
    for (const piece of pieces) this.#keep(run, piece);
    if (seq < expected) return false;
    run.last = seq;
    run.timestamp = timestamp;
    return true;
  }

  /** What a reading that began anew sends again is no duplicate: pages drop it by (run_id, seq). */
  #mayRepeat({ index }: Piece): boolean {
    const { offset } = this.frames[index] as AgentEvent;
    return this.#kind === 'wire' && offset <= this.#held && offset > (this.#opening ?? 0);
  }

  #begin({ run_id, thread_id, agent_name, timestamp }: RunEvent, first: number): ReadRun {
    const truncated = first > 1;
    // What is missing of it must lie before where reading opened: as many offsets must be there.
    if (truncated && (this.#opening ?? 0) < first - 1) {
      this.#note('GAP', `Run ${run_id} begins with seq ${first}; reading opened behind offset ${this.#opening ?? 0}.`);
    }
    const run = {
      run_id,
      thread_id,
      agent_name,
      truncated,
      pieces: new Map<number, Piece>(),
      last: first - 1,
      timestamp,
    };
    this.runs.set(run_id, run);
    return run;
  }

  #keep(run: ReadRun, piece: Piece): void {
    const known = run.pieces.get(piece.seq);
    if (!known && piece.seq > run.last) run.pieces.set(piece.seq, piece);
    if (known && !saysTheSame(known, piece)) {
      this.#note(
        'CHANGED',
        `Seq ${piece.seq} of run ${run.run_id} said ${short(known.data)} before, now ${short(piece.data)}.`,
      );
    }
  }
}

/** Whether reading opened where it was asked to: at the position, or, when `active` was asked for too, not behind it. */
function isHonoured(asked: string, orActive: boolean, opened: string): boolean {
  if (!orActive) return asked === opened;
  const [want, got] = [parsePosition(asked), parsePosition(opened)];
  return want?.epoch === got?.epoch && (got?.offset ?? 0) <= (want?.offset ?? 0);
}
