import { createServer, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { type Admission, createAdmission } from '../src/admission.js';
import type { Authenticator, Credentials, Identity } from '../src/authenticator.js';
import { resolveOptions } from '../src/options.js';
import { fakeScheduler } from './fake-scheduler.js';

const credentials: Credentials = { token: 'x', carrier: 'call' };
const ada: Identity = { user_id: 'ada' };

const request = { headers: {}, socket: { remoteAddress: '203.0.113.7' } } as unknown as IncomingMessage;

function full(admission: Admission): boolean {
  return admission.limit(request)?.code === 'TOO_MANY_HANDSHAKES';
}

function makeAdmission(authenticate: Authenticator, maxHandshakes = 2) {
  const scheduler = fakeScheduler();
  const options = resolveOptions({ server: createServer(), authenticate, maxHandshakes, authenticateTimeoutMs: 500 });
  return { scheduler, admission: createAdmission(options, scheduler) };
}

test.each<[string, Authenticator, Identity | null]>([
  ['at once', () => ada, ada],
  ['later', async () => ada, ada],
  ['no', () => null, null],
])('an authenticator may answer %s', async (_, authenticate, expected) => {
  const { admission, scheduler } = makeAdmission(authenticate);
  expect(await admission.authenticate(credentials)).toBe(expected);
  expect(scheduler.waiting).toBe(0);
  expect(full(admission)).toBe(false);
});

test.each<[string, Authenticator]>([
  [
    'throws',
    () => {
      throw new Error('no route to the identity provider');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no route to the identity provider'))],
])('an authenticator that %s is no verdict, and holds nothing', async (_, authenticate) => {
  const { admission, scheduler } = makeAdmission(authenticate);
  await expect(admission.authenticate(credentials)).rejects.toThrow('no route');
  expect(scheduler.waiting).toBe(0);
  expect(full(admission)).toBe(false);
});

test('an authenticator that takes too long is down, whatever it answers then', async () => {
  let answer: (identity: Identity) => void = () => {};
  const { admission, scheduler } = makeAdmission(() => new Promise((resolve) => (answer = resolve)));
  const verdict = admission.authenticate(credentials);
  scheduler.advance(500);
  await expect(verdict).rejects.toMatchObject({ code: 'AUTHENTICATOR_DOWN' });
  answer(ada);
  expect(full(admission)).toBe(false);
});

test('so many may be under way, and no slot is lost', async () => {
  const waiting: ((identity: Identity | null) => void)[] = [];
  const { admission } = makeAdmission(() => new Promise((resolve) => waiting.push(resolve)));
  for (let rounds = 0; rounds < 3; rounds++) {
    expect(full(admission)).toBe(false);
    const verdicts = [1, 2].map(async () => admission.authenticate(credentials));
    expect(full(admission)).toBe(true);
    for (const answer of waiting.splice(0)) answer(null);
    await Promise.all(verdicts);
  }
  expect(full(admission)).toBe(false);
});

test.each<[string, unknown, boolean]>([
  ['later', Date.UTC(2040, 0), true],
  ['never', Number.POSITIVE_INFINITY, true],
  ['now', Date.UTC(2026, 10, 20), false],
  ['earlier', 1, false],
  ['at no time', Number.NaN, false],
  ['at a date in words', '2040-01-01', false],
  ['at null', null, false],
])('R14: an identity that ends %s', async (_, expires_at, taken) => {
  const identity = { user_id: 'ada', expires_at } as Identity;
  const { admission } = makeAdmission(() => identity);
  expect(await admission.authenticate(credentials)).toBe(taken ? identity : null);
});
