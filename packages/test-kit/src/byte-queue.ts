// Bytes that came and are not whole yet, joined in linear time: a peer that sends single bytes must not make it slow.

export interface ByteQueue {
  /** All bytes that wait. To be looked at before anything else is called: what comes may be written over it. */
  readonly bytes: Buffer;
  push(bytes: Buffer): void;
  /** Takes so many away, from the front. */
  drop(length: number): void;
}

export function createByteQueue(): ByteQueue {
  let room: Buffer = Buffer.alloc(0);
  let start = 0;
  let end = 0;
  return {
    get bytes() {
      return room.subarray(start, end);
    },
    push(bytes) {
      if (start === end) {
        // Most often nothing waits: then nothing is copied. What is behind the end of these bytes is never written to.
        [room, start, end] = [bytes, 0, bytes.length];
        return;
      }
      if (end + bytes.length > room.length) {
        const waiting = room.subarray(start, end);
        // Twice what is needed: each byte is moved a few times at most, however many pieces they come in.
        room = Buffer.allocUnsafe(2 * (waiting.length + bytes.length));
        [start, end] = [0, waiting.copy(room)];
      }
      end += bytes.copy(room, end);
    },
    drop(length) {
      start = Math.min(start + length, end);
    },
  };
}
