// Decodes WebSocket frames as a client would: independent of the code that wrote them.
import { expect } from 'vitest';

/** The texts of unmasked, final text frames that stand back to back. Fails when anything else stands there. */
export function readTextFrames(bytes: Buffer): string[] {
  const texts: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    expect(bytes[at]).toBe(0x81);
    let length = bytes.readUInt8(at + 1);
    let header = 2;
    if (length === 126) {
      length = bytes.readUInt16BE(at + 2);
      header = 4;
      expect(length).toBeGreaterThanOrEqual(126);
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at + 2));
      header = 10;
      expect(length).toBeGreaterThanOrEqual(65_536);
    }
    const end = at + header + length;
    expect(end).toBeLessThanOrEqual(bytes.length);
    texts.push(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(at + header, end)));
    at = end;
  }
  return texts;
}

/** An entry as it travels, as far as tests of structures look at it. */
export interface ReadEntry {
  readonly offset: number;
  readonly mark: string;
  readonly [field: string]: unknown;
}

export function readEntries(bytes: Buffer): ReadEntry[] {
  return readTextFrames(bytes).map((text) => JSON.parse(text) as ReadEntry);
}
