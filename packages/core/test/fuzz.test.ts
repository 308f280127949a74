// Hostile bytes at every parser on the way in. `FUZZ_CASES=1000000 npx vitest run --project core fuzz` goes further.
import type { IncomingMessage } from 'node:http';
import { FrameError, parseClientFrame, parsePosition, parseServerFrame } from '@throughline/events/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf } from '../src/address.js';
import { findCredentials, likelyHop, subprotocolsOf } from '../src/credentials.js';
import { originAllowed } from '../src/origin.js';

const cases = Number(process.env.FUZZ_CASES ?? 20_000);
const share = (part: number) => ({ numRuns: Math.ceil(cases * part) });
const timeout = 60_000 + cases;

/** What no parser may repeat to a stranger or an operator. */
const secret = 'S3CRET-fuzz';

const fields = [
  'type',
  'id',
  'thread_id',
  'run_id',
  'data',
  'position',
  'token',
  '__proto__',
  'constructor',
  'toString',
];
const types = ['message', 'cancel', 'ack', 'token', 'ping', 'welcome', '', secret, 'x'.repeat(100)];
const junk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(secret, `${secret}\r\n`, null, 0, -1, Number.POSITIVE_INFINITY, true, [], {}, [secret], {
    id: secret,
  }),
  fc.jsonValue({ maxDepth: 3 }),
);
const nearFrame = fc
  .record({
    type: fc.oneof(fc.constantFrom(...types), junk),
    rest: fc.dictionary(fc.constantFrom(...fields), junk, { maxKeys: 6 }),
  })
  .map(({ type, rest }) => JSON.stringify({ type, ...rest }));
const cutText = fc.tuple(nearFrame, fc.nat(200)).map(([text, at]) => text.slice(0, at));
const frameText = fc.oneof(nearFrame, cutText, fc.string({ unit: 'binary', maxLength: 200 }), fc.json());

function faultOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

const idForm = /^[!-~]{1,128}$/;

test('S10 R4 R13 any text is a frame of exactly its fields, or a fault that names no value', { timeout }, () => {
  fc.assert(
    fc.property(frameText, (text) => {
      let frame: Record<string, unknown>;
      try {
        frame = parseClientFrame(text) as unknown as Record<string, unknown>;
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
        const { message } = error as FrameError;
        // A frame type that looks like one may be named; it is what the sender called its frame, and nothing else.
        if (!message.startsWith('unknown frame type ')) expect(message).not.toContain('S3CRET');
        expect(message).toMatch(/^[ -~]{1,120}$/);
        return;
      }
      expect(Object.getPrototypeOf(frame)).toBe(Object.prototype);
      for (const [name, value] of Object.entries(frame)) {
        if (name.endsWith('id')) expect(value).toMatch(idForm);
        else if (name !== 'data') expect(typeof value).toBe('string');
      }
      const allowed: Record<string, string[]> = {
        message: ['type', 'id', 'thread_id', 'data'],
        cancel: ['type', 'id', 'run_id'],
        ack: ['type', 'position'],
        token: ['type', 'id', 'token'],
        ping: ['type', 'id'],
      };
      expect(Object.keys(frame).toSorted()).toEqual(allowed[String(frame.type)]?.toSorted());
    }),
    share(0.5),
  );
});

test('S10 any text is a position that reads as it was written, or none', { timeout }, () => {
  const near = fc
    .tuple(fc.string({ maxLength: 40 }), fc.oneof(fc.integer().map(String), fc.string()), fc.string({ maxLength: 10 }))
    .map((parts) => parts.join('.'));
  fc.assert(
    fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
      const parts = parsePosition(text);
      expect(parts ? `${parts.epoch}.${parts.offset}.${parts.mark}` : text).toBe(text);
    }),
    share(0.2),
  );
});

test('S10 no text of a service harms a client but by saying that it is no frame', { timeout }, () => {
  fc.assert(
    fc.property(frameText, (text) => {
      const fault = faultOf(() => parseServerFrame(text));
      expect(fault === undefined || fault instanceof FrameError).toBe(true);
    }),
    share(0.1),
  );
});

const headerName = fc.constantFrom(
  'authorization',
  'sec-websocket-protocol',
  'cookie',
  'origin',
  'host',
  'via',
  'x-forwarded-for',
  'cf-ray',
);
const headerValue = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.constantFrom(
    `Bearer ${secret}`,
    `bearer  ${secret} `,
    `throughline.v1, bearer.${secret}`,
    'throughline.v1,bearer64.===',
    'bearer64.',
    `session=${secret}; session=other`,
    'session="a=b"',
    'https://app.example',
    'null',
    'http://[::1',
    '1.2.3.4, ::1, 999.1.1.1',
    `\u001b[31m${secret}`,
  ),
);
const headersOf = fc.dictionary(headerName, headerValue, { maxKeys: 8 });

test('S10 R7 R9 any headers give credentials that stand in them, and never an exception', { timeout }, () => {
  fc.assert(
    fc.property(headersOf, fc.nat(4), (headers, hops) => {
      const found = findCredentials(headers, 'session', null);
      const all = JSON.stringify(headers);
      expect(found.length).toBeLessThanOrEqual(3);
      for (const { token, carrier } of found) {
        expect(token).not.toBe('');
        if (!all.includes('bearer64.')) expect(all).toContain(JSON.stringify(token).slice(1, -1));
        if (carrier === 'authorization') expect(headers.authorization).toContain(token);
      }
      expect(subprotocolsOf(headers).length).toBeGreaterThan(0);
      expect(likelyHop(headers) ?? '').toMatch(/^[ -~]{0,140}$/);
      expect(typeof originAllowed(headers, undefined, false)).toBe('boolean');
      expect(originAllowed(headers, ['https://app.example'], true)).toBe(headers.origin === 'https://app.example');
      const request = { headers, socket: { remoteAddress: '203.0.113.7' } } as unknown as IncomingMessage;
      expect(addressOf(request, 0)).toBe('203.0.113.7');
      expect(addressOf(request, hops)).toMatch(/^([0-9.]{7,15}|[0-9a-f:]+::\/64)$/);
    }),
    share(0.2),
  );
});
