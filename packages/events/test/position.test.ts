import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPosition, noMark, parseFrom, parsePosition } from '../src/protocol.js';

const charactersOf = (text: string) => fc.constantFrom(...text.split(''));
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const epochs = fc.string({ unit: charactersOf(base64url), minLength: 1, maxLength: 32 });
const marks = fc.string({ unit: charactersOf('0123456789abcdef'), minLength: 8, maxLength: 8 });
const offsets = fc.integer({ min: 0, max: 999_999_999_999_999 });

test('S8: a position that was formatted is parsed into the same parts', () => {
  fc.assert(
    fc.property(epochs, offsets, marks, (epoch, offset, mark) => {
      expect(parsePosition(formatPosition(epoch, offset, mark))).toEqual({ epoch, offset, mark });
    }),
  );
});

test('a position survives a query without any encoding', () => {
  fc.assert(
    fc.property(epochs, offsets, marks, (epoch, offset, mark) => {
      const position = formatPosition(epoch, offset, mark);
      expect(new URLSearchParams(`from=${position}`).get('from')).toBe(position);
      expect(encodeURIComponent(position)).toBe(position);
    }),
  );
});

test('any text is a position with one spelling, or none', () => {
  const junk = fc.string({ unit: charactersOf('aF0_-.9 \n'), maxLength: 24 });
  fc.assert(
    fc.property(fc.oneof(junk, fc.string()), (text) => {
      const parts = parsePosition(text);
      expect(parts && formatPosition(parts.epoch, parts.offset, parts.mark)).toBe(parts && text);
    }),
  );
});

test.each([
  ['nothing', ''],
  ['the word of the default', 'active'],
  ['no epoch', '.1.0f9a3c11'],
  ['an epoch that is too long', `${'e'.repeat(33)}.1.0f9a3c11`],
  ['an epoch outside base64url', 'a+b.1.0f9a3c11'],
  ['no offset', 'e..0f9a3c11'],
  ['a negative offset', 'e.-1.0f9a3c11'],
  ['a padded offset: two spellings of one position', 'e.01.0f9a3c11'],
  ['an offset with a fraction', 'e.1.5.0f9a3c11'],
  ['an offset beyond what a number holds exactly', 'e.9007199254740993.0f9a3c11'],
  ['a short mark', 'e.1.0f9a3c1'],
  ['a mark in capitals', 'e.1.0F9A3C11'],
  ['something behind it', 'e.1.0f9a3c11.'],
  ['a line break behind it', 'e.1.0f9a3c11\n'],
])('no position: %s', (_, text) => {
  expect(parsePosition(text)).toBeUndefined();
});

test('the mark before the first entry has the form of a mark', () => {
  expect(parsePosition(formatPosition('e', 0, noMark))).toEqual({ epoch: 'e', offset: 0, mark: '00000000' });
});

test('where to read from: active, a position, or whichever is earlier', () => {
  const position = 'q3kJ0x9Zb1Qm.42.0f9a3c11';
  expect(parseFrom('active')).toEqual({ active: true });
  expect(parseFrom(position)).toEqual({ active: false, position });
  expect(parseFrom(`active,${position}`)).toEqual({ active: true, position });
});

test('any text is a place to read from with one spelling, or none', () => {
  const words = fc.constantFrom('active', 'active,', ',', 'e.1.0f9a3c11', 'e.01.0f9a3c11', ' ', 'ACTIVE', '\n');
  const texts = fc.array(words, { maxLength: 4 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(texts, fc.string()), (text) => {
      const from = parseFrom(text);
      const said = [from?.active ? 'active' : [], from?.position ?? []].flat().join(',');
      expect(from && said).toBe(from && text);
      if (from?.position) expect(parsePosition(from.position)).toBeDefined();
    }),
    { numRuns: 1_000 },
  );
});

test.each(['', 'active,', ',', 'active,active', 'e.1.0f9a3c11,active', 'active, e.1.0f9a3c11', 'Active', 'active\n'])(
  'no place to read from: %j',
  (text) => {
    expect(parseFrom(text)).toBeUndefined();
  },
);
