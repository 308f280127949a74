// WebSocket text frames as a server writes them: final, unmasked, opcode 1 (RFC 6455, section 5.2).

const finalText = 0x81;

/** Bytes of the header in front of a payload of `length` bytes. */
export function headerLength(length: number): 2 | 4 | 10 {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}

/** Writes the header of a text frame whose payload is `length` bytes; the payload follows it. */
export function writeHeader(target: Buffer, at: number, length: number): void {
  target[at] = finalText;
  if (length < 126) {
    target[at + 1] = length;
  } else if (length < 65_536) {
    target[at + 1] = 126;
    target[at + 2] = length >>> 8;
    target[at + 3] = length & 0xff;
  } else {
    target[at + 1] = 127;
    target.writeUInt32BE(0, at + 2);
    target.writeUInt32BE(length, at + 6);
  }
}

/** A whole text frame. */
export function textFrame(text: string): Buffer {
  return writeTextFrame(text, Buffer.allocUnsafe);
}

/** A text frame that will be kept: it does not hold a slab of Buffer's shared pool. */
export function keptTextFrame(text: string): Buffer {
  return writeTextFrame(text, Buffer.allocUnsafeSlow);
}

function writeTextFrame(text: string, allocate: (size: number) => Buffer): Buffer {
  const length = Buffer.byteLength(text);
  const header = headerLength(length);
  const frame = allocate(header + length);
  writeHeader(frame, 0, length);
  frame.write(text, header);
  return frame;
}
