// WebSocket frames as a client writes them (RFC 6455, section 5.2), with any flaw a peer may have. Own code on purpose:
// a library would refuse to write what is wrong.

/** The kinds of frames, by their numbers on the wire. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** How a frame is built. Default: whole, final, rightly masked, of the shortest length form. */
export interface FrameShape {
  /** By name, or any number from 0 to 15. Default `text`. */
  readonly opcode?: keyof typeof opcodes | number;
  /** Default `true`. */
  readonly final?: boolean;
  /** The three reserved bits as a number from 0 to 7. Default 0. */
  readonly reserved?: number;
  /** `false`: not masked, which no client may do. Otherwise the four bytes of the key. */
  readonly mask?: false | Uint8Array;
  /** The key that the payload is masked with in truth, when the header is to name another. */
  readonly maskedWith?: Uint8Array;
  /** The length that the header claims, in bytes, when it is to lie. */
  readonly length?: number | bigint;
  /** How many bits the length takes. Default: the fewest. A form longer than needed is illegal. */
  readonly lengthBits?: 7 | 16 | 64;
  /** Writes only so many bytes of the frame, header included: a partial frame. */
  readonly bytes?: number;
}

/** The masking key of the RFC's own example: what is random cannot be replayed. */
const exampleKey = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

/** The bytes of one frame of a client. */
export function encodeFrame(payload: string | Uint8Array, shape: FrameShape = {}): Buffer {
  const { opcode = 'text', final = true, reserved = 0, mask = exampleKey, maskedWith = mask } = shape;
  const content = Buffer.from(payload as Uint8Array);
  const length = BigInt(shape.length ?? content.length);
  const { lengthBits = length < 126n ? 7 : length < 65_536n ? 16 : 64 } = shape;
  const number = typeof opcode === 'number' ? opcode : opcodes[opcode];
  const maskBit = mask === false ? 0 : 0x80;
  const head = Buffer.alloc(lengthBits === 7 ? 2 : lengthBits === 16 ? 4 : 10);
  head[0] = (final ? 0x80 : 0) | ((reserved & 7) << 4) | (number & 15);
  head[1] = maskBit | (lengthBits === 7 ? Number(length & 0x7fn) : lengthBits === 16 ? 126 : 127);
  if (lengthBits === 16) head.writeUInt16BE(Number(length & 0xffffn), 2);
  if (lengthBits === 64) head.writeBigUInt64BE(BigInt.asUintN(64, length), 2);
  if (maskedWith !== false) applyMask(content, maskedWith);
  const frame = Buffer.concat([head, mask === false ? Buffer.alloc(0) : mask, content]);
  return frame.subarray(0, shape.bytes ?? frame.length);
}

/** Masks bytes where they lie, or takes the mask off: the same thing. */
export function applyMask(bytes: Uint8Array, key: Uint8Array): void {
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = (bytes[index] as number) ^ (key[index & 3] as number);
  }
}

/** The payload of a close frame. Without a code: empty. */
export function closePayload(code?: number, reason: string | Uint8Array = ''): Buffer {
  if (code === undefined) return Buffer.alloc(0);
  return Buffer.concat([Buffer.from([code >>> 8, code & 0xff]), Buffer.from(reason as Uint8Array)]);
}
