// The framing of the page's end (RFC 6455, section 5): what is sent is masked, what comes is not.

/** Opcodes of section 5.2. */
export const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** A frame with its mask. */
export function maskedFrame(opcode: number, payload: Buffer, mask: number): Buffer {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + extended + 4 + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  else if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const at = 2 + extended;
  frame.writeUInt32BE(mask >>> 0, at);
  for (let index = 0; index < length; index++) {
    frame[at + 4 + index] = (payload[index] as number) ^ (frame[at + (index & 3)] as number);
  }
  return frame;
}

/**
 * Gives each whole frame at the beginning of some bytes.
 *
 * @returns what is left: the beginning of a frame whose end has yet to come
 */
export function eachFrame(bytes: Buffer, take: (opcode: number, payload: Buffer) => void): Buffer {
  let at = 0;
  while (bytes.length - at >= 2) {
    let length = (bytes[at + 1] as number) & 0x7f;
    let header = 2;
    if (length === 126) {
      header = 4;
      if (bytes.length - at < header) break;
      length = bytes.readUInt16BE(at + 2);
    } else if (length === 127) {
      header = 10;
      if (bytes.length - at < header) break;
      length = Number(bytes.readBigUInt64BE(at + 2));
    }
    const end = at + header + length;
    if (bytes.length < end) break;
    const first = bytes[at] as number;
    take(first & 0x0f, bytes.subarray(at + header, end));
    at = end;
  }
  return at === 0 ? bytes : bytes.subarray(at);
}
