// The events of one user in one dialect: each built once, for all sessions that read them now. One that reads alone keeps nothing.

/** How much is kept for a user, in bytes: what is said within one turn, many times over. Readers further behind build their own. */
const mostBytes = 262_144;

/** What an entry costs beside its bytes, as measured on Node 20: most of it is a buffer with memory of its own. */
const entryBytes = 600;

interface Kept {
  /** Length of the entry in the log. One that has been joined with others is longer, under the same offset. */
  readonly length: number;
  readonly frame: Buffer;
}

export class TranslatedFrames {
  #readers = 0;
  readonly #kept = new Map<number, Kept>();
  #epoch = '';
  #bytes = 0;

  /** A session reads. */
  join(): void {
    this.#readers += 1;
  }

  /** A session reads no more. What one alone would read again is kept for nobody. */
  leave(): void {
    this.#readers -= 1;
    if (!this.shared) this.#clear();
  }

  /** Whether several sessions read: what is built for one serves another. */
  get shared(): boolean {
    return this.#readers > 1;
  }

  /** Says which incarnation of the log the offsets are of: what is kept of another is dropped. */
  enter(epoch: string): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#clear();
  }

  get(offset: number, length: number): Buffer | undefined {
    const kept = this.#kept.get(offset);
    return kept?.length === length ? kept.frame : undefined;
  }

  put(offset: number, length: number, frame: Buffer): void {
    if (!this.shared) return;
    this.#drop(offset);
    this.#kept.set(offset, { length, frame });
    this.#bytes += frame.length + entryBytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= mostBytes) break;
      this.#drop(oldest);
    }
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  #clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #drop(offset: number): void {
    const kept = this.#kept.get(offset);
    if (!kept) return;
    this.#kept.delete(offset);
    this.#bytes -= kept.frame.length + entryBytes;
  }
}
