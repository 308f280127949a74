import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { selectEntries } from '../src/entries.js';
import { envelopeOf, isOf, nameOf, sameUser } from '../src/envelope.js';
import type { UserKey } from '../src/log.js';
import { ada, anyEvents, anyKey, aside, framesOf, piece } from './agent-events.js';

test('S9: the envelope names the user, and the tenant where there is one', () => {
  expect(envelopeOf(ada)).toBe('"user_id":"ada"');
  expect(envelopeOf({ user_id: 'a"', tenant_id: 'b\\' })).toBe('"user_id":"a\\"","tenant_id":"b\\\\"');
});

test('S9: no two users have one name, and a user has one', () => {
  fc.assert(
    fc.property(anyKey, anyKey, (one, other) => {
      expect(nameOf(one) === nameOf(other)).toBe(sameUser(one, other));
      expect(sameUser(one, { ...one })).toBe(true);
    }),
  );
  // What chance finds seldom: one id in two tenants, and the same letters put apart in another place.
  const keys = [
    ['acme', 'ada'],
    ['apex', 'ada'],
    ['acm', 'eada'],
    ['ada', 'acme'],
  ].map(([tenant_id, user_id]) => ({ tenant_id, user_id }) as UserKey);
  expect(new Set(keys.map(nameOf)).size).toBe(keys.length);
});

describe('S9: the canary', () => {
  test('knows the entries of its user at any offset, joined or not, and those of nobody else', () => {
    fc.assert(
      fc.property(anyKey, anyKey, anyEvents, fc.constantFrom(1, 9, 99, 123_456_789), (one, other, events, first) => {
        fc.pre(events.length > 0 && !sameUser(one, other));
        const bytes = framesOf(events, first, one);
        for (const entries of [bytes, selectEntries(bytes, undefined, true)]) {
          expect(isOf(envelopeOf(one), entries)).toBe(true);
          expect(isOf(envelopeOf(other), entries)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is not taken in by a user whose id looks like the envelope of another', () => {
    const trick = { user_id: 'ada","type":"x', tenant_id: 'default' };
    for (const event of [aside('x'), piece('r', 1, 'x'.repeat(70_000))]) {
      expect(isOf(envelopeOf(ada), framesOf([event], 1, trick))).toBe(false);
      expect(isOf(envelopeOf(trick), framesOf([event], 1, trick))).toBe(true);
      expect(isOf(envelopeOf(trick), framesOf([event]))).toBe(false);
    }
  });
});
