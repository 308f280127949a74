// One direction of a connection through the proxy: counts, splits at the points where faults wait, shapes, carries.
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import type { FaultPoint } from './faults.js';
import { createFrameSplitter } from './frame-splitter.js';
import type { Random } from './seeded-random.js';

/** What is to be done once a count is reached. */
interface Trigger {
  readonly at: FaultPoint;
  readonly act: () => void;
}

/** How many bytes wait in the lane before its source is read no more. */
const mostWaiting = 65_536;

const headEnd = Buffer.from('\r\n\r\n');

export class ProxyLane {
  /** Bytes and whole WebSocket frames carried so far. */
  bytes = 0;
  frames = 0;
  #from: Socket | undefined;
  readonly #to: Socket;
  readonly #random: Random;
  readonly #triggers = new Set<Trigger>();
  /** Why the source is not read at the moment. */
  readonly #held = new Set<'stall' | 'sink' | 'queue'>();
  readonly #splitter = createFrameSplitter();
  /** The last bytes of a head that is not over yet; `undefined` behind it. */
  #head: Buffer | undefined = Buffer.alloc(0);
  #swallowing = false;
  #latency = { ms: 0, jitterMs: 0 };
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  #queue: { readonly bytes: Buffer | 'end'; readonly due: number }[] = [];
  #waiting = 0;
  /** When what came last is due, and when the line is free again. */
  #lastDue = 0;
  #free = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(to: Socket, random: Random) {
    this.#to = to;
    this.#random = random;
    to.on('drain', () => this.#let('sink'));
  }

  /** Begins to carry what comes from a socket. @param filter what it goes through first */
  read(from: Socket, filter: (bytes: Buffer) => Buffer = (bytes) => bytes): void {
    this.#from = from;
    from.on('data', (bytes: Buffer) => this.#carry(filter(bytes)));
    from.on('end', () => this.#put('end'));
  }

  /** Whether no frame is under way. */
  get betweenFrames(): boolean {
    return this.#head === undefined && this.#splitter.rest === 0;
  }

  get swallowing(): boolean {
    return this.#swallowing;
  }

  /** Calls `act` once a point is reached: at once, if it is already. */
  when(at: FaultPoint, act: () => void): void {
    const trigger = { at, act };
    if (this.#isReached(at)) act();
    else this.#triggers.add(trigger);
  }

  /** Carries bytes up to each point where something waits, lets that happen, and goes on. */
  #carry(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && !this.#swallowing) {
      const length = this.#next(rest);
      const passed = rest.subarray(0, length);
      rest = rest.subarray(length);
      this.bytes += length;
      this.#count(passed);
      this.#put(passed);
      for (const trigger of this.#triggers) {
        if (!this.#isReached(trigger.at)) continue;
        this.#triggers.delete(trigger);
        trigger.act();
      }
    }
  }

  swallow(): void {
    this.#swallowing = true;
  }

  stall(ms: number | undefined): void {
    this.#hold('stall');
    if (ms !== undefined) setTimeout(() => this.flow(), ms).unref();
  }

  flow(): void {
    this.#let('stall');
  }

  delay(ms: number, jitterMs: number): void {
    this.#latency = { ms, jitterMs };
  }

  limit(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Nothing more is carried; what waits is dropped. */
  stop(): void {
    this.#swallowing = true;
    this.#queue = [];
    clearTimeout(this.#timer);
    this.#held.clear();
    this.#from?.resume();
  }

  #isReached({ byte = 0, frame }: FaultPoint): boolean {
    return this.bytes >= byte && (frame === undefined || (this.#head === undefined && this.frames >= frame));
  }

  /** How many of these bytes may pass before something happens: a byte count, or the end of a frame or of the head. */
  #next(bytes: Buffer): number {
    let most = bytes.length;
    let byFrame = false;
    for (const { at } of this.#triggers) {
      if (at.byte !== undefined && at.byte > this.bytes) most = Math.min(most, at.byte - this.bytes);
      byFrame ||= at.frame !== undefined;
    }
    return byFrame ? Math.min(most, this.#untilBoundary(bytes)) : most;
  }

  /** Where in these bytes the head, or the frame under way, ends. */
  #untilBoundary(bytes: Buffer): number {
    if (this.#head !== undefined) {
      const joined = Buffer.concat([this.#head, bytes]);
      const end = joined.indexOf(headEnd);
      return end < 0 ? bytes.length : end + headEnd.length - this.#head.length;
    }
    return Math.min(bytes.length, this.#splitter.untilEnd(bytes));
  }

  #count(bytes: Buffer): void {
    let rest = bytes;
    if (this.#head !== undefined) {
      const length = this.#untilBoundary(bytes);
      const seen = Buffer.concat([this.#head, bytes.subarray(0, length)]);
      this.#head = seen.subarray(-headEnd.length).equals(headEnd) ? undefined : seen.subarray(1 - headEnd.length);
      rest = bytes.subarray(length);
    }
    if (rest.length > 0) this.frames += this.#splitter.take(rest).length;
  }

  #put(bytes: Buffer | 'end'): void {
    if (this.#swallowing) return;
    const now = performance.now();
    const { ms, jitterMs } = this.#latency;
    const size = bytes === 'end' ? 0 : bytes.length;
    this.#free = Math.max(this.#free, now) + (size * 1_000) / this.#bytesPerSecond;
    this.#lastDue = Math.max(this.#lastDue, this.#free + ms + this.#random() * jitterMs);
    this.#queue.push({ bytes, due: this.#lastDue });
    this.#waiting += size;
    if (this.#waiting > mostWaiting) this.#hold('queue');
    this.#deliver();
  }

  #deliver(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
      const wait = first.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#deliver(), Math.ceil(wait));
        return;
      }
      this.#queue.shift();
      this.#write(first.bytes);
    }
    this.#let('queue');
  }

  #write(bytes: Buffer | 'end'): void {
    if (bytes === 'end') {
      this.#to.end();
      return;
    }
    this.#waiting -= bytes.length;
    if (this.#to.destroyed || this.#to.writableEnded || this.#to.write(bytes)) return;
    this.#hold('sink');
  }

  #hold(why: 'stall' | 'sink' | 'queue'): void {
    this.#held.add(why);
    this.#from?.pause();
  }

  #let(why: 'stall' | 'sink' | 'queue'): void {
    if (!this.#held.delete(why) || this.#held.size > 0) return;
    this.#from?.resume();
  }
}
