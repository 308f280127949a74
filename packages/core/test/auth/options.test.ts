import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { type JwtAuthenticatorOptions, jwtAuthenticator } from '../../src/auth.js';
import { isThroughlineError } from '../../src/errors.js';
import { audience, issuer, secret } from './issuer.js';

const rules = { issuer, audience };
const valid = { ...rules, secret };

/** What the construction with wrong options says. */
function complaint(options: unknown): string {
  try {
    jwtAuthenticator(options as JwtAuthenticatorOptions);
  } catch (error) {
    if (isThroughlineError(error, 'OPTION_INVALID')) return error.message;
    throw error;
  }
  throw new Error('The options were accepted.');
}

function rsa(modulusLength: number) {
  return generateKeyPairSync('rsa', { modulusLength });
}

describe('the rules', () => {
  test.each([
    [{ issuer: undefined }, '`issuer` is missing'],
    [{ issuer: '' }, '`issuer` is an empty string'],
    [{ issuer: [] }, '`issuer` is an empty array'],
    [{ issuer: ['a', ''] }, '`issuer` is an array with an empty string'],
    [{ audience: undefined }, '`audience` is missing'],
    [{ audience: '  ' }, '`audience` is a string; expected a string that is not blank'],
    [{ audience: 7 }, '`audience` is 7'],
    [{ audience: [null] }, '`audience` is an array with null'],
    [{ clockToleranceSeconds: -1 }, '`clockToleranceSeconds` is -1; expected a number from 0 to 300'],
    [{ clockToleranceSeconds: 301 }, '`clockToleranceSeconds` is 301'],
    [{ clockToleranceSeconds: Number.NaN }, '`clockToleranceSeconds` is NaN'],
    [{ clockToleranceSeconds: '5' }, '`clockToleranceSeconds` is a string'],
    [{ maxTokenAgeSeconds: 0 }, '`maxTokenAgeSeconds` is 0'],
    [{ maxTokenAgeSeconds: Number.POSITIVE_INFINITY }, '`maxTokenAgeSeconds` is Infinity'],
    [{ userClaim: '' }, '`userClaim` is an empty string; expected the name of a claim'],
    [{ tenantClaim: null }, '`tenantClaim` is null'],
    [{ grantClaim: 7 }, '`grantClaim` is 7'],
    [{ requireExpiry: 'no' }, '`requireExpiry` is a string; expected true or false'],
    [{ audiance: 'x' }, '`audiance` is unknown; expected one of secret, publicKey'],
  ])('%j', (change, message) => {
    expect(complaint({ ...valid, ...change })).toContain(message);
  });

  test.each([undefined, null, 'secret'])('options that are %j', (options) => {
    expect(complaint(options)).toContain('expected an object');
  });

  test('an option that is undefined is an option not given', () => {
    const absent = { publicKey: undefined, jwksUrl: undefined, userClaim: undefined, requireExpiry: undefined };
    expect(jwtAuthenticator({ ...valid, ...absent } as unknown as JwtAuthenticatorOptions)).toBeTypeOf('function');
  });
});

describe('the source of keys', () => {
  test('is exactly one', () => {
    expect(complaint(rules)).toContain('exactly one of secret, publicKey, jwks, jwksUrl');
    expect(complaint({ ...valid, jwks: { keys: [] } })).toContain('`jwks` is given beside `secret`');
    // @ts-expect-error: the types say so, too
    expect(() => jwtAuthenticator({ ...valid, jwksUrl: 'https://issuer.example/keys' })).toThrow('beside `secret`');
  });

  test.each([
    ['short', '`secret` is 5 bytes long; expected at least 32 for HS256'],
    ['', '`secret` is 0 bytes long'],
    ['ü'.repeat(15), '`secret` is 30 bytes long'],
    [new Uint8Array(31), '`secret` is 31 bytes long'],
    [4_242_424_242, '`secret` is of type number; expected a string or a Uint8Array'],
    [null, '`secret` is of type object'],
    [createSecretKey(Buffer.alloc(32)), '`secret` is of type object'],
  ])('a secret that is none: %#', (wrong, message) => {
    expect(complaint({ ...rules, secret: wrong })).toContain(message);
  });

  test.each([
    ['HS384', 48],
    ['HS512', 64],
  ])('%s demands a secret of %i bytes', (algorithm, size) => {
    const short = { ...rules, secret: 'x'.repeat(size - 1), algorithms: [algorithm] };
    expect(complaint(short)).toContain(`at least ${size} for ${algorithm}`);
  });

  test('a public key is no secret: whoever knows it could sign', () => {
    const pem = rsa(2048).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(complaint({ ...rules, secret: pem })).toContain('`secret` is a PEM block');
    expect(complaint({ ...rules, secret: Buffer.from(pem) })).toContain('`publicKey`');
  });

  test('a private or secret key is no public key, in any form', async () => {
    const { privateKey } = rsa(2048);
    const pair = await generateKeyPair('ES256', { extractable: true });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const jwk = await exportJWK(pair.privateKey);
    expect(complaint({ ...rules, publicKey: privateKey })).toContain('`publicKey` is a private key');
    expect(complaint({ ...rules, publicKey: pair.privateKey })).toContain('`publicKey` is a private key');
    expect(complaint({ ...rules, publicKey: pem })).toContain('`publicKey` is a private key');
    expect(complaint({ ...rules, publicKey: jwk })).toContain('`publicKey` is a private key');
    expect(complaint({ ...rules, publicKey: createSecretKey(Buffer.alloc(32)) })).toContain('is a secret key');
    expect(complaint({ ...rules, publicKey: { kty: 'oct', k: 'AAAA' } })).toContain('is a shared secret');
    expect(complaint({ ...rules, jwks: { keys: [jwk] } })).toContain('`jwks.keys[0]` is a private key');
    expect(complaint({ ...rules, jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } })).toContain(
      '`jwks.keys[0]` is a shared',
    );
  });

  test('a key that is none, too weak, or made for something else', async () => {
    const weak = rsa(1024).publicKey;
    const good: JWK = await exportJWK(rsa(2048).publicKey);
    const odd = [
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey,
      generateKeyPairSync('x25519').publicKey,
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
      (await generateKeyPair('ECDH-ES')).publicKey,
      (await generateKeyPair('RSA-OAEP-256')).publicKey,
      { ...good, use: 'enc' },
      { ...good, key_ops: ['encrypt'] },
      { ...good, alg: 'RSA-OAEP' },
    ];
    for (const publicKey of odd) {
      expect(complaint({ ...rules, publicKey })).toContain('`publicKey` is a key that cannot verify a token');
    }
    expect(complaint({ ...rules, publicKey: weak })).toContain('an RSA key of 1024 bits');
    expect(complaint({ ...rules, publicKey: weak.export({ type: 'spki', format: 'pem' }) })).toContain('1024 bits');
    expect(complaint({ ...rules, jwks: { keys: [good, await exportJWK(weak)] } })).toContain(
      '`jwks.keys[1]` is an RSA',
    );
    expect(complaint({ ...rules, jwks: { keys: [{ ...good, use: 'enc' }] } })).toContain(
      '`jwks` is a set without a key',
    );
    expect(complaint({ ...rules, publicKey: 'words' })).toContain('a string that is no PEM');
    expect(complaint({ ...rules, publicKey: {} })).toContain('an object that is no JWK');
    expect(complaint({ ...rules, publicKey: 5 })).toContain('`publicKey` is 5');
  });

  test.each([
    [5, '`jwks` is 5'],
    [{}, '`jwks` is an object; expected a JWK set'],
    [{ keys: [] }, '`jwks` is a set without a key'],
    [{ keys: [null] }, '`jwks.keys[0]` is null'],
    [{ keys: [{ kty: 'RSA', n: 'AA' }] }, '`jwks.keys[0]` is an object that is no JWK'],
    [{ keys: [{ kty: 'AKP', alg: 'ML-DSA-44' }] }, '`jwks` is a set without a key'],
  ])('a set of keys that is none: %j', (jwks, message) => {
    expect(complaint({ ...rules, jwks })).toContain(message);
  });

  test.each([
    ['', '`jwksUrl` is not a URL'],
    ['keys.json', '`jwksUrl` is not a URL'],
    [7, '`jwksUrl` is 7'],
    ['ftp://issuer.example/keys', '`jwksUrl` is of the protocol ftp:'],
    ['http://issuer.example/keys', '`jwksUrl` is of the protocol http:'],
    ['http://127.0.0.1.issuer.example/keys', '`jwksUrl` is of the protocol http:'],
    ['https://user@issuer.example/keys', '`jwksUrl` is a URL with a user name or password'],
  ])('a URL of keys that is none: %j', (jwksUrl, message) => {
    expect(complaint({ ...rules, jwksUrl })).toContain(message);
  });

  test.each([
    [{ jwksTimeoutMs: 0 }, '`jwksTimeoutMs` is 0'],
    [{ jwksTimeoutMs: 60_001 }, '`jwksTimeoutMs` is 60001'],
    [{ allowInsecureJwksUrl: 1 }, '`allowInsecureJwksUrl` is 1; expected true or false'],
  ])('settings of a fetch: %j', (change, message) => {
    expect(complaint({ ...rules, jwksUrl: 'https://issuer.example/keys', ...change })).toContain(message);
  });

  test.each([
    { jwksUrl: 'https://issuer.example/keys' },
    { jwksUrl: new URL('https://issuer.example/keys') },
    { jwksUrl: 'http://localhost:8080/keys' },
    { jwksUrl: 'http://127.0.0.1/keys' },
    { jwksUrl: 'http://[::1]/keys' },
    { jwksUrl: 'http://issuer.mesh/keys', allowInsecureJwksUrl: true },
  ])('a URL of keys: %j', (source) => {
    expect(jwtAuthenticator({ ...rules, ...source })).toBeTypeOf('function');
  });
});

describe('the algorithms', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwksUrl = 'https://issuer.example/keys';

  test.each([
    [{ secret }, ['none'], 'an array with "none"; expected an array of what fits the key: HS256, HS384, HS512'],
    [{ publicKey }, ['none'], 'an array with "none"'],
    [{ jwksUrl }, ['RS256', 'none'], 'an array with "none"'],
    [{ secret }, ['HS256', 'RS256'], 'an array with "RS256"'],
    [{ publicKey }, ['ES256', 'HS256'], 'an array with "HS256"; expected an array of what fits the key: ES256'],
    [{ publicKey }, ['RS256'], 'an array with "RS256"'],
    [{ jwksUrl }, ['RS256', 'HS256'], 'an array with "HS256"'],
    [{ jwksUrl }, [], '`algorithms` is an empty array'],
    [{ jwksUrl }, 'RS256', '`algorithms` is a string'],
    [{ jwksUrl }, [256], 'an array with 256'],
    [{ jwksUrl }, ['rs256'], 'an array with "rs256"'],
  ])('key confusion and mistakes: %#', (source, algorithms, message) => {
    expect(complaint({ ...rules, ...source, algorithms })).toContain(message);
  });

  test('a fixed set offers what its keys can do', async () => {
    const jwks = { keys: [await exportJWK(publicKey), { ...(await exportJWK(rsa(2048).publicKey)), alg: 'PS256' }] };
    expect(complaint({ ...rules, jwks, algorithms: ['RS256'] })).toContain('fits the key: PS256, ES256');
    expect(jwtAuthenticator({ ...rules, jwks, algorithms: ['PS256'] })).toBeTypeOf('function');
  });

  test('a CryptoKey is good for the one algorithm that it was made for', async () => {
    const pair = await generateKeyPair('PS384');
    const options = { ...rules, publicKey: pair.publicKey, algorithms: ['PS256'] };
    expect(complaint(options)).toContain('fits the key: PS384.');
  });
});

test('no complaint tells a secret', () => {
  const password = 'hunter2-hunter2';
  const { privateKey } = rsa(2048);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const complaints = [
    complaint({ ...rules, secret: password }),
    complaint({ ...valid, publicKey: password }),
    complaint({ ...rules, secret, algorithms: ['HS512'] }),
    complaint({ ...rules, publicKey: password }),
    complaint({ ...rules, publicKey: pem }),
    complaint({ ...rules, publicKey: { kty: 'RSA', n: password, d: password } }),
    complaint({ ...rules, publicKey: { kty: 'EC', crv: password } }),
    complaint({ ...rules, jwks: password }),
    complaint({ ...rules, jwksUrl: password }),
    complaint({ ...rules, jwksUrl: `https://user:${password}@issuer.example/` }),
    complaint({ ...rules, jwksUrl: `http://issuer.example/?key=${password}` }),
  ];
  for (const message of complaints) {
    expect(message).not.toContain(password);
    expect(message).not.toContain(secret);
    expect(message).not.toContain(pem.split('\n')[1]);
  }
});
