// WebSocket frames byte by byte (RFC 6455, section 5), with any flaw a peer may have. Own code on purpose: a library
// would neither write what is wrong nor notice what the service must never write.

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** How a client's frame is built. Default: one whole, masked text frame. */
export interface FrameShape {
  readonly opcode?: number;
  readonly final?: boolean;
  /** The three reserved bits, as a number from 0 to 7. */
  readonly reserved?: number;
  readonly masked?: boolean;
  /** What the header says the length is, when it lies. */
  readonly saidLength?: number;
}

/** The masking key of the RFC's own example: what is random cannot be replayed. */
const mask = [0x37, 0xfa, 0x21, 0x3d] as const;

/** A frame as a client writes it. */
export function clientFrame(payload: string | Uint8Array, shape: FrameShape = {}): Buffer {
  const { opcode = opcodes.text, final = true, reserved = 0, masked = true } = shape;
  const content = Buffer.from(payload);
  const { saidLength = content.length } = shape;
  const head = [(final ? 0x80 : 0) | (reserved << 4) | opcode];
  const maskBit = masked ? 0x80 : 0;
  if (saidLength < 126) head.push(maskBit | saidLength);
  else if (saidLength < 65_536) head.push(maskBit | 126, saidLength >>> 8, saidLength & 0xff);
  else head.push(maskBit | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (saidLength >>> shift) & 0xff));
  if (masked) {
    head.push(...mask);
    for (let index = 0; index < content.length; index++) {
      content[index] = (content[index] as number) ^ (mask[index & 3] as number);
    }
  }
  return Buffer.concat([Buffer.from(head), content]);
}

/** The payload of a close frame. */
export function closePayload(code: number, reason: string | Uint8Array = ''): Buffer {
  return Buffer.concat([Buffer.from([code >>> 8, code & 0xff]), Buffer.from(reason)]);
}

/** A frame as a service wrote it. */
export interface ServiceFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/**
 * Reads what a service writes: feed it bytes as they come.
 *
 * @param onViolation told what the service must never write: a mask, a reserved bit, a fragment, an unknown opcode,
 *   anything behind a close frame
 */
export function createFrameReader(
  onFrame: (frame: ServiceFrame) => void,
  onViolation: (what: string) => void,
): (bytes: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let closed = false;

  /** The first whole frame of what is pending: its opcode and where its payload begins and ends. */
  function first() {
    if (pending.length < 2) return undefined;
    const [head, size] = pending as unknown as [number, number];
    if (head & 0x70) onViolation('a reserved bit is set');
    if (!(head & 0x80)) onViolation('a fragment');
    if (size & 0x80) onViolation('a mask');
    const lengthCode = size & 0x7f;
    const start = lengthCode < 126 ? 2 : lengthCode === 126 ? 4 : 10;
    if (pending.length < start) return undefined;
    let length = lengthCode;
    if (lengthCode === 126) length = pending.readUInt16BE(2);
    if (lengthCode === 127) length = Number(pending.readBigUInt64BE(2));
    return pending.length < start + length ? undefined : { opcode: head & 0x0f, start, end: start + length };
  }

  return (bytes) => {
    if (closed && bytes.length > 0) onViolation('bytes behind a close frame');
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    for (let frame = first(); frame; frame = first()) {
      const payload = pending.subarray(frame.start, frame.end);
      pending = pending.subarray(frame.end);
      if (!Object.values<number>(opcodes).includes(frame.opcode)) onViolation(`opcode ${frame.opcode}`);
      if (frame.opcode === opcodes.close) {
        closed = true;
        if (pending.length > 0) onViolation('bytes behind a close frame');
      }
      onFrame({ opcode: frame.opcode, payload });
    }
  };
}
