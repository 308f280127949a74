// Memory for the chunks of logs: what they drop, not what they take, makes the garbage collector go through the heap.
//
// V8 counts each ArrayBuffer that is made against the limit of its heap, garbage or not: a process with a small heap and a fast log
// was gone through whole for every 10 MB that its log grew, 5 to 16 ms each time, to find nothing. Shared memory it does not
// count. So logs take shared memory until they have dropped so much that a collection is due, and then memory that brings one.

/**
 * Below so many bytes memory is ordinary: what a closed service leaves is then counted, and processes that start one after the other,
 * as tests do, do not fill.
 */
const smallest = 8 * 1_048_576;

export class ChunkMemory {
  /** Bytes in use. */
  held = 0;
  readonly #mostDropped: number;
  /** Bytes dropped since the last collection. */
  #dropped = 0;
  /** Held by nobody: gone once there was a collection. */
  #witness = new WeakRef({});

  /** @param mostDropped so many bytes of garbage, at most, the collector is not told of */
  constructor(mostDropped: number) {
    this.#mostDropped = mostDropped;
  }

  /** Memory of nobody else. What it holds at first is undefined. */
  allocate(bytes: number): Buffer {
    const isCounted = this.held < smallest || this.#dropped > this.#mostDropped;
    this.held += bytes;
    return isCounted ? Buffer.allocUnsafeSlow(bytes) : Buffer.from(new SharedArrayBuffer(bytes));
  }

  /** So many bytes are needed no more. */
  drop(bytes: number): void {
    if (!this.#witness.deref()) {
      this.#witness = new WeakRef({});
      this.#dropped = 0;
    }
    this.held -= bytes;
    this.#dropped += bytes;
  }
}
