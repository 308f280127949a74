import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerLength, textFrame, writeHeader } from '../src/framing.js';
import { readTextFrames } from './frame-reader.js';

test.each([0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1_000_000])('a frame of %i bytes is read back', (length) => {
  const text = 'x'.repeat(length);
  const frame = textFrame(text);
  expect(frame).toHaveLength(length + headerLength(length));
  expect(readTextFrames(frame)).toEqual([text]);
});

test('any text is read back, whatever stands around it', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 300 })), (texts) => {
      expect(readTextFrames(Buffer.concat(texts.map(textFrame)))).toEqual(texts);
    }),
  );
});

test('a header touches nothing but its own bytes', () => {
  for (const length of [125, 126, 65_536]) {
    const target = Buffer.alloc(20, 0xee);
    writeHeader(target, 5, length);
    expect(
      [...target.subarray(0, 5), ...target.subarray(5 + headerLength(length))].every((byte) => byte === 0xee),
    ).toBe(true);
  }
});
