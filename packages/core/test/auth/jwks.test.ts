import { performance } from 'node:perf_hooks';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Authenticator, type Identity, jwtAuthenticator } from '../../src/auth.js';
import { audience, claims, issuer, type KeyServer, keyServer, part, type Signer, seconds, signer } from './issuer.js';

const rules = { issuer, audience };
const down = { name: 'ThroughlineError', code: 'AUTHENTICATOR_DOWN' };

let first: Signer;
let second: Signer;
let server: KeyServer;

beforeAll(async () => {
  [first, second] = await Promise.all([signer('RS256', 'first'), signer('ES256', 'second')]);
});

beforeEach(async () => {
  server = await keyServer({ keys: [first.jwk] });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await server.close();
});

function authenticator(): Authenticator {
  return jwtAuthenticator({ ...rules, jwksUrl: server.url });
}

async function verified(authenticate: Authenticator, token: string): Promise<Identity | null> {
  return await authenticate({ token, carrier: 'authorization' });
}

/** Moves the clocks that the keys' ages are read from. Sockets keep their own time. */
function clock() {
  let passed = 0;
  // Whole, so that a second later is a second and not a rounding less.
  const started = Math.floor(performance.now());
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.spyOn(performance, 'now').mockImplementation(() => started + passed);
  return (milliseconds: number) => {
    passed += milliseconds;
    vi.setSystemTime(Date.now() + milliseconds);
  };
}

describe('published keys', () => {
  test('are fetched when first needed, once for all who wait, and kept', async () => {
    const authenticate = authenticator();
    expect(server.requests).toEqual([]);
    const token = await first.sign();
    const identities = await Promise.all(Array.from({ length: 50 }, () => verified(authenticate, token)));
    for (const identity of identities) expect(identity).toMatchObject({ user_id: 'ada' });
    expect(await verified(authenticate, token)).not.toBeNull();
    expect(server.requests).toEqual(['/keys']);
  });

  test('are not fetched for a token that cannot be valid', async () => {
    const authenticate = authenticator();
    const [, payload, signature] = (await first.sign()).split('.');
    for (const header of [{ alg: 'none' }, { alg: 'HS256' }, { alg: 'RS256', crit: ['new'], new: 1 }, {}]) {
      expect(await verified(authenticate, `${part(header)}.${payload}.${signature}`)).toBeNull();
    }
    expect(await verified(authenticate, `${await first.sign()}.`)).toBeNull();
    expect(await verified(authenticate, await first.sign(claims({ filler: 'x'.repeat(8_192) })))).toBeNull();
    expect(server.requests).toEqual([]);
  });

  test('rotate: a new kid fetches once more, whoever else asks for it', async () => {
    const forward = clock();
    const authenticate = authenticator();
    expect(await verified(authenticate, await first.sign())).not.toBeNull();
    server.publish({ keys: [first.jwk, second.jwk] });
    forward(10_001);
    const token = await second.sign();
    const identities = await Promise.all(Array.from({ length: 20 }, () => verified(authenticate, token)));
    for (const identity of identities) expect(identity).toMatchObject({ user_id: 'ada' });
    expect(await verified(authenticate, await first.sign())).not.toBeNull();
    expect(server.requests).toHaveLength(2);
  });

  test('a flood of unknown kids fetches at most once in ten seconds, and each is a verdict', async () => {
    const forward = clock();
    const authenticate = authenticator();
    const flood = async () => {
      for (let index = 0; index < 30; index += 1) {
        expect(await verified(authenticate, await second.sign(claims(), { kid: `unknown-${index}` }))).toBeNull();
      }
    };
    await flood();
    expect(server.requests).toHaveLength(1);
    forward(9_999);
    await flood();
    expect(server.requests).toHaveLength(1);
    forward(1);
    await flood();
    expect(server.requests).toHaveLength(2);
    expect(await verified(authenticate, await first.sign())).not.toBeNull();
  });

  test('that were withdrawn are good for ten minutes at most', async () => {
    const forward = clock();
    const authenticate = authenticator();
    const token = await first.sign(claims({ exp: seconds(3_600) }));
    expect(await verified(authenticate, token)).not.toBeNull();
    server.publish({ keys: [second.jwk] });
    forward(599_999);
    expect(await verified(authenticate, token)).not.toBeNull();
    forward(1);
    expect(await verified(authenticate, token)).toBeNull();
  });

  test('that fit alike need a kid to be told apart', async () => {
    const third = await signer('RS256', 'third');
    server.publish({ keys: [first.jwk, second.jwk, third.jwk] });
    const authenticate = authenticator();
    expect(await verified(authenticate, first.signAsIs({ alg: 'RS256' }, claims()))).toBeNull();
    expect(await verified(authenticate, first.signAsIs({ alg: 'RS256', kid: 'first' }, claims()))).not.toBeNull();
  });

  test('for other ends, of other kinds or shared verify nothing, and disturb nothing', async () => {
    const secret = 'a shared secret that was published by mistake';
    const oct = { kty: 'oct' as const, k: part(secret), kid: 'oct', alg: 'HS256' };
    const unknown = { kty: 'FUTURE', kid: 'future' } as unknown as typeof oct;
    server.publish({ keys: [oct, unknown, { ...second.jwk, use: 'enc' }, first.jwk] });
    const authenticate = authenticator();
    expect(await verified(authenticate, await first.sign())).not.toBeNull();
    expect(await verified(authenticate, await second.sign())).toBeNull();
  });
});

describe('headers that bring or point to a key', () => {
  test.each([
    ['a path', '../../../../etc/passwd'],
    ['a URL', 'http://127.0.0.1:1/keys'],
    ['a query', "first' OR '1'='1"],
    ['a name in every object', '__proto__'],
    ['empty', ''],
    ['a number', 1],
    ['null', null],
    ['an array', ['first']],
    ['an object', { toString: 'first' }],
  ])('a kid that is %s names no key and no file', async (_, kid) => {
    const authenticate = authenticator();
    expect(await verified(authenticate, first.signAsIs({ alg: 'RS256', kid }, claims()))).toBeNull();
    expect(await verified(authenticate, first.signAsIs({ alg: 'RS256', kid: 'first' }, claims()))).not.toBeNull();
    expect(server.requests).toEqual(['/keys']);
  });

  test('jku, x5u, jwk and x5c are never followed', async () => {
    const forger = await signer('RS256', 'first');
    const { kid: _, ...unnamed } = forger.jwk;
    const lure = await keyServer({ keys: [forger.jwk, unnamed] });
    const lures = { jku: lure.url, x5u: lure.url, jwk: unnamed, x5c: ['MIIB'], x5t: 'AAAA' };
    const authenticators = [authenticator(), jwtAuthenticator({ ...rules, publicKey: first.publicKey })];
    for (const authenticate of authenticators) {
      for (const [name, value] of Object.entries(lures)) {
        const header = { alg: 'RS256', kid: 'first', [name]: value };
        expect(await verified(authenticate, forger.signAsIs(header, claims()))).toBeNull();
        expect(await verified(authenticate, first.signAsIs(header, claims()))).not.toBeNull();
      }
      expect(await verified(authenticate, forger.signAsIs({ alg: 'RS256', ...lures }, claims()))).toBeNull();
    }
    await lure.close();
    expect(lure.requests).toEqual([]);
    expect(server.requests).toEqual(['/keys']);
  });
});

describe('an outage is not a bad token', () => {
  const answers: [string, KeyServer['answer']][] = [
    ['500', (_, response) => response.writeHead(500).end()],
    ['503 with keys in it', (_, response) => response.writeHead(503).end(JSON.stringify({ keys: [first.jwk] }))],
    ['404', (_, response) => response.writeHead(404).end()],
    ['204', (_, response) => response.writeHead(204).end()],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['HTML', (_, response) => response.end('<html></html>')],
    ['nothing', (_, response) => response.end()],
    ['JSON that is cut off', (_, response) => response.end('{"keys":[')],
    ['JSON that is no set', (_, response) => response.end('{"keys":{}}')],
    ['a set of no objects', (_, response) => response.end('{"keys":[null]}')],
    ['a reset', (request) => request.socket.destroy()],
    [
      'a reset within the answer',
      (request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{');
        request.socket.end();
      },
    ],
  ];

  test.each(answers)('S10: %s', async (_, answer) => {
    server.answer = answer;
    await expect(verified(authenticator(), await first.sign())).rejects.toMatchObject(down);
  });

  test('S10: nobody listens', async () => {
    const authenticate = authenticator();
    await server.close();
    await expect(verified(authenticate, await first.sign())).rejects.toMatchObject(down);
  });

  test.each<[string, KeyServer['answer']]>([
    ['never answers', () => undefined],
    ['never ends its answer', (_, response) => response.writeHead(200).write('{')],
  ])('S10: a server that %s is given up', async (_, answer) => {
    server.answer = answer;
    const authenticate = jwtAuthenticator({ ...rules, jwksUrl: server.url, jwksTimeoutMs: 50 });
    await expect(verified(authenticate, await first.sign())).rejects.toMatchObject(down);
  });

  test('S10: a key of the set that cannot be read, or is too weak to be used', async () => {
    const weak = { ...first.jwk, kid: 'weak', n: Buffer.alloc(128, 255).toString('base64url') };
    const garbled = { ...second.jwk, kid: 'garbled', x: 'AAAA' };
    server.publish({ keys: [weak, garbled, first.jwk] });
    const authenticate = authenticator();
    for (const token of [
      await first.sign(claims(), { kid: 'weak' }),
      await second.sign(claims(), { kid: 'garbled' }),
    ]) {
      await expect(verified(authenticate, token)).rejects.toMatchObject(down);
    }
    expect(await verified(authenticate, await first.sign())).not.toBeNull();
  });

  test('a slow answer is awaited', async () => {
    let finish = (): void => undefined;
    server.answer = (_, response) => {
      response.write('{"keys":[');
      finish = () => response.end(`${JSON.stringify(first.jwk)}]}`);
    };
    const pending = verified(authenticator(), await first.sign());
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    finish();
    expect(await pending).toMatchObject({ user_id: 'ada' });
  });

  test('those who come in an outage cause one attempt a second, and the first after it succeeds', async () => {
    const forward = clock();
    const authenticate = authenticator();
    const token = await first.sign();
    const publish = server.answer;
    server.answer = (_, response) => response.writeHead(500).end();
    const storm = async () => {
      for (let index = 0; index < 20; index += 1) {
        await expect(verified(authenticate, token)).rejects.toMatchObject(down);
      }
      await Promise.allSettled(Array.from({ length: 20 }, () => verified(authenticate, token)));
    };
    await storm();
    expect(server.requests).toHaveLength(1);
    forward(999);
    await storm();
    expect(server.requests).toHaveLength(1);
    forward(1);
    await storm();
    expect(server.requests).toHaveLength(2);
    server.answer = publish;
    forward(1_000);
    expect(await verified(authenticate, token)).toMatchObject({ user_id: 'ada' });
    expect(server.requests).toHaveLength(3);
  });

  test('known keys go on in an outage; of an unknown one nothing can be said', async () => {
    const forward = clock();
    const authenticate = authenticator();
    const token = await first.sign();
    expect(await verified(authenticate, token)).not.toBeNull();
    const publish = server.answer;
    server.answer = (_, response) => response.writeHead(500).end();
    forward(10_001);
    await expect(verified(authenticate, await second.sign())).rejects.toMatchObject(down);
    expect(await verified(authenticate, token)).not.toBeNull();
    server.answer = publish;
    forward(1_000);
    expect(await verified(authenticate, await second.sign())).toBeNull();
  });

  test('the error says where the keys were expected, and nothing of the token', async () => {
    server.answer = (_, response) => response.writeHead(500).end();
    const token = await first.sign();
    const error: unknown = await verified(authenticator(), token).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ ...down, message: expect.stringContaining(new URL(server.url).origin) });
    for (const piece of token.split('.'))
      expect(JSON.stringify([String(error), (error as Error).cause])).not.toContain(piece);
  });
});
