// Finds WebSocket frames in a stream of bytes, whichever end wrote them, and takes off their masks.
import { createByteQueue } from './byte-queue.js';
import { applyMask } from './frame-bytes.js';

/** A frame as it stood on the wire. */
export interface WireFrame {
  readonly opcode: number;
  readonly final: boolean;
  /** The three reserved bits as a number from 0 to 7. */
  readonly reserved: number;
  readonly masked: boolean;
  /** Without its mask. */
  readonly payload: Buffer;
  /** How many bytes it took, header included. */
  readonly size: number;
}

/** The longest header that there is: a length of 64 bits, and a mask. */
const longestHeader = 14;

interface Head {
  readonly start: number;
  readonly end: number;
  readonly key: Buffer | undefined;
}

/** Takes bytes as they come. */
export interface FrameSplitter {
  /** The frames that these bytes complete. */
  take(bytes: Buffer): WireFrame[];
  /** How many bytes of a frame that is not whole yet have come. */
  readonly rest: number;
  /** How many bytes that frame takes in all, by its header; 0 while that is not whole. */
  readonly due: number;
  /** How many of these bytes, not taken yet, end the frame under way; `Infinity` when they do not. */
  untilEnd(bytes: Buffer): number;
}

export function createFrameSplitter(): FrameSplitter {
  const pending = createByteQueue();
  return {
    get rest() {
      return pending.bytes.length;
    },
    get due() {
      return readHead(pending.bytes)?.end ?? 0;
    },
    untilEnd(bytes) {
      const { bytes: begun } = pending;
      const head = readHead(Buffer.concat([begun.subarray(0, longestHeader), bytes.subarray(0, longestHeader)]));
      const left = head ? head.end - begun.length : Number.POSITIVE_INFINITY;
      return left <= bytes.length ? left : Number.POSITIVE_INFINITY;
    },
    take(bytes) {
      pending.push(bytes);
      const frames: WireFrame[] = [];
      for (
        let head = readHead(pending.bytes);
        head && head.end <= pending.bytes.length;
        head = readHead(pending.bytes)
      ) {
        frames.push(cutOut(pending.bytes, head));
        pending.drop(head.end);
      }
      return frames;
    },
  };
}

/** Where the frame at the beginning of bytes lies, by its header; `undefined` while that is not whole. */
function readHead(bytes: Buffer): Head | undefined {
  const second = bytes[1];
  if (second === undefined) return undefined;
  const code = second & 0x7f;
  const lengthEnd = code < 126 ? 2 : code === 126 ? 4 : 10;
  const start = lengthEnd + (second & 0x80 ? 4 : 0);
  if (bytes.length < start) return undefined;
  let length = code;
  if (code === 126) length = bytes.readUInt16BE(2);
  if (code === 127) length = Number(bytes.readBigUInt64BE(2));
  return { start, end: start + length, key: second & 0x80 ? bytes.subarray(lengthEnd, start) : undefined };
}

function cutOut(bytes: Buffer, { start, end, key }: Head): WireFrame {
  const first = bytes[0] as number;
  const payload = Buffer.from(bytes.subarray(start, end));
  if (key) applyMask(payload, key);
  return {
    opcode: first & 0x0f,
    final: (first & 0x80) !== 0,
    reserved: (first & 0x70) >>> 4,
    masked: key !== undefined,
    payload,
    size: end,
  };
}
