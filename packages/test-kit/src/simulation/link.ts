// One direction of a connection, as TCP has it: bytes arrive late, in pieces cut anywhere, in order; and the writer waits
// while more is under way than the buffers between the two hold.
import type { Random } from './random.js';
import type { CallOff, Timeline } from './timeline.js';

/** How a link behaves now. May be changed while it is used. */
export interface Conditions {
  /** From one end to the other, in ms. */
  latencyMs: number;
  /** What may be added to that, in ms. */
  jitterMs: number;
  bytesPerMs: number;
  /** What the buffers of the two systems hold. */
  bufferBytes: number;
}

/** The end that bytes arrive at. */
export interface Receiver {
  /** @returns whether it takes more now; if not, it calls `resume()` when it does */
  receive(bytes: Buffer): boolean;
  /** The other end has ended; nothing follows. */
  ended(): void;
}

const nothing: Buffer = Buffer.alloc(0);

export class Link {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #conditions: Conditions;
  readonly #receiver: Receiver;
  #queue: { bytes: Buffer; at: number }[] = [];
  /** Bytes written and not arrived. */
  #underWay = 0;
  /** When the last byte that was written has left. */
  #leftAt = 0;
  #taken: (() => void) | undefined;
  #timer: CallOff | undefined;
  #ending = false;
  #over = false;
  /** Nothing arrives now: the reader stands still. */
  #stalled = false;
  /** Nothing arrives any more, which nobody knows: buffers fill up. */
  #lost = false;
  /** The receiver takes nothing now. */
  #full = false;

  constructor(timeline: Timeline, random: Random, conditions: Conditions, receiver: Receiver) {
    this.#timeline = timeline;
    this.#random = random;
    this.#conditions = conditions;
    this.#receiver = receiver;
  }

  /** @param taken called when the next may be written */
  write(bytes: Buffer, taken: () => void): void {
    if (this.#over) return;
    const { latencyMs, jitterMs, bytesPerMs } = this.#conditions;
    this.#leftAt = Math.max(this.#leftAt, this.#timeline.elapsed) + bytes.length / bytesPerMs;
    const arrives = this.#leftAt + latencyMs + this.#random.int(0, jitterMs);
    this.#queue.push({ bytes, at: Math.max(Math.ceil(arrives), this.#queue.at(-1)?.at ?? 0) });
    this.#underWay += bytes.length;
    this.#taken = taken;
    this.#free();
    this.#arm();
  }

  /** Nothing more is written. The receiver is told when all has arrived. */
  end(): void {
    this.#ending = true;
    this.#arm();
  }

  /** The connection breaks, perhaps in the middle of a frame: of what is under way a part arrives, the rest never. */
  break(): void {
    const next = this.#queue[0];
    const receives = !this.#over && !this.#stops;
    this.drop();
    if (receives && next) this.#receiver.receive(next.bytes.subarray(0, this.#random.int(0, next.bytes.length)));
  }

  /** Nothing arrives any more, and nobody is told. */
  drop(): void {
    this.#over = true;
    this.#timer?.();
    this.#queue = [];
    this.#taken = undefined;
  }

  lose(): void {
    this.#lost = true;
  }

  stall(): void {
    this.#stalled = true;
  }

  unstall(): void {
    this.#stalled = false;
    this.#arm();
  }

  /** The receiver takes more again. */
  resume(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#arm();
  }

  get #stops(): boolean {
    return this.#lost || this.#stalled || this.#full;
  }

  #arm(): void {
    if (this.#timer || this.#over || this.#stops) return;
    const next = this.#queue[0];
    if (!next && !this.#ending) return;
    const wait = next ? next.at - this.#timeline.elapsed : this.#conditions.latencyMs;
    this.#timer = this.#timeline.after(wait, () => {
      this.#timer = undefined;
      this.#arrive();
    });
  }

  #arrive(): void {
    if (this.#over || this.#stops) return;
    const bytes = this.#due();
    if (bytes.length > 0) {
      this.#underWay -= bytes.length;
      this.#full = !this.#receiver.receive(bytes);
      this.#free();
    } else if (this.#ending && this.#queue.length === 0) {
      this.drop();
      this.#receiver.ended();
    }
    this.#arm();
  }

  /** What has come by now, in one piece, or only a part of it. */
  #due(): Buffer {
    const now = this.#timeline.elapsed;
    let count = 0;
    while (count < this.#queue.length && (this.#queue[count]?.at as number) <= now) count++;
    if (count === 0) return nothing;
    const bytes = count === 1 ? (this.#queue.shift()?.bytes as Buffer) : Buffer.concat(this.#take(count));
    if (bytes.length < 2 || !this.#random.chance(1 / 16)) return bytes;
    const cut = this.#random.int(1, bytes.length - 1);
    this.#queue.unshift({ bytes: bytes.subarray(cut), at: now + this.#random.int(0, 20) });
    return bytes.subarray(0, cut);
  }

  #take(count: number): Buffer[] {
    return this.#queue.splice(0, count).map(({ bytes }) => bytes);
  }

  #free(): void {
    const taken = this.#taken;
    if (!taken || this.#underWay > this.#conditions.bufferBytes) return;
    this.#taken = undefined;
    taken();
  }
}
