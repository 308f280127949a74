// S10, R6, R7: whoever asks for a connection in a wrong way gets the verdict that PROTOCOL.md promises; nothing they
// sent along is handled, and nobody else notices.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { IncomingMessage } from '@throughline/core';
import { formatPosition, parsePosition } from '@throughline/events/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { isDocumented } from '../src/documented.js';
import { type Neighbour, startNeighbour } from '../src/neighbour.js';
import type { RawClientOptions } from '../src/raw-client.js';
import { startTestService, type TestService } from '../src/test-service.js';
import { badTokens, tokenOf } from '../src/tokens.js';
import { clientFrame } from '../src/wire.js';

type Verdict = { status: number; code: string } | { close: number };

interface BadUpgrade {
  readonly name: string;
  /** What is changed in a good request with this good token. */
  readonly changes: (token: string) => Partial<RawClientOptions>;
  readonly verdict: Verdict;
}

const badRequest: Verdict = { status: 400, code: 'BAD_REQUEST' };
const notFound: Verdict = { status: 404, code: 'NOT_FOUND' };
const forbidden: Verdict = { status: 403, code: 'ORIGIN_FORBIDDEN' };

const headed = (name: string, headers: Record<string, string | null>, verdict: Verdict): BadUpgrade => ({
  name,
  changes: () => ({ headers }),
  verdict,
});
const at = (name: string, path: string): BadUpgrade => ({
  name,
  changes: () => ({ url: new URL(path, service.url).href }),
  verdict: notFound,
});
const offering = (name: string, protocols: (token: string) => string[], verdict: Verdict): BadUpgrade => ({
  name,
  changes: (token) => ({ protocols: protocols(token) }),
  verdict,
});

const upgrades: BadUpgrade[] = [
  headed('an upgrade to something else', { Upgrade: 'h2c' }, badRequest),
  headed('no version of WebSocket', { 'Sec-WebSocket-Version': null }, badRequest),
  headed('another version of WebSocket', { 'Sec-WebSocket-Version': '8' }, badRequest),
  headed('no key', { 'Sec-WebSocket-Key': null }, badRequest),
  headed('a key that is too short', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }, badRequest),
  { name: 'POST', changes: () => ({ method: 'POST' }), verdict: badRequest },
  at('another path', '/socket'),
  at('a path below', '/ws/deeper'),
  at('a path that begins alike', '/wsx'),
  at('the path with a slash', '/ws/'),
  at('the path in capitals', '/WS'),
  at('the path in disguise', '/%77s'),
  offering('no subprotocol', () => [], badRequest),
  offering('a foreign subprotocol', () => ['graphql-transport-ws'], badRequest),
  offering('a token and no subprotocol', (token) => [`bearer.${token}`], badRequest),
  offering('the subprotocol in capitals', (token) => ['THROUGHLINE.V1', `bearer.${token}`], badRequest),
  offering('a version of tomorrow', (token) => ['throughline.v99', `bearer.${token}`], { close: 4410 }),
  offering('an empty item among the subprotocols', (token) => ['throughline.v1', '', `bearer.${token}`], badRequest),
  offering('a subprotocol twice', (token) => ['throughline.v1', 'throughline.v1', `bearer.${token}`], badRequest),
  offering('an item with a space', () => ['throughline.v1', 'bearer.two words'], badRequest),
  headed('a foreign origin', { Origin: 'https://evil.example' }, forbidden),
  headed('an origin that begins like ours', { Origin: 'http://127.0.0.1.evil.example' }, forbidden),
  headed('our host at another port', { Origin: 'http://127.0.0.1:1' }, forbidden),
  headed('the origin null', { Origin: 'null' }, forbidden),
  headed('an origin that is no origin', { Origin: '127.0.0.1' }, forbidden),
  headed('an empty origin', { Origin: '' }, forbidden),
  { name: 'an empty from', changes: () => ({ from: '' }), verdict: { close: 4400 } },
  { name: 'a from that is no position', changes: () => ({ from: '12' }), verdict: { close: 4400 } },
  { name: 'a from with a negative offset', changes: () => ({ from: 'epoch.-1.00000000' }), verdict: { close: 4400 } },
  {
    name: 'a from beyond integers',
    changes: () => ({ from: `epoch.${'9'.repeat(16)}.00000000` }),
    verdict: { close: 4400 },
  },
  { name: 'a from of 8 kB', changes: () => ({ from: 'x'.repeat(8_192) }), verdict: { close: 4400 } },
  offering('no credential', () => ['throughline.v1'], { close: 4401 }),
  offering('an empty credential', () => ['throughline.v1', 'bearer.'], { close: 4401 }),
  offering('a credential that is no base64url', () => ['throughline.v1', 'bearer64.***'], { close: 4401 }),
  offering('a token in the query alone', () => ['throughline.v1'], { close: 4401 }),
];

let service: TestService;
let neighbour: Neighbour;
const handled: IncomingMessage[] = [];

/** A frame that comes in the same breath as the request. */
const early = clientFrame(JSON.stringify({ type: 'message', id: 'early', thread_id: 't', data: 'early' }));

beforeAll(async () => {
  service = await startTestService({
    onMessage: (message) => {
      handled.push(message);
    },
  });
  neighbour = await startNeighbour(service, 'neighbour');
});

beforeEach(() => neighbour.hears());

afterEach(async () => {
  await neighbour.hears();
  await neighbour.mustHaveAll();
});

afterAll(() => service[Symbol.asyncDispose]());

/** Everything that came of a request, in the words of the table. */
async function outcomeOf(changes: Partial<RawClientOptions>, token: string) {
  const before = { handled: handled.length, refused: refused() };
  const client = await service.connect('mallory', { token, early, ...changes });
  const { status, headers, body } = await client.response;
  const { code, reason } = await client.closed;
  const verdict = status === 101 ? { close: code } : { status, code: (JSON.parse(body) as { code: string }).code };
  return {
    verdict,
    documented: isDocumented(verdict),
    // A page is told in words too, as problem details or as the reason of the close.
    words: status === 101 ? reason.length > 0 : headers['content-type'] === 'application/problem+json',
    problem: status === 101 ? [] : Object.keys(JSON.parse(body) as object).sort(),
    frames: client.frames,
    violations: client.violations,
    leaks: client.transcript().includes(token),
    handled: handled.length - before.handled,
    refused: refused() - before.refused,
  };
}

const refused = () => service.telemetry.filter(({ kind }) => kind === 'refused').length;

function expectedOf(verdict: Verdict) {
  return {
    verdict,
    documented: true,
    words: true,
    problem: 'status' in verdict ? ['code', 'detail', 'status', 'title'] : [],
    frames: [],
    violations: [],
    leaks: false,
    handled: 0,
    // A path that is nobody's is no service's business.
    refused: verdict === notFound ? 0 : 1,
  };
}

describe('S10, R6: an upgrade that is wrong', () => {
  test.each(upgrades)('$name', async ({ changes, verdict }) => {
    const token = await tokenOf('mallory');
    expect(await outcomeOf(changes(token), token)).toEqual(expectedOf(verdict));
  });

  test('a client that offers only a version of tomorrow is told so: a browser would fail a subprotocol it did not offer', async () => {
    const socket = new WebSocket(service.url, ['throughline.v99', `bearer.${await tokenOf('mallory')}`]);
    const closed = once(socket, 'close') as Promise<[number, Buffer]>;
    await once(socket, 'open');
    expect(socket.protocol).toBe('throughline.v99');
    expect((await closed)[0]).toBe(4410);
  });

  test('a token in the URL does not count, and 4401 is the answer', async () => {
    const token = await tokenOf('mallory');
    const url = `${service.url}?token=${token}&access_token=${token}`;
    const outcome = await outcomeOf({ url, protocols: ['throughline.v1'] }, token);
    expect(outcome).toEqual(expectedOf({ close: 4401 }));
  });
});

describe.each(Object.keys(await badTokens('mallory')))('S10: a token with this flaw: %s', (flaw) => {
  test.each(['subprotocol', 'authorization'])('in the carrier %s', async (carrier) => {
    const token = (await badTokens('mallory'))[flaw] as string;
    const changes =
      carrier === 'subprotocol'
        ? { token }
        : { protocols: ['throughline.v1'], headers: { Authorization: `Bearer ${token}` } };
    expect(await outcomeOf(changes, token)).toEqual(expectedOf({ close: 4401 }));
  });

  test('is refused outside a handshake too', async () => {
    const token = (await badTokens('mallory'))[flaw] as string;
    const refusal = await service.service.authenticate({ token }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'CREDENTIAL_REFUSED' });
    expect(String((refusal as Error).stack)).not.toContain(token);
  });
});

describe('S10: a position that cannot be honoured is answered by reset', () => {
  test.each(['another epoch', 'another mark', 'beyond the head', "a neighbour's"])('%s', async (flaw) => {
    const manager = await service.managerOf('mallory');
    const own = parsePosition(await manager.send('test.noise', 1, { thread_id: 't' }));
    if (!own) throw new Error('no position');
    const foreign = await (await service.managerOf('neighbour')).position();
    const forged: Record<string, [string, string]> = {
      'another epoch': [formatPosition('anotherEpoch', own.offset, own.mark), 'unknown_epoch'],
      'another mark': [formatPosition(own.epoch, own.offset, '0badc0de'), 'mark_mismatch'],
      'beyond the head': [formatPosition(own.epoch, own.offset + 1_000, own.mark), 'beyond_head'],
      "a neighbour's": [foreign, 'unknown_epoch'],
    };
    const [from, cause] = forged[flaw] as [string, string];
    const client = await service.open('mallory', { from });
    const reset = await client.next('reset');
    expect(reset.cause).toBe(cause);
    expect(reset.position).toBe((await client.welcome).position);
    expect(client.frames.map(({ type }) => type)).toEqual(['welcome', 'reset']);
    expect(isDocumented({ code: cause })).toBe(true);
  });
});

describe('S10, R5: frames before the welcome', () => {
  const id = (number: number) => `before-welcome-${number}`;
  const three = Buffer.concat(
    [1, 2, 3].map((number) =>
      clientFrame(JSON.stringify({ type: 'message', id: id(number), thread_id: 't', data: number })),
    ),
  );

  test('nothing is lost and nothing is handled before it', async () => {
    const client = await service.connect('mallory', { early: three });
    await client.next((frame) => frame.type === 'accepted' && frame.id === id(3));
    expect(client.frames.map((frame) => ('id' in frame ? frame.id : frame.type))).toEqual([
      'welcome',
      id(1),
      id(2),
      id(3),
    ]);
    expect(handled.slice(-3).map(({ data }) => data)).toEqual([1, 2, 3]);
  });

  test('an illegal one closes with 4400, after the welcome', async () => {
    const client = await service.connect('mallory', { early: clientFrame('{"type":"subscribe"}') });
    expect((await client.closed).code).toBe(4400);
    expect(client.frames.map(({ type }) => type)).toEqual(['welcome']);
  });

  test('one in pieces, the first in the request, is read whole', async () => {
    const frame = clientFrame('{"type":"ping","id":"in-two"}');
    const client = await service.connect('mallory', { early: frame.subarray(0, 9) });
    await client.welcome;
    client.write(frame.subarray(9));
    expect((await client.next('pong')).id).toBe('in-two');
  });
});

describe('S10: what is no upgrade at all', () => {
  test('plain HTTP on the path is the application’s own', async () => {
    const response = await fetch(service.url.replace('ws:', 'http:'));
    expect(response.status).toBe(426);
  });

  test.each([
    ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex')],
    ['noise', Buffer.from('\u0000\u0001\r\n\r\n\r\n')],
    ['a header without end', Buffer.from('GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nX: ')],
    ['headers of 100 kB', Buffer.from(`GET /ws HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`)],
  ])('%s', async (_, bytes) => {
    const socket = connect({ port: service.port, host: '127.0.0.1' });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // Refused while it still writes, it may be reset.
    socket.on('error', () => {});
    socket.resume();
    socket.end(bytes);
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});

test('S10: the neighbour’s answer ended whole, and nothing went wrong inside', async () => {
  expect(await neighbour.ends()).toBe('succeeded');
  expect(service.telemetry.filter(({ kind }) => kind === 'fault')).toEqual([]);
});
