import { generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import { exportSPKI, SignJWT } from 'jose';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Authenticator, type Identity, type JwtAuthenticatorOptions, jwtAuthenticator } from '../src/auth.js';
import { audience, claims, issuer, seconds, secret, signedWithSecret, signer } from './auth/issuer.js';

const rules = { issuer, audience };

async function verified(authenticator: Authenticator, token: string): Promise<Identity | null> {
  return await authenticator({ token, carrier: 'call' });
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a valid token', () => {
  const algorithms = ['RS256', 'RS512', 'PS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

  test.each(algorithms)('signed with %s is accepted under each form of the public key', async (algorithm) => {
    const { publicKey, jwk, ...own } = await signer(algorithm);
    const token = await own.sign();
    const forms: JwtAuthenticatorOptions[] = [
      { ...rules, publicKey },
      { ...rules, publicKey: KeyObject.from(publicKey) },
      { ...rules, publicKey: await exportSPKI(publicKey) },
      { ...rules, publicKey: jwk },
      { ...rules, jwks: { keys: [jwk] } },
    ];
    for (const options of forms) {
      expect(await verified(jwtAuthenticator(options), token)).toMatchObject({ user_id: 'ada' });
    }
  });

  test('is accepted under the certificate of its key', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    const authenticator = jwtAuthenticator({ ...rules, publicKey: certificate(publicKey, privateKey) });
    expect(await verified(authenticator, token)).toMatchObject({ user_id: 'ada' });
  });

  test.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const)('signed with %s and a secret of %i bytes is accepted', async (algorithm, size) => {
    const bytes = new Uint8Array(size).fill(7);
    const authenticator = jwtAuthenticator({ ...rules, secret: bytes, algorithms: [algorithm] });
    const token = await signedWithSecret(claims(), bytes, algorithm);
    bytes.fill(0);
    expect(await verified(authenticator, token)).toMatchObject({ user_id: 'ada' });
  });

  test('becomes an identity with its claims, which nobody can change', async () => {
    const payload = claims({ roles: ['reader'], nested: { deep: [{ er: 1 }] } });
    const identity = await verified(jwtAuthenticator({ ...rules, secret }), await signedWithSecret(payload));
    expect(identity).toEqual({ user_id: 'ada', claims: payload, expires_at: ((payload.exp ?? 0) + 5) * 1000 });
    const nested = identity?.claims?.nested as { deep: object[] };
    for (const value of [identity, identity?.claims, identity?.claims?.roles, nested, nested.deep, nested.deep[0]]) {
      expect(Object.isFrozen(value)).toBe(true);
    }
  });

  test('may have been meant for one of several audiences, by one of several issuers', async () => {
    const authenticator = jwtAuthenticator({ secret, issuer: ['https://other.example', issuer], audience: ['a', 'b'] });
    expect(await verified(authenticator, await signedWithSecret(claims({ aud: ['x', 'b'] })))).not.toBeNull();
    expect(await verified(authenticator, await signedWithSecret(claims({ aud: ['x', 'y'] })))).toBeNull();
    expect(await verified(authenticator, await signedWithSecret(claims({ aud: 'a', iss: 'x' })))).toBeNull();
  });

  test('finds its key in a fixed set by its kid, past keys that serve other ends', async () => {
    const [first, second] = [await signer('RS256', 'first'), await signer('RS256', 'second')];
    const encryption = { ...(await signer('RS256', 'third')).jwk, use: 'enc', alg: 'RSA-OAEP' };
    const lattice = { kty: 'AKP' as const, alg: 'ML-DSA-44', pub: 'AAAA', kid: 'fourth' };
    const authenticator = jwtAuthenticator({ ...rules, jwks: { keys: [lattice, first.jwk, encryption, second.jwk] } });
    expect(await verified(authenticator, await second.sign())).not.toBeNull();
    expect(await verified(authenticator, await second.sign(claims(), { kid: 'first' }))).toBeNull();
    expect(await verified(authenticator, await second.sign(claims(), { kid: 'unknown' }))).toBeNull();
  });
});

describe('R14: the end of a token', () => {
  const now = new Date('2026-03-01T12:00:00Z');

  test.each([
    ['expired 4 s ago, within the tolerance', { exp: -4 }, {}, true],
    ['expired 5 s ago, at the end of the tolerance', { exp: -5 }, {}, false],
    ['expired a second ago, without tolerance', { exp: -1 }, { clockToleranceSeconds: 0 }, false],
    ['valid in 5 s, within the tolerance', { nbf: 5 }, {}, true],
    ['valid in 6 s, beyond the tolerance', { nbf: 6 }, {}, false],
    ['issued long ago, no limit to its age', { iat: -86_400 }, {}, true],
    ['issued within its greatest age', { iat: -60 }, { maxTokenAgeSeconds: 60 }, true],
    ['issued before its greatest age', { iat: -66 }, { maxTokenAgeSeconds: 60 }, false],
    ['issued in the future', { iat: 60 }, { maxTokenAgeSeconds: 60 }, false],
  ] as const)('%s', async (_, offsets, options, accepted) => {
    vi.useFakeTimers({ now, toFake: ['Date'] });
    const times = Object.fromEntries(Object.entries(offsets).map(([claim, offset]) => [claim, seconds(offset)]));
    const identity = await verified(
      jwtAuthenticator({ ...rules, ...options, secret }),
      await signedWithSecret(claims(times)),
    );
    expect(identity !== null).toBe(accepted);
  });

  test('a token without expiry is refused, unless that is wanted', async () => {
    const token = await signedWithSecret(claims({ exp: undefined }));
    expect(await verified(jwtAuthenticator({ ...rules, secret }), token)).toBeNull();
    const lenient = await verified(jwtAuthenticator({ ...rules, secret, requireExpiry: false }), token);
    expect(lenient).toMatchObject({ user_id: 'ada' });
    expect(lenient).not.toHaveProperty('expires_at');
  });

  test('an identity ends at the greatest age of its token, if that is before its expiry', async () => {
    const iat = seconds(-10);
    const options = { ...rules, secret, maxTokenAgeSeconds: 60, requireExpiry: false, clockToleranceSeconds: 3 };
    const ends = async (exp: number | undefined) =>
      (await verified(jwtAuthenticator(options), await signedWithSecret(claims({ iat, exp }))))?.expires_at;
    expect(await ends(undefined)).toBe((iat + 63) * 1000);
    expect(await ends(iat + 600)).toBe((iat + 63) * 1000);
    expect(await ends(iat + 20)).toBe((iat + 23) * 1000);
    const undated = await signedWithSecret(claims({ iat: undefined }));
    expect(await verified(jwtAuthenticator(options), undated)).toBeNull();
  });

  test.each(['"soon"', 'null', '[1]', '1e999', '8640000000001', '-8640000000001'])(
    'exp %s is no expiry',
    async (exp) => {
      const { publicKey, ...own } = await signer('RS256');
      const token = own.signAsIs({ alg: 'RS256' }, JSON.stringify(claims()).replace(/"exp":\d+/, `"exp":${exp}`));
      expect(await verified(jwtAuthenticator({ ...rules, publicKey }), token)).toBeNull();
    },
  );
});

describe('S9, R9: whom a token speaks for', () => {
  const bad: [string, unknown][] = [
    ['missing', undefined],
    ['null', null],
    ['a number', 42],
    ['an array', ['ada']],
    ['an object', { id: 'ada' }],
    ['empty', ''],
    ['a space within', 'ada lovelace'],
    ['a line break', 'ada\n'],
    ['a control character', 'ada\u0000'],
    ['a letter outside ASCII', 'аda'],
    ['129 characters', 'a'.repeat(129)],
  ];

  test.each(bad)('a user id that is %s is refused, not repaired', async (_, sub) => {
    expect(await verified(jwtAuthenticator({ ...rules, secret }), await signedWithSecret(claims({ sub })))).toBeNull();
  });

  test.each(bad)('a tenant id that is %s is refused, not left out', async (_, tenant) => {
    const authenticator = jwtAuthenticator({ ...rules, secret, tenantClaim: 'tenant' });
    expect(await verified(authenticator, await signedWithSecret(claims({ tenant })))).toBeNull();
  });

  test('the sign-in comes from sid, or from the claim that the option names, if that is an id', async () => {
    const grantOf = async (payload: Record<string, unknown>, options: object = {}) =>
      (await verified(jwtAuthenticator({ ...rules, secret, ...options }), await signedWithSecret(claims(payload))))
        ?.grant_id;
    expect(await grantOf({ sid: 'laptop' })).toBe('laptop');
    expect(await grantOf({ sid: 'laptop', login: 'phone' }, { grantClaim: 'login' })).toBe('phone');
    expect(await grantOf({})).toBeUndefined();
    expect(await grantOf({ sid: 7 })).toBeUndefined();
  });

  test('ids come from the claims that the options name, and from no other', async () => {
    const payload = claims({ 'https://acme.example/user': 'u1', tenant: 't1', user_id: 'mallory', tenant_id: 'evil' });
    const token = await signedWithSecret(payload);
    const named = { ...rules, secret, userClaim: 'https://acme.example/user', tenantClaim: 'tenant' };
    expect(await verified(jwtAuthenticator(named), token)).toMatchObject({ user_id: 'u1', tenant_id: 't1' });
    const plain = await verified(jwtAuthenticator({ ...rules, secret }), token);
    expect(plain).toMatchObject({ user_id: 'ada' });
    expect(plain).not.toHaveProperty('tenant_id');
    expect(await verified(jwtAuthenticator({ ...rules, secret, userClaim: 'constructor' }), token)).toBeNull();
  });

  test('the carrier of a token changes nothing', async () => {
    const authenticator = jwtAuthenticator({ ...rules, secret });
    const token = await signedWithSecret();
    for (const carrier of ['authorization', 'subprotocol', 'cookie', 'in_band', 'call'] as const) {
      expect(await authenticator({ token, carrier })).toMatchObject({ user_id: 'ada' });
      expect(await authenticator({ token: 'none', carrier })).toBeNull();
    }
  });
});

/** A certificate of `subject`, as small as X.509 (RFC 5280, section 4.1) allows, in PEM. */
function certificate(subject: KeyObject, by: KeyObject): string {
  const der = (tag: number, ...content: Uint8Array[]): Buffer => {
    const body = Buffer.concat(content);
    return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 0xff]), body]);
  };
  const sha256WithRsa = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
  const moment = der(0x17, Buffer.from('260101000000Z'));
  const body = der(
    0x30,
    der(0x02, Buffer.from([1])),
    sha256WithRsa,
    der(0x30),
    der(0x30, moment, moment),
    der(0x30),
    subject.export({ type: 'spki', format: 'der' }),
  );
  const whole = der(0x30, body, sha256WithRsa, der(0x03, Buffer.from([0]), sign('sha256', body, by)));
  return `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
