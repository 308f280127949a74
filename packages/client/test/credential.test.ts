import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bearerItem, createRefresh, type GetToken } from '../src/credential.js';
import type { ClientError } from '../src/errors.js';
import { createClock } from './clock.js';

test('a JWT travels as it is', () => {
  expect(bearerItem('eyJh.eyJz_-9.c2ln')).toBe('bearer.eyJh.eyJz_-9.c2ln');
});

test('what is not made of RFC 9110 token characters travels as unpadded base64url', () => {
  expect(bearerItem('a b')).toBe('bearer64.YSBi');
  expect(bearerItem('ÿþ¿~?')).toBe(`bearer64.${Buffer.from('ÿþ¿~?').toString('base64url')}`);
});

test('any token arrives whole, in characters that a subprotocol may have', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (token) => {
      const item = bearerItem(token);
      expect(item).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
      const [carrier, text] = [item.slice(0, item.indexOf('.')), item.slice(item.indexOf('.') + 1)];
      expect(carrier === 'bearer' ? text : Buffer.from(text, 'base64url').toString()).toBe(token);
    }),
  );
});

function setUp(getToken: GetToken) {
  const clock = createClock();
  const sent: string[] = [];
  const faults: ClientError[] = [];
  const refresh = createRefresh(
    clock.after,
    getToken,
    (token) => sent.push(token),
    (fault) => faults.push(fault),
  );
  return { clock, sent, faults, refresh };
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('R14: a token is replaced after 80 % of its life', async () => {
  const reasons: string[] = [];
  const { clock, sent, refresh } = setUp((reason) => {
    reasons.push(reason);
    return 'fresh';
  });
  refresh.arm(100_000);
  clock.advance(79_999);
  expect(reasons).toEqual([]);
  clock.advance(1);
  await settled();
  expect(reasons).toEqual(['expiring']);
  expect(sent).toEqual(['fresh']);
  expect(clock.pending).toEqual([]);
});

test.each([null, undefined, 0, -1, Number.NaN])('a life of %s sets no timer', (life) => {
  const { clock, refresh } = setUp(() => 'fresh');
  refresh.arm(life as number);
  expect(clock.pending).toEqual([]);
});

test('a throwing getToken is reported and asked again: rarely at first, each two seconds at the end', async () => {
  const { clock, sent, faults, refresh } = setUp(() => Promise.reject(new Error('offline')));
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      await settled();
    }
  };
  refresh.arm(3_600_000);
  await pass(3_590);
  expect(sent).toEqual([]);
  expect(faults.length).toBeGreaterThan(2);
  expect(faults.length).toBeLessThan(8);
  expect(faults[0]).toMatchObject({ code: 'TOKEN_FAILED', cause: new Error('offline') });
  await pass(20);
  const before = faults.length;
  await pass(20);
  expect(faults.length - before).toBe(10);
});

test('a token that could not be checked is followed by another', async () => {
  const { clock, sent, refresh } = setUp(() => 'fresh');
  refresh.arm(100_000);
  clock.advance(80_000);
  await settled();
  refresh.again();
  clock.advance(15_999);
  expect(sent).toHaveLength(1);
  clock.advance(1);
  await settled();
  expect(sent).toHaveLength(2);
});

test('without a token nothing is sent', async () => {
  const { clock, sent, faults, refresh } = setUp(() => null);
  refresh.arm(10_000);
  clock.advance(8_000);
  await settled();
  expect([sent, faults]).toEqual([[], []]);
});

test('one question at a time', async () => {
  let asked = 0;
  let answer: (token: string) => void = () => {};
  const { sent, refresh } = setUp(() => {
    asked++;
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  refresh.ask();
  refresh.ask();
  expect(asked).toBe(1);
  answer('fresh');
  await settled();
  refresh.ask();
  expect(asked).toBe(2);
  expect(sent).toEqual(['fresh']);
});

test('an answer for a connection that is gone is not sent on the next, which may ask for itself', async () => {
  const answers: ((token: string) => void)[] = [];
  const { sent, refresh } = setUp(() => new Promise((resolve) => answers.push(resolve)));
  refresh.ask();
  refresh.stop();
  refresh.ask();
  answers[0]?.('old');
  await settled();
  expect(sent).toEqual([]);
  answers[1]?.('new');
  await settled();
  expect(sent).toEqual(['new']);
});
