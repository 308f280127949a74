// Tokens that somebody made up or changed: RFC 8725 lists most of these attacks.
import { createHmac, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { CompactEncrypt, exportSPKI, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Authenticator, type Identity, jwtAuthenticator } from '../../src/auth.js';
import { audience, claims, issuer, part, type Signer, seconds, secret, signedWithSecret, signer } from './issuer.js';

const rules = { issuer, audience };

async function verified(authenticator: Authenticator, token: string): Promise<Identity | null> {
  return await authenticator({ token, carrier: 'call' });
}

describe('S10: a forged token is a verdict, never a throw', () => {
  let own: Signer;
  let other: Signer;
  let pem: string;
  let authenticators: Authenticator[];

  beforeAll(async () => {
    own = await signer('RS256', 'own');
    other = await signer('RS256', 'own');
    pem = await exportSPKI(own.publicKey);
    authenticators = [
      jwtAuthenticator({ ...rules, publicKey: pem }),
      jwtAuthenticator({ ...rules, publicKey: own.publicKey }),
      jwtAuthenticator({ ...rules, jwks: { keys: [own.jwk] } }),
    ];
  });

  /** The issuer's own signature under a header that it never wrote. */
  const headed = async (header: object) => own.signAsIs(header, claims());

  const hmac = (key: string) => {
    const input = `${part({ alg: 'HS256' })}.${part(claims())}`;
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
  };

  const forgeries: [string, () => Promise<string>][] = [
    ['unsecured', async () => new UnsecuredJWT(claims()).encode()],
    ['alg none, with a signature', () => headed({ alg: 'none' })],
    ['alg nOnE', () => headed({ alg: 'nOnE' })],
    ['no alg', () => headed({ typ: 'JWT' })],
    ['alg not a string', () => headed({ alg: ['RS256'] })],
    ['alg __proto__', () => headed({ alg: '__proto__' })],
    ['HMAC with another secret', () => signedWithSecret(claims(), 'x'.repeat(32))],
    ['HMAC with an empty secret', async () => hmac('')],
    ['HMAC with the public key as its secret', () => signedWithSecret(claims(), pem)],
    [
      'HMAC with the bytes of the public key',
      () => signedWithSecret(claims(), createPublicKey(pem).export({ type: 'spki', format: 'der' })),
    ],
    ['another algorithm of the same key', () => headed({ alg: 'PS256', kid: 'own' })],
    ['another type of key', async () => (await signer('ES256', 'own')).sign()],
    ['another key under the same kid', () => other.sign()],
    ['the wrong audience', () => own.sign(claims({ aud: 'elsewhere' }))],
    ['no audience', () => own.sign(claims({ aud: undefined }))],
    ['the wrong issuer', () => own.sign(claims({ iss: `${issuer}/` }))],
    ['no issuer', () => own.sign(claims({ iss: undefined }))],
    ['an issuer in an array', () => own.sign({ ...claims(), iss: [issuer] as unknown as string })],
    ['expired', () => own.sign(claims({ exp: seconds(-60) }))],
    ['not yet valid', () => own.sign(claims({ nbf: seconds(60) }))],
    [
      'a payload changed after the signature',
      async () => {
        const [header, , signature] = (await own.sign()).split('.');
        return `${header}.${part(claims({ sub: 'admin' }))}.${signature}`;
      },
    ],
    ['cut off', async () => (await own.sign()).slice(0, -10)],
    ['without signature', async () => (await own.sign()).replace(/[^.]+$/, '')],
    ['two parts', async () => (await own.sign()).replace(/\.[^.]+$/, '')],
    ['four parts', async () => `${await own.sign()}.`],
    [
      'encrypted',
      () =>
        new CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims())))
          .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
          .encrypt(createPublicKey(pem)),
    ],
    [
      'JSON serialisation',
      async () => {
        const [header, payload, signature] = (await own.sign()).split('.');
        return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
      },
    ],
    ['a critical header that nobody knows', () => headed({ alg: 'RS256', crit: ['exp'], exp: 1 })],
    ['an empty list of critical headers', () => headed({ alg: 'RS256', crit: [] })],
    ['an unencoded payload', () => headed({ alg: 'RS256', b64: false, crit: ['b64'] })],
    ['a payload that is an array', async () => own.signAsIs({ alg: 'RS256' }, [1])],
    ['a payload that is not JSON', async () => own.signAsIs({ alg: 'RS256' }, '{')],
    ['empty', async () => ''],
    ['dots', async () => '..'],
    ['words', async () => 'Bearer token'],
    ['outside ASCII', async () => `é${await own.sign()}`],
  ];

  test('the control: what is forged below is accepted as it was', async () => {
    for (const authenticator of authenticators) {
      expect(await verified(authenticator, await own.sign())).toMatchObject({ user_id: 'ada' });
      expect(await verified(authenticator, await headed({ alg: 'RS256' }))).toMatchObject({ user_id: 'ada' });
    }
    expect(await verified(jwtAuthenticator({ ...rules, secret }), hmac(secret))).toMatchObject({ user_id: 'ada' });
  });

  test.each(forgeries)('%s', async (_, forge) => {
    const token = await forge();
    for (const authenticator of authenticators) expect(await verified(authenticator, token)).toBeNull();
    expect(await verified(jwtAuthenticator({ ...rules, secret }), token)).toBeNull();
  });

  test('a token of up to 8 KiB is read, a longer one is not', async () => {
    let fits = '';
    let long = '';
    for (let filler = 5_700; long.length <= 8_192; filler += 1) {
      fits = long;
      long = await own.sign(claims({ filler: 'x'.repeat(filler) }));
    }
    expect(fits.length).toBeGreaterThan(8_189);
    for (const authenticator of authenticators) {
      expect(await verified(authenticator, fits)).not.toBeNull();
      expect(await verified(authenticator, long)).toBeNull();
    }
  });

  test('what is not a string is refused', async () => {
    for (const token of [undefined, null, 1, {}, new Uint8Array(3)]) {
      for (const authenticator of authenticators) expect(await verified(authenticator, token as string)).toBeNull();
    }
  });

  test('a token changed anywhere is refused, or says exactly what it said', async () => {
    const token = await own.sign();
    const genuine = await Promise.all(authenticators.map((authenticator) => verified(authenticator, token)));
    const change = fc.record({
      at: fc.nat(token.length - 1),
      removed: fc.nat(3),
      added: fc.string({
        unit: fc.constantFrom('A', 'z', '0', '-', '_', '.', '=', '+', '/', ' ', '\u0000', 'é'),
        maxLength: 3,
      }),
    });
    expect(genuine).not.toContain(null);
    await fc.assert(
      fc.asyncProperty(change, async ({ at, removed, added }) => {
        const changed = token.slice(0, at) + added + token.slice(at + removed);
        for (const [index, authenticator] of authenticators.entries()) {
          // The last character of base64url may hold bits that mean nothing: another spelling of the same bytes.
          expect([null, genuine[index]]).toContainEqual(await verified(authenticator, changed));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('no header makes an authenticator throw or accept what it should not', async () => {
    const [, payload, signature] = (await other.sign()).split('.');
    const names = ['kid', 'crit', 'b64', 'jku', 'x5u', 'jwk', 'x5c', 'typ', 'cty', 'zip', 'enc', '__proto__'];
    const header = fc.record({
      alg: fc.oneof(fc.constantFrom('RS256', 'PS256', 'ES256', 'EdDSA', 'HS256', 'none', 'dir'), fc.jsonValue()),
      rest: fc.dictionary(fc.constantFrom(...names), fc.jsonValue()),
    });
    expect(authenticators).toHaveLength(3);
    await fc.assert(
      fc.asyncProperty(header, async ({ alg, rest }) => {
        const token = `${part({ ...rest, alg })}.${payload}.${signature}`;
        for (const authenticator of authenticators) expect(await verified(authenticator, token)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
