// The newest entries of one user's log, encoded, in memory: a structure without I/O, locks or timers.
//
// Entries are kept as the very bytes that go to a socket, back to back in chunks the window owns, so that encoding
// happens once per process and a catch-up is one write of a slice. The chunks never come from Node's shared Buffer
// pool: one retained entry of 200 bytes would hold 8 KiB of it (6 MB of entries held 164 MB).
import { noMark } from '@throughline/events/protocol';
import type { ChunkMemory } from './chunk-memory.js';
import { forEachEntry, selectEntries } from './entries.js';
import { headerLength, writeHeader } from './framing.js';
import type { Slice } from './log.js';

/** Bytes of a user's first chunk; each further one is twice as large, up to the largest. */
const smallestChunk = 512;
const largestChunk = 16_384;

/** Entries of so many ms lie in one chunk at most: it goes as a whole, once its newest is too old. */
const longestChunkMs = 60_000;

/** Bytes of a slot: it says where an entry ends, which is within {@link largestChunk} for all but the last. */
const slotBytes = 2;

/**
 * A slotted page: entries from the front, slots from the back. A log of an hour has a million entries, and an array of where they
 * end would be the most that the garbage collector has to look through.
 */
interface Chunk {
  readonly buffer: Buffer;
  /** The first offset in it. */
  readonly first: number;
  /** How many entries it holds. */
  count: number;
  /** Where the last of them ends. Of the others a slot says so. */
  end: number;
  /** The offset of each entry, where neighbours have been joined: an entry then stands for all offsets since the one before. */
  readonly offsets?: Float64Array;
  /** When its oldest and its newest entry were added, in ms since the epoch. */
  readonly oldest: number;
  newest: number;
}

/** How much a window may hold. */
export interface WindowLimits {
  readonly bytes: number;
  readonly entries: number;
  readonly ageMs: number;
}

export class Window {
  /** Offset of the newest entry. */
  head = 0;
  /** Offset of the newest entry that was dropped. */
  floor = 0;
  /** Memory held, in bytes: whole chunks, used or not. */
  bytes = 0;
  readonly #memory: ChunkMemory;
  #floorMark = noMark;
  /** Oldest first. */
  #chunks: Chunk[] = [];
  /** The last of them: writers and most readers need no other. */
  #tail: Chunk | undefined;
  #entries = 0;
  /** How many chunks, from the oldest on, have been looked through for neighbours to join; what they hold. */
  #joined = 0;
  #joinedBytes = 0;
  #joinedEntries = 0;

  constructor(memory: ChunkMemory) {
    this.#memory = memory;
  }

  /** How many entries are held. */
  get entries(): number {
    return this.#entries;
  }

  /** Adds an entry at `head + 1`. `body` is its JSON from behind the opening brace, without offset and mark. */
  push(mark: string, body: string, now: number): void {
    const offset = this.head + 1;
    const text = `{"offset":${offset},"mark":"${mark}",${body}`;
    const tail = this.#tail;
    // A character takes at most three bytes, so most entries need no exact count.
    const most = text.length * 3;
    if (tail && most < 65_536 && text.length > 125 && 4 + most <= roomIn(tail, now)) {
      const at = tail.end;
      const length = tail.buffer.write(text, at + 4);
      writeHeader(tail.buffer, at, length);
      noteEntry(tail, at + 4 + length, now);
    } else {
      const length = Buffer.byteLength(text);
      const header = headerLength(length);
      const chunk = this.#room(header + length, offset, now);
      const at = chunk.end;
      writeHeader(chunk.buffer, at, length);
      chunk.buffer.write(text, at + header);
      noteEntry(chunk, at + header + length, now);
    }
    this.head = offset;
    this.#entries += 1;
  }

  /** Reads on after an offset: see `UserLog.read`. A slice never spans two chunks. */
  read(after: number, maxBytes: number): Slice | 'below_floor' | undefined {
    if (after >= this.head) return undefined;
    if (after < this.floor) return 'below_floor';
    const chunk = this.#chunkOf(after + 1);
    // In the middle of what has been joined all of it is given: the client takes the pieces that it lacks.
    const from = indexOf(chunk, after + 1);
    const start = startOf(chunk, from);
    let to = chunk.count - 1;
    if (chunk.end - start > maxBytes) {
      let low = from;
      while (low < to) {
        const middle = (low + to + 1) >>> 1;
        if (endOf(chunk, middle) - start <= maxBytes) low = middle;
        else to = middle - 1;
      }
    }
    return { bytes: chunk.buffer.subarray(start, endOf(chunk, to)), last: lastOf(chunk, to) };
  }

  /** The mark of the entry at an offset from `floor` to `head`; none inside of what has been joined. */
  markAt(offset: number): string | undefined {
    if (offset === this.floor) return this.#floorMark;
    if (!(offset > this.floor && offset <= this.head)) return undefined;
    const chunk = this.#chunkOf(offset);
    const index = indexOf(chunk, offset);
    if (lastOf(chunk, index) !== offset) return undefined;
    const start = startOf(chunk, index);
    const lengthCode = chunk.buffer[start + 1] as number;
    const header = lengthCode < 126 ? 2 : lengthCode === 126 ? 4 : 10;
    // Behind `{"offset":`, the digits of the offset, and `,"mark":"`.
    const at = start + header + 10 + String(offset).length + 9;
    return chunk.buffer.toString('latin1', at, at + 8);
  }

  /** The entry that stands for an offset above `floor`. */
  entryAt(offset: number): Slice {
    const chunk = this.#chunkOf(offset);
    const index = indexOf(chunk, offset);
    return { bytes: chunk.buffer.subarray(startOf(chunk, index), endOf(chunk, index)), last: lastOf(chunk, index) };
  }

  /**
   * Makes room until the limits hold: drops what is too old, then joins neighbours, oldest first, and only then drops the
   * oldest chunks. The chunk being written is dropped only when it is too old.
   *
   * The newest half is left as it is: a position inside of what has been joined cannot be honoured, and those that pages
   * come back with are young.
   */
  trim(limits: WindowLimits, now: number): void {
    for (let oldest = this.#chunks[0]; oldest; oldest = this.#chunks[0]) {
      const tooOld = oldest.newest < now - limits.ageMs;
      const tooMuch = this.bytes > limits.bytes || this.#entries > limits.entries;
      if (!tooOld && !(tooMuch && this.#chunks.length > 1)) return;
      const isHalfFull =
        this.bytes - this.#joinedBytes > limits.bytes / 2 || this.#entries - this.#joinedEntries > limits.entries / 2;
      if (!tooOld && isHalfFull && this.#joined < this.#chunks.length - 1) this.#joinNext();
      else this.#dropOldest(oldest);
    }
  }

  /** Drops everything. Head, and with it the place of the next entry, stays. */
  clear(): void {
    for (let oldest = this.#chunks[0]; oldest; oldest = this.#chunks[0]) this.#dropOldest(oldest);
  }

  /** Drops everything, and begins anew. */
  reset(): void {
    this.clear();
    this.head = 0;
    this.floor = 0;
    this.#floorMark = noMark;
  }

  #dropOldest(oldest: Chunk): void {
    const last = lastOf(oldest, oldest.count - 1);
    this.#floorMark = this.markAt(last) as string;
    this.floor = last;
    this.#memory.drop(oldest.buffer.length);
    this.bytes -= oldest.buffer.length;
    this.#entries -= oldest.count;
    if (this.#joined > 0) {
      this.#joined -= 1;
      this.#joinedBytes -= oldest.buffer.length;
      this.#joinedEntries -= oldest.count;
    }
    this.#chunks.shift();
    this.#tail = this.#chunks.at(-1);
  }

  /** Joins neighbours in the oldest chunk that was not looked at, and puts what is left beside what was joined before. */
  #joinNext(): void {
    const chunk = this.#chunks[this.#joined] as Chunk;
    const whole = chunk.buffer.subarray(0, chunk.end);
    const bytes = selectEntries(whole, undefined, true);
    // What has nothing to join, and little room to spare, stays as it is.
    if (bytes === whole && chunk.buffer.length - chunk.end < chunk.buffer.length / 16) {
      this.#joined += 1;
      this.#joinedBytes += chunk.buffer.length;
      this.#joinedEntries += chunk.count;
      return;
    }
    const before = this.#joined > 0 ? (this.#chunks[this.#joined - 1] as Chunk) : undefined;
    const beside =
      before !== undefined &&
      before.end + bytes.length <= largestChunk &&
      chunk.newest - before.oldest <= longestChunkMs;
    const held = beside ? before.buffer.subarray(0, before.end) : bytes;
    const joined = this.#joinedChunk(beside ? [before, chunk] : [chunk], beside ? [held, bytes] : [bytes]);
    const replaced = beside ? before.buffer.length + chunk.buffer.length : chunk.buffer.length;
    const replacedEntries = chunk.count + (beside ? before.count : 0);
    this.#chunks.splice(this.#joined - (beside ? 1 : 0), beside ? 2 : 1, joined);
    this.#memory.drop(replaced);
    this.#joined += beside ? 0 : 1;
    this.bytes += joined.buffer.length - replaced;
    this.#entries += joined.count - replacedEntries;
    this.#joinedBytes += joined.buffer.length - (beside ? before.buffer.length : 0);
    this.#joinedEntries += joined.count - (beside ? before.count : 0);
  }

  /** A chunk of exactly these entries in the place of others, which have been joined. */
  #joinedChunk(chunks: readonly Chunk[], parts: readonly Buffer[]): Chunk {
    const ends: number[] = [];
    const offsets: number[] = [];
    let length = 0;
    for (const part of parts) {
      const start = length;
      forEachEntry(part, (offset, end) => {
        ends.push(start + end);
        offsets.push(offset);
      });
      length += part.length;
    }
    const { first, oldest } = chunks[0] as Chunk;
    const { newest } = chunks.at(-1) as Chunk;
    const buffer = this.#memory.allocate(length + (ends.length - 1) * slotBytes);
    const chunk: Chunk = { buffer, first, count: 0, end: 0, offsets: Float64Array.from(offsets), oldest, newest };
    let at = 0;
    for (const part of parts) at += part.copy(buffer, at);
    for (const end of ends) noteEntry(chunk, end, newest);
    return chunk;
  }

  #room(size: number, offset: number, now: number): Chunk {
    const tail = this.#tail;
    if (tail && size <= roomIn(tail, now)) return tail;
    const wanted = tail ? (isOver(tail, now) ? tail.end : tail.buffer.length * 2) : 0;
    const chunk: Chunk = {
      buffer: this.#memory.allocate(Math.max(size, smallestChunk, Math.min(wanted, largestChunk))),
      first: offset,
      count: 0,
      end: 0,
      oldest: now,
      newest: now,
    };
    this.#chunks.push(chunk);
    this.#tail = chunk;
    this.bytes += chunk.buffer.length;
    return chunk;
  }

  #chunkOf(offset: number): Chunk {
    const tail = this.#tail as Chunk;
    if (tail.first <= offset) return tail;
    let high = this.#chunks.length - 1;
    let low = 0;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#chunks[middle] as Chunk).first <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#chunks[low] as Chunk;
  }
}

/** Whether it takes no further entry, for its first is too old. */
function isOver({ oldest }: Chunk, now: number): boolean {
  return now - oldest > longestChunkMs;
}

/** How many bytes of a further entry it takes. */
function roomIn(chunk: Chunk, now: number): number {
  return isOver(chunk, now) ? 0 : chunk.buffer.length - chunk.end - chunk.count * slotBytes;
}

function startOf(chunk: Chunk, index: number): number {
  return index === 0 ? 0 : endOf(chunk, index - 1);
}

/** Where an entry ends. */
function endOf({ buffer, end, count }: Chunk, index: number): number {
  if (index === count - 1) return end;
  const slot = buffer.length - (index + 1) * slotBytes;
  return ((buffer[slot] as number) << 8) | (buffer[slot + 1] as number);
}

/** Notes that a further entry ends at `end`. */
function noteEntry(chunk: Chunk, end: number, now: number): void {
  if (chunk.count > 0) {
    const slot = chunk.buffer.length - chunk.count * slotBytes;
    chunk.buffer[slot] = chunk.end >>> 8;
    chunk.buffer[slot + 1] = chunk.end & 0xff;
  }
  chunk.count += 1;
  chunk.end = end;
  chunk.newest = now;
}

/** Which entry of a chunk stands for an offset. */
function indexOf({ first, offsets }: Chunk, offset: number): number {
  if (!offsets) return offset - first;
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] as number) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The offset of an entry of a chunk. */
function lastOf({ first, offsets }: Chunk, index: number): number {
  return offsets ? (offsets[index] as number) : first + index;
}
